"""Reading InfinityBlue's documented create request.

Source: the seed page (fields and samples); it states no ranges, so the bounds are those of a video
that can be made here, and a field outside them is refused by its name.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn

from pydantic import BaseModel, ConfigDict, ValidationError

from bodydouble.core.errors import Cause, FieldProblem, Flaw, Refused
from bodydouble.core.jobs import Submission
from bodydouble.core.media.frames import DEFAULT_FPS
from bodydouble.core.media.inputs import Given, read_picture
from bodydouble.core.media.plan import even
from bodydouble.core.wire import Call
from bodydouble.providers.newapi.catalogue import Row
from bodydouble.providers.newapi.orders import (
    DURATION_MAX_S,
    DURATION_MIN_S,
    FPS,
    PIXELS,
    SEED_MAX,
    SIDE,
    Order,
    frames,
    json_body,
    row_of,
    whole,
)

SIZE = (1280, 720)
VIDEOS_MAX = 10
_INTEGERS = ("width", "height", "fps", "seed", "n")


class Create(BaseModel):
    """The documented body; unknown fields are ignored, null means absent."""

    model_config = ConfigDict(strict=True, extra="ignore", protected_namespaces=())

    model: str | None = None
    prompt: str | None = None
    image: str | None = None
    duration: float | None = None
    width: int | None = None
    height: int | None = None
    fps: int | None = None
    seed: int | None = None
    n: int | None = None
    response_format: str | None = None
    user: str | None = None
    metadata: dict[str, Any] | None = None


def read_create(call: Call, rows: Mapping[str, Row]) -> Order:
    """The order in a request. Refused: CONTENT_TYPE, BAD_BODY, INVALID, UNKNOWN_MODEL."""
    body = json_body(call)
    tidy = {name: whole(value) if name in _INTEGERS else value for name, value in body.items()}
    try:
        asked = Create.model_validate(tidy)
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0])
        _refuse(name, Flaw.TYPE, f"it {first['msg'].removeprefix('Input ')}.")
    if not (asked.model or "").strip():
        _refuse("model", Flaw.MISSING, "it is required.")
    row = row_of(rows, asked.model or "")
    if not (asked.prompt or "").strip():
        _refuse("prompt", Flaw.MISSING, "it is required.")
    _check_ranges(asked)
    return _order(asked, row, _picture(asked.image))


def _check_ranges(asked: Create) -> None:
    for name, low, high in (
        ("duration", DURATION_MIN_S, DURATION_MAX_S),
        ("width", *SIDE),
        ("height", *SIDE),
        ("fps", *FPS),
        ("seed", -SEED_MAX, SEED_MAX),
        ("n", 1, VIDEOS_MAX),
    ):
        value = getattr(asked, name)
        if value is not None and not low <= value <= high:
            if name == "duration":
                # The word of the vendor's other video pages.
                text = f"Invalid duration. Supported range is {low} to {high} seconds."
                problem = FieldProblem(name, Flaw.RANGE, text=text)
                raise Refused(Cause.INVALID, text, fields=(problem,), code="invalid_duration")
            _refuse(name, Flaw.RANGE, f"it must lie between {low} and {high}.")
    if asked.response_format not in (None, "url"):
        _refuse("response_format", Flaw.CHOICE, "it must be 'url'.")


def _size(asked: Create) -> tuple[int, int]:
    """Even sides, as the video will have; one side alone makes 16:9."""
    width, height = asked.width, asked.height
    if width is None and height is None:
        return SIZE
    width = even(width if width is not None else round((height or 0) * 16 / 9))
    height = even(height if height is not None else round(width * 9 / 16))
    for name, side in (("width", width), ("height", height)):
        if not SIDE[0] <= side <= SIDE[1]:
            _refuse(name, Flaw.RANGE, f"it must lie between {SIDE[0]} and {SIDE[1]}.")
    if width * height > PIXELS:
        _refuse("width", Flaw.RANGE, f"width x height must not exceed {PIXELS} pixels.")
    return width, height


def _picture(text: str | None) -> Given | None:
    if not text:
        return None
    try:
        return read_picture(text)
    except ValueError as error:
        _refuse("image", Flaw.FORMAT, f"{error}.")


def _order(asked: Create, row: Row, picture: Given | None) -> Order:
    seconds = whole(asked.duration if asked.duration is not None else row.default_s)
    width, height = _size(asked)
    stills = frames(picture)
    submission = Submission(
        operation="generate" if picture else "textGenerate",
        model=row.model,
        prompt=asked.prompt or "",
        price=row.price(seconds),
        names={},
        width=width,
        height=height,
        fps=asked.fps or DEFAULT_FPS,
        duration_ms=round(seconds * 1000),
        audio=row.audio,
        seed=asked.seed,
        first_frame=stills.first,
        extra={"seconds": seconds},
    )
    return Order(submission, stills.blobs)


def _refuse(name: str, flaw: Flaw, text: str) -> NoReturn:
    raise Refused(Cause.INVALID, text, fields=(FieldProblem(name, flaw, text=text),))
