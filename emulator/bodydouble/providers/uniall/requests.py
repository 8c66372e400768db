"""Reading UniAll's documented Kling v3 create request.

Source: the create page (seed), whose examples outrank its own table, and the Kling overview. V1 to
V13 are the fact sheet's rules; `standing.yaml` lists which of them are assumed, and the table's
cells that are not served.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn

from pydantic import BaseModel, ConfigDict, ValidationError

from bodydouble.core.errors import FieldProblem, Flaw
from bodydouble.core.jobs import Submission
from bodydouble.core.media.frames import DEFAULT_FPS, frame_size
from bodydouble.core.media.inputs import Given, read_picture
from bodydouble.core.wire import Call
from bodydouble.providers.newapi.catalogue import Row
from bodydouble.providers.newapi.errors import bad_field, no_model
from bodydouble.providers.newapi.orders import Order, frames, json_body, row_of, whole

RATIOS = ("16:9", "9:16", "1:1")
SHOT_TYPES = ("customize", "intelligent")
DURATION_S = (3, 15)
# What must be there: by the overview nothing, by the table what none of its page's examples leaves
# out, by the table's letter every cell of it.
DEMANDED: Mapping[str, tuple[str, ...]] = {
    "overview": (),
    "table": ("duration", "extra_body"),
    "letter": ("prompt", "image", "last_image", "aspect_ratio", "duration", "extra_body"),
}
TEXT_MAX = 2500
SHOTS_MAX = 6
SHOT_TEXT_MAX = 512
PICTURE_BYTES_MAX = 10 * 1024 * 1024
PICTURE_SIDE_MIN = 300
PICTURE_RATIO_MAX = 2.5
# Between shots in the prompt that polls echo and the picture shows.
SHOT_BREAK = " / "
_OPEN = ConfigDict(strict=True, extra="ignore", protected_namespaces=())


class Shot(BaseModel):
    """One shot; only ``prompt`` is documented."""

    model_config = _OPEN

    prompt: str
    duration: int | str | None = None


class Extra(BaseModel):
    """``extra_body``."""

    model_config = _OPEN

    negative_prompt: str | None = None
    cfg_scale: float | None = None
    shot_type: str | None = None
    multi_prompt: list[Shot] | None = None
    element_list: list[Any] | None = None


class Create(BaseModel):
    """The documented body; unknown fields are ignored (V12), null means absent."""

    model_config = _OPEN

    prompt: str | None = None
    image: str | None = None
    last_image: str | None = None
    aspect_ratio: str | None = None
    duration: int | str | None = None
    extra_body: Extra | None = None


def read_create(call: Call, rows: Mapping[str, Row]) -> Order:
    """The order in a request. Refused: CONTENT_TYPE, BAD_BODY, INVALID, UNKNOWN_MODEL."""
    body = json_body(call)
    model = body.get("model")
    if not isinstance(model, str) or not model:
        raise no_model(model)
    row = row_of(rows, model)
    asked = _typed(body)
    _check_required(asked, call.quirk("uniall.required_fields"))
    extra = asked.extra_body or Extra()
    _check_modes(asked, extra, bool(call.quirk("uniall.text_multi_prompt")))
    _check_extra(asked, extra)
    seconds = _seconds("duration", asked.duration, row.default_s)
    _within("duration", seconds, *DURATION_S)
    _check_shots(extra.multi_prompt or [], seconds)
    ratio = RATIOS[0] if asked.aspect_ratio is None else asked.aspect_ratio
    if ratio not in RATIOS:
        _refuse("aspect_ratio", Flaw.CHOICE, f"aspect_ratio must be one of {_list(RATIOS)}")
    pictures = _picture("image", asked.image), _picture("last_image", asked.last_image)
    return _order(row, _prompt(asked, extra), seconds, ratio, pictures)


def _typed(body: dict[str, Any]) -> Create:
    tidy = {name: whole(value) for name, value in body.items()}
    try:
        return Create.model_validate(tidy)
    except ValidationError as error:
        first = error.errors()[0]
        # A union names its branches after the field; they are no part of the client's path.
        place = [part for part in first["loc"] if part not in ("int", "str")]
        path = ".".join(map(str, place))
        text = f"{path}: {first['msg'].removeprefix('Input ')}"
        _refuse(path, Flaw.MISSING if first["type"] == "missing" else Flaw.TYPE, text)


def _check_required(asked: Create, reading: str) -> None:
    """What the seed page's table demands, as far as this reading follows it."""
    for name in DEMANDED[reading]:
        if getattr(asked, name) is None:
            _refuse(name, Flaw.MISSING, f"{name} is required")
    if reading == "letter" and not isinstance(asked.duration, str):
        _refuse("duration", Flaw.TYPE, "duration must be a string")


