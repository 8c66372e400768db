"""The members of Kling's bodies: texts, pictures, switches, and what is said of a bad one.

A member that is null or an empty text is a member left out, as the vendor's own examples have it
(`"callback_url": ""`). It knows pydantic's errors and no route.
"""

from __future__ import annotations

import binascii
from base64 import b64decode
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from bodydouble.core.errors import Cause, FieldProblem, Flaw, Refused
from bodydouble.core.media.inputs import Given, is_web_url, picture_of, read_picture

T = TypeVar("T", bound=BaseModel)
EXTERNAL_ID_MAX = 255
SIDE_MIN = 300
# A picture is at most two and a half times as wide as it is high, or the other way round.
SHAPE_MAX = 2.5
_FLAWS = {"missing": Flaw.MISSING, "literal_error": Flaw.CHOICE}
_RANGES = ("greater_than", "less_than", "too_long", "too_short", "string_too")


class Members(BaseModel):
    """A body or a part of one: what it does not know it passes over, as the vendor was seen to."""

    model_config = ConfigDict(strict=True, extra="ignore", protected_namespaces=())


def _whole(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value


Whole = Annotated[int, BeforeValidator(_whole)]
Share = Annotated[float, Field(ge=0, le=1)]
ExternalId = Annotated[str, Field(max_length=EXTERNAL_ID_MAX)]


Move = Annotated[float, Field(ge=-10, le=10)]


class Watermark(Members):
    """Whether a second film with a watermark is made, too."""

    enabled: bool = False


class Axes(Members):
    """How far the camera moves; one of the six is not nothing."""

    horizontal: Move = 0
    vertical: Move = 0
    pan: Move = 0
    tilt: Move = 0
    roll: Move = 0
    zoom: Move = 0


class Camera(Members):
    """How the camera moves."""

    type: Literal["simple", "down_back", "forward_up", "right_turn_forward", "left_turn_forward"]
    config: Axes | None = None


class Point(Members):
    """A place in a picture, from its lower left corner."""

    x: Whole
    y: Whole


class Brush(Members):
    """What moves in a picture, and along which way."""

    mask: str
    trajectories: Annotated[list[Point], Field(min_length=2, max_length=77)]


class Shot(Members):
    """One of several shots."""

    index: Whole
    prompt: Annotated[str, Field(max_length=512)]
    duration: str


class Voice(Members):
    """A voice by its id."""

    voice_id: str


class Element(Members):
    """A person or thing by its id."""

    element_id: Whole | str


class ListedImage(Members):
    """One of several pictures."""

    image: str


class OmniImage(Members):
    """One of several pictures, and what it is for."""

    image_url: str
    type: Literal["first_frame", "end_frame"] | None = None


class OmniVideo(Members):
    """A video, to be changed (``base``) or to be followed (``feature``)."""

    video_url: str
    refer_type: Literal["feature", "base"] = "base"
    keep_original_sound: Literal["yes", "no"] = "yes"


def without_blanks(value: Any) -> Any:
    """``value`` without the members that say nothing, at any depth."""
    if isinstance(value, dict):
        kept = {name: without_blanks(one) for name, one in value.items()}
        return {name: one for name, one in kept.items() if one is not None and one != ""}
    return [without_blanks(one) for one in value] if isinstance(value, list) else value


def read(kind: type[T], told: dict[str, Any]) -> T:
    """A body as ``kind``. Refused: INVALID with the first that is wrong."""
    try:
        return kind.model_validate(without_blanks(told))
    except ValidationError as error:
        raise Refused(Cause.INVALID, fields=(_problem(error),)) from None


def _problem(error: ValidationError) -> FieldProblem:
    first = error.errors(include_url=False)[0]
    path = ""
    for part in first["loc"]:
        path += f"[{part}]" if isinstance(part, int) else f"{'.' * bool(path)}{part}"
    kind = first["type"]
    flaw = _FLAWS.get(kind, Flaw.RANGE if kind.startswith(_RANGES) else Flaw.TYPE)
    return FieldProblem(path, flaw, None if flaw is Flaw.MISSING else first["input"])


def wrong(path: str, given: Any, flaw: Flaw = Flaw.CHOICE) -> Refused:
    """One member whose value will not do."""
    return Refused(Cause.INVALID, fields=(FieldProblem(path, flaw, given),))


def missing(path: str) -> Refused:
    """One member that must be there."""
    return Refused(Cause.INVALID, fields=(FieldProblem(path, Flaw.MISSING),))


def odd(path: str, text: str, flaw: Flaw = Flaw.CONFLICT) -> Refused:
    """Something that is said in a sentence of its own."""
    return Refused(Cause.INVALID, fields=(FieldProblem(path, flaw, text=text),))


def picture(path: str, text: str) -> Given:
    """A picture: an address, or base64 without the head of a data URI. Refused: INVALID."""
    if is_web_url(text):
        return read_picture(text)
    try:
        given = picture_of(b64decode(text, validate=True))
    except (binascii.Error, ValueError):
        raise odd(path, "File is not in a valid base64 format", Flaw.FORMAT) from None
    width, height = given.size or (SIDE_MIN, SIDE_MIN)
    fits = max(width, height) <= SHAPE_MAX * min(width, height)
    if given.kind == "webp" or min(width, height) < SIDE_MIN or not fits:
        text = "The resolution or aspect ratio of the input image is invalid"
        raise odd(path, text, Flaw.FORMAT)
    return given


def address(path: str, text: str) -> str:
    """The address of a video, which is only looked at. Refused: INVALID."""
    if not is_web_url(text):
        raise wrong(path, text, Flaw.FORMAT)
    return text
