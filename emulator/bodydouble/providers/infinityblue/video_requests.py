"""Reading InfinityBlue's create requests of `/v1/videos`: Seedance's members and Grok's.

Sources: openapi/videos.en.yaml and grok-video.en.yaml of the vendor's documentation. Members that
no page names are ignored, null means absent, and so is what a page calls without effect.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Literal, NoReturn

from pydantic import BaseModel, ConfigDict, ValidationError

from bodydouble.core.errors import Cause, FieldProblem, Flaw, Refused
from bodydouble.core.jobs import Submission
from bodydouble.core.media.frames import DEFAULT_FPS, frame_size
from bodydouble.core.media.inputs import Given, read_picture
from bodydouble.core.money.amounts import rounded
from bodydouble.core.wire import Call
from bodydouble.providers.newapi.catalogue import Row
from bodydouble.providers.newapi.orders import Order, frames, json_body, row_of, whole

SECONDS = {"seedance": (4, 15), "grok": (1, 15)}
SIDES = {"480p": 480, "720p": 720, "1080p": 1080}
RATIOS = ("21:9", "16:9", "4:3", "1:1", "3:4", "9:16")
FOLLOWING = ("adaptive", "auto")
# What a resolution costs beside 720p; no page has a price.
_SHARES = {480: Decimal("0.5"), 720: Decimal(1), 1080: Decimal("2.25")}
_ROLES = ("first_frame", "last_frame", "reference_image", "reference_video", "reference_audio")
_REJECTED_SIZES = ("1792x1024", "1024x1792")
_SIZE = re.compile(r"([1-9][0-9]{1,3})x([1-9][0-9]{1,3})")


class Asset(BaseModel):
    """One of ``metadata.content``; the object named like its type has the address."""

    model_config = ConfigDict(strict=True, extra="allow")

    type: Literal["image_url", "video_url", "audio_url"]
    role: Literal[_ROLES] | None = None  # type: ignore[valid-type]


class Metadata(BaseModel):
    """The older home of several members."""

    model_config = ConfigDict(strict=True, extra="allow")

    duration: int | None = None
    resolution: Literal["480p", "720p", "1080p"] | None = None
    ratio: str | None = None
    generate_audio: bool | None = None
    seed: int | None = None
    content: list[Asset] | None = None


class Common(BaseModel):
    """What both families take."""

    model_config = ConfigDict(strict=True, extra="ignore", protected_namespaces=())

    model: str | None = None
    prompt: str | None = None
    seconds: str | None = None
    duration: float | None = None
    size: str | None = None
    image: str | None = None
    ref_images: list[str] | None = None
    user: str | None = None


class Seedance(Common):
    """Seedance 2.0."""

    resolution: Literal["480p", "720p", "1080p"] | None = None
    ratio: str | None = None
    generate_audio: bool | None = None
    watermark: bool | None = None
    camera_fixed: bool | None = None
    return_last_frame: bool | None = None
    seed: int | None = None
    n: int | None = None
    response_format: Literal["url"] | None = None
    metadata: Metadata | None = None


class Grok(Common):
    """Grok Imagine."""

    input_reference: str | None = None
    images: list[str] | None = None


def read_video(call: Call, rows: Mapping[str, Row]) -> Order:
    """The order in a request. Refused: CONTENT_TYPE, BAD_BODY, INVALID, UNKNOWN_MODEL."""
    body = {name: whole(value) for name, value in json_body(call).items()}
    model = body.get("model")
    if not isinstance(model, str) or not model.strip():
        _refuse("model", Flaw.MISSING, "it is required.")
    row = row_of(rows, model)
    if row.stock:
        # The pages of this route list the ids of two families.
        raise Refused(Cause.UNKNOWN_MODEL, model=model)
    try:
        asked = (Seedance if row.kind == "seedance" else Grok).model_validate(body)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        kind = Flaw.CHOICE if first["type"] == "literal_error" else Flaw.TYPE
        _refuse(place, kind, f"it {first['msg'].removeprefix('Input ')}.")
    if not (asked.prompt or "").strip():
        _refuse("prompt", Flaw.MISSING, "it is required.")
    return _seedance(asked, row) if isinstance(asked, Seedance) else _grok(asked, row)


def _seedance(asked: Seedance, row: Row) -> Order:
    more = asked.metadata or Metadata()
    if asked.n not in (None, 1):
        _refuse("n", Flaw.RANGE, "it must be 1.")
    seconds = _seconds(asked, row, more.duration)
    side = SIDES[asked.resolution or more.resolution or "720p"]
    ratio = asked.ratio or more.ratio
    if ratio is not None and ratio not in (*FOLLOWING, *RATIOS):
        _refuse("ratio", Flaw.CHOICE, f"it must be one of {', '.join((*FOLLOWING, *RATIOS))}.")
    pictures = [_picture("image", asked.image)] if asked.image else []
    pictures += [_picture("ref_images", one) for one in asked.ref_images or []]
    size = _sized(asked.size) if ratio is None and asked.resolution is None else None
    if size is None:
        size = frame_size(_shape(ratio, pictures), side)
    audio = bool(asked.generate_audio if asked.generate_audio is not None else more.generate_audio)
    price = rounded(row.units * Decimal(str(seconds)) * _SHARES[side])
    seed = asked.seed if asked.seed is not None else more.seed
    return _order(
        row,
        asked.prompt or "",
        seconds=seconds,
        size=size,
        pictures=pictures,
        price=price,
        audio=audio,
        seed=seed,
    )


def _grok(asked: Grok, row: Row) -> Order:
    seconds = _seconds(asked, row, None)
    if asked.image and asked.input_reference:
        _refuse("input_reference", Flaw.CONFLICT, "image says the same: give one of them.")
    if asked.images and asked.ref_images:
        _refuse("ref_images", Flaw.CONFLICT, "images says the same: give one of them.")
    first, others = asked.image or asked.input_reference, asked.images or asked.ref_images or []
    if "preview" in row.model:
        if others:
            _refuse("images", Flaw.UNSUPPORTED, "this model takes one image, as image.")
        if not first:
            _refuse("image", Flaw.MISSING, "this model makes videos of an image.")
    if first and others:
        _refuse("images", Flaw.CONFLICT, "it excludes image.")
    if asked.size in _REJECTED_SIZES:
        _refuse("size", Flaw.CHOICE, "this size is not supported.")
    pictures = [_picture("image", one) for one in ([first] if first else others)]
    across, down = _sized(asked.size) or (16, 9)
    size = frame_size(f"{across}:{down}", row.short_side)
    return _order(
        row,
        asked.prompt or "",
        seconds=seconds,
        size=size,
        pictures=pictures,
        price=row.price(seconds),
        audio=row.audio,
    )


def _seconds(asked: Common, row: Row, older: int | None) -> int | float:
    low, high = SECONDS[row.kind]
    given = [one for one in (asked.seconds, asked.duration, older) if one is not None]
    if len(given) > 1:
        _refuse("seconds", Flaw.CONFLICT, "it may not be given together with duration.")
    name = "seconds" if asked.duration is None else "duration"
    if not given:
        return row.default_s
    written = given[0]
    told: int | float = 0
    if not isinstance(written, str):
        told = int(written) if float(written).is_integer() else written
    elif re.fullmatch(r"[1-9][0-9]?", written):
        told = int(written)
    if not low <= told <= high:
        article = "Supported" if row.kind == "seedance" else "The supported"
        text = f"Invalid duration. {article} range is {low} to {high} seconds."
        problem = FieldProblem(name, Flaw.RANGE, text=text)
        raise Refused(Cause.INVALID, text, fields=(problem,), code="invalid_duration")
    return told


def _sized(text: str | None) -> tuple[int, int] | None:
    if text is None:
        return None
    found = _SIZE.fullmatch(text)
    if found is None:
        _refuse("size", Flaw.FORMAT, "it is written as 1280x720.")
    width, height = int(found[1]), int(found[2])
    if not 1 / 4 <= width / height <= 4:
        _refuse("size", Flaw.RANGE, "neither side may be over four times the other.")
    return width + width % 2, height + height % 2


def _shape(ratio: str | None, pictures: list[Given]) -> str:
    if ratio is not None and ratio not in FOLLOWING:
        return ratio
    size = pictures[0].size if pictures else None
    if size is None:
        return "16:9"
    return min(RATIOS, key=lambda one: abs(_quotient(one) - size[0] / size[1]))


def _quotient(ratio: str) -> float:
    across, down = ratio.split(":")
    return int(across) / int(down)


def _picture(name: str, text: str) -> Given:
    try:
        return read_picture(text)
    except ValueError as error:
        _refuse(name, Flaw.FORMAT, f"{error}.")


def _order(
    row: Row,
    prompt: str,
    *,
    seconds: int | float,
    size: tuple[int, int],
    pictures: list[Given],
    price: int,
    audio: bool,
    seed: int | None = None,
) -> Order:
    stills = frames(pictures[0] if pictures else None)
    submission = Submission(
        operation="generate" if pictures else "textGenerate",
        model=row.model,
        prompt=prompt,
        price=price,
        names={},
        width=size[0],
        height=size[1],
        fps=DEFAULT_FPS,
        duration_ms=round(seconds * 1000),
        audio=audio,
        seed=seed,
        first_frame=stills.first,
        extra={"seconds": seconds},
    )
    return Order(submission, stills.blobs)


def _refuse(name: str, flaw: Flaw, text: str) -> NoReturn:
    raise Refused(Cause.INVALID, text, fields=(FieldProblem(name, flaw, text=text),))