def _check_modes(asked: Create, extra: Extra, shots_from_text: bool) -> None:
    """V2, V3, V8, V9: which fields go together."""
    prompt, shots = bool((asked.prompt or "").strip()), bool(extra.multi_prompt)
    if asked.last_image and not asked.image:
        _refuse("last_image", Flaw.CONFLICT, "last_image requires image")
    if asked.last_image and shots:
        _refuse("last_image", Flaw.CONFLICT, "last_image and multi_prompt exclude each other")
    if asked.image and prompt and shots:
        _refuse("prompt", Flaw.CONFLICT, "prompt and multi_prompt exclude each other")
    if not asked.image and shots and not shots_from_text:
        _refuse("extra_body.multi_prompt", Flaw.CONFLICT, "multi_prompt requires image")
    if not prompt and not shots:
        _refuse("prompt", Flaw.MISSING, "prompt is required")


def _check_extra(asked: Create, extra: Extra) -> None:
    """V10, and the two documented shot types."""
    for name, text in (
        ("prompt", asked.prompt),
        ("extra_body.negative_prompt", extra.negative_prompt),
    ):
        if text is not None and len(text) > TEXT_MAX:
            _refuse(name, Flaw.LENGTH, f"{name} is longer than {TEXT_MAX} characters")
    if extra.cfg_scale is not None:
        _within("extra_body.cfg_scale", extra.cfg_scale, 0, 1)
    if extra.shot_type is not None and extra.shot_type not in SHOT_TYPES:
        name = "extra_body.shot_type"
        _refuse(name, Flaw.CHOICE, f"{name} must be one of {_list(SHOT_TYPES)}")


def _check_shots(shots: list[Shot], seconds: int) -> None:
    """V10, V11: at most six shots, each short, whose lengths add up where all have one."""
    name = "extra_body.multi_prompt"
    if len(shots) > SHOTS_MAX:
        _refuse(name, Flaw.LENGTH, f"{name} has more than {SHOTS_MAX} shots")
    for number, shot in enumerate(shots):
        if not shot.prompt.strip():
            _refuse(f"{name}.{number}.prompt", Flaw.MISSING, f"shot {number + 1} has no prompt")
        if len(shot.prompt) > SHOT_TEXT_MAX:
            text = f"shot {number + 1} is longer than {SHOT_TEXT_MAX} characters"
            _refuse(f"{name}.{number}.prompt", Flaw.LENGTH, text)
    lengths = [
        _seconds(f"{name}.{number}.duration", shot.duration, 0)
        for number, shot in enumerate(shots)
        if shot.duration is not None
    ]
    if any(length < 1 for length in lengths):
        _refuse(name, Flaw.RANGE, "a shot lasts at least 1 second")
    if lengths and len(lengths) == len(shots) and sum(lengths) != seconds:
        text = f"the shots last {sum(lengths)} seconds together, not {seconds}"
        _refuse(name, Flaw.CONFLICT, text)


def _seconds(name: str, given: int | str | None, default: int) -> int:
    """An integer, or one written as text (V4); ``default`` where nothing was given (V5)."""
    if given is None:
        return default
    if isinstance(given, str):
        if not (given.isascii() and given.isdigit() and len(given) <= 4):
            _refuse(name, Flaw.TYPE, f"{name} must be an integer number of seconds")
        return int(given)
    return given


def _picture(name: str, text: str | None) -> Given | None:
    if not text:
        return None
    try:
        given = read_picture(text)
    except ValueError as error:
        _refuse(name, Flaw.FORMAT, f"{name}: {error}")
    if given.blob is not None and (wrong := _unfit(given)):
        _refuse(name, Flaw.FORMAT, f"{name}: {wrong}")
    return given


def _unfit(given: Given) -> str:
    """What V10 finds wrong with a picture whose bytes came along."""
    assert given.blob is not None
    if given.kind not in ("png", "jpeg"):
        return "a picture must be JPEG or PNG"
    if len(given.blob.data) > PICTURE_BYTES_MAX:
        return "a picture has at most 10 MB"
    if given.size is None or min(given.size) < PICTURE_SIDE_MIN:
        return f"a picture has at least {PICTURE_SIDE_MIN} pixels a side"
    if max(given.size) > PICTURE_RATIO_MAX * min(given.size):
        return "a picture is at most 2.5 times as long as wide"
    return ""


def _prompt(asked: Create, extra: Extra) -> str:
    shots = [shot.prompt for shot in extra.multi_prompt or []]
    return SHOT_BREAK.join(shots) if shots else asked.prompt or ""


def _order(
    row: Row, prompt: str, seconds: int, ratio: str, pictures: tuple[Given | None, Given | None]
) -> Order:
    stills = frames(*pictures)
    width, height = frame_size(ratio, row.short_side)
    submission = Submission(
        operation="generate" if stills.first else "textGenerate",
        model=row.model,
        prompt=prompt,
        price=row.price(seconds),
        names={},
        width=width,
        height=height,
        fps=DEFAULT_FPS,
        duration_ms=seconds * 1000,
        audio=row.audio,
        first_frame=stills.first,
        last_frame=stills.last,
    )
    return Order(submission, stills.blobs)


def _within(name: str, value: float, low: int, high: int) -> None:
    if not low <= value <= high:
        _refuse(name, Flaw.RANGE, f"{name} must be between {low} and {high}")


def _list(choices: tuple[str, ...]) -> str:
    return ", ".join(choices)


def _refuse(path: str, flaw: Flaw, text: str) -> NoReturn:
    raise bad_field(FieldProblem(path, flaw, text=text))
