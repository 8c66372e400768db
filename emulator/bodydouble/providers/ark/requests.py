"""The body of a create, and the flags that its text may end with.

Source: volcengine.com/docs/82379/1520758 and the types of volcengine-python-sdk 5.0.54, which sends
null for what is not set: null is a member left out. Flags in a text are an older way: one that
cannot be used is passed over, where a member is refused (assumption: the page calls it lenient).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from bodydouble.core.errors import Cause, FieldProblem, Flaw, Refused
from bodydouble.core.wire import Call
from bodydouble.providers.ark.catalogue import FPS, Row, rows

# An endpoint of one's own stands for a model; which one is not known here.
ENDPOINT_MODEL = "doubao-seedance-2-0-260128"
SECONDS = 5
EXPIRES_S = 172_800
NAME_CHARS_MAX = 200
RATIOS = ("16:9", "4:3", "1:1", "3:4", "9:16", "21:9")
ROLES = {
    "image_url": ("first_frame", "last_frame", "reference_image"),
    "video_url": ("reference_video",),
    "audio_url": ("reference_audio",),
}
_MOST = {
    "first_frame": 1,
    "last_frame": 1,
    "reference_image": 9,
    "reference_video": 3,
    "reference_audio": 3,
}
_FOLLOWS = (
    "For first-frame or first-last-frame generation, the output ratio follows the first-frame "
    "image."
)
_FLAGS = {
    "rs": "resolution",
    "rt": "ratio",
    "dur": "duration",
    "seed": "seed",
    "cf": "camera_fixed",
    "wm": "watermark",
}
_FLAG = re.compile(r"(?:^|\s)--(rs|rt|dur|seed|cf|wm|fps) {1,4}(\S{1,20})(?=\s|$)")
_FLAWS = {"missing": Flaw.MISSING, "literal_error": Flaw.CHOICE}


def _whole(value: Any) -> Any:
    """``value``, or the integer that it is: 5.0 and 5 are one number in JSON."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


Whole = Annotated[int, BeforeValidator(_whole)]


class Address(BaseModel):
    """Where a picture, a video or a sound is: an address or a data URI."""

    model_config = ConfigDict(strict=True)

    url: Annotated[str, Field(min_length=1)]


class DraftTask(BaseModel):
    """The draft that a video is made from."""

    model_config = ConfigDict(strict=True)

    id: str


class Item(BaseModel):
    """One piece of what the model is told."""

    model_config = ConfigDict(strict=True)

    type: Literal["text", "image_url", "video_url", "audio_url", "draft_task"]
    text: str | None = None
    image_url: Address | None = None
    video_url: Address | None = None
    audio_url: Address | None = None
    draft_task: DraftTask | None = None
    role: str | None = None


class Tool(BaseModel):
    """A tool that the model may use."""

    model_config = ConfigDict(strict=True)

    type: str


class Create(BaseModel):
    """The body of a create; `duration` is in seconds, -1 leaves it to the model."""

    model_config = ConfigDict(strict=True)

    model: Annotated[str, Field(min_length=1)]
    content: Annotated[list[Item], Field(min_length=1)]
    callback_url: str | None = None
    return_last_frame: bool = False
    service_tier: Literal["default", "flex"] = "default"
    execution_expires_after: Annotated[Whole, Field(ge=3600, le=259_200)] = EXPIRES_S
    priority: Annotated[Whole, Field(ge=0, le=9)] = 0
    generate_audio: bool = True
    draft: bool = False
    camera_fixed: bool = False
    watermark: bool = False
    seed: Annotated[Whole, Field(ge=-1, le=2**32 - 1)] = -1
    resolution: Literal["480p", "720p", "1080p", "4k"] | None = None
    ratio: Literal["16:9", "4:3", "1:1", "3:4", "9:16", "21:9", "adaptive"] = "adaptive"
    duration: Whole | None = None
    frames: Annotated[Whole, Field(ge=29, le=289)] | None = None
    safety_identifier: Annotated[str, Field(max_length=64)] | None = None
    tools: list[Tool] = []
    output_format: str | None = None
    omni_reference_task_type: str | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """A body that can be made: its model, its words without flags, and its seconds."""

    asked: Create
    row: Row
    prompt: str
    resolution: str
    seconds: float
    by_role: dict[str, list[str]]


def read_order(call: Call) -> Order:
    """What a create asks for. Refused: BAD_BODY, INVALID, UNKNOWN_MODEL."""
    told = _without_nulls(call.json_object())
    prompt, flags = _text_and_flags(told.get("content"))
    asked = _valid(told, flags)
    row = rows().get(ENDPOINT_MODEL if asked.model.startswith("ep-") else asked.model)
    if row is None:
        raise Refused(Cause.UNKNOWN_MODEL, model=asked.model[:NAME_CHARS_MAX])
    by_role = _by_role(asked.content, row)
    if not prompt and not by_role and not _draft_of(asked):
        raise problem("content", Flaw.MISSING)
    resolution = asked.resolution or ("480p" if asked.draft else row.default)
    if resolution not in row.rates or (asked.draft and resolution != "480p"):
        raise problem("resolution", Flaw.CHOICE, f"{row.model} does not make it.")
    _check_options(asked, row)
    if row.follows_frame and "first_frame" in by_role and asked.ratio != "adaptive":
        raise Refused(
            Cause.INVALID,
            code="InvalidParameter.TaskTypeConstraint",
            fields=(FieldProblem("ratio", Flaw.CONFLICT, text=_FOLLOWS),),
        )
    return Order(asked, row, prompt, resolution, _seconds(asked, row), by_role)


def problem(path: str, flaw: Flaw, text: str = "") -> Refused:
    """The refusal of one member."""
    return Refused(Cause.INVALID, text, fields=(FieldProblem(path, flaw, text=text),))


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _without_nulls(v) for k, v in value.items() if v is not None}
    return [_without_nulls(one) for one in value] if isinstance(value, list) else value


def _text_and_flags(content: Any) -> tuple[str, dict[str, str]]:
    items = content if isinstance(content, list) else ()
    texts = [
        one.get("text") for one in items if isinstance(one, dict) and one.get("type") == "text"
    ]
    text = "\n".join(one for one in texts if isinstance(one, str))
    flags = dict(_FLAG.findall(text)) if "--" in text else {}
    return (_FLAG.sub("", text) if flags else text).strip(), flags


def _valid(told: dict[str, Any], flags: dict[str, str]) -> Create:
    read = {
        member: _value(member, flags[flag])
        for flag, member in _FLAGS.items()
        if flag in flags and member not in told
    }
    if read:
        try:
            return Create.model_validate({**told, **read})
        except ValidationError:
            pass
    try:
        return Create.model_validate(told)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        path = _path(first["loc"])[:NAME_CHARS_MAX]
        raise problem(path, _FLAWS.get(first["type"], Flaw.TYPE), first["msg"]) from None


def _value(member: str, text: str) -> Any:
    if member in ("camera_fixed", "watermark"):
        return {"true": True, "false": False}.get(text, text)
    return int(text) if text.lstrip("-").isascii() and text.lstrip("-").isdigit() else text


def _path(place: tuple[int | str, ...]) -> str:
    text = ""
    for part in place:
        text += f"[{part}]" if isinstance(part, int) else f"{'.' * bool(text)}{part}"
    return text


def _by_role(content: list[Item], row: Row) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    pictures = sum(item.type == "image_url" for item in content)
    for number, item in enumerate(content):
        place = f"content[{number}]"
        if getattr(item, item.type) is None:
            raise problem(f"{place}.{item.type}", Flaw.MISSING)
        roles = ROLES.get(item.type)
        if roles is None:
            continue
        if item.role is None and pictures > 1 and item.type == "image_url":
            raise problem(f"{place}.role", Flaw.CONFLICT, "role must be specified for each image.")
        role = item.role or roles[0]
        if role not in roles or role not in row.kinds:
            raise problem(f"{place}.role", Flaw.CHOICE, f"{row.model} does not take it here.")
        url = getattr(item, item.type).url
        if item.type == "video_url" and url[:5].lower() == "data:":
            raise problem(f"{place}.video_url", Flaw.FORMAT, "it is no web url.")
        found.setdefault(role, []).append(url)
        if len(found[role]) > _MOST[role]:
            told = role.replace("_", " ")
            raise problem("content", Flaw.RANGE, f"at most {_MOST[role]} {told}.")
    _check_together(found)
    return found


def _check_together(found: dict[str, list[str]]) -> None:
    frames = [one for one in found if one.endswith("_frame")]
    if "last_frame" in found and "first_frame" not in found:
        raise problem("content", Flaw.CONFLICT, "a last frame wants a first frame.")
    if frames and len(found) > len(frames):
        raise problem("content", Flaw.CONFLICT, "frames and references cannot be mixed.")
    if set(found) == {"reference_audio"}:
        raise problem("content", Flaw.CONFLICT, "a sound wants a picture or a video beside it.")


def _draft_of(asked: Create) -> str:
    return next((one.draft_task.id for one in asked.content if one.draft_task is not None), "")


def _check_options(asked: Create, row: Row) -> None:
    if asked.service_tier == "flex" and not row.flex:
        raise problem("service_tier", Flaw.CHOICE, f"{row.model} has no flexible tier.")
    if asked.draft and not row.draft:
        raise problem("draft", Flaw.UNSUPPORTED, f"{row.model} makes no drafts.")
    if asked.frames is not None and (not row.counted or (asked.frames - 25) % 4):
        raise problem("frames", Flaw.RANGE, "25 + 4n, and not with every model.")


def _seconds(asked: Create, row: Row) -> float:
    if asked.frames is not None:
        return asked.frames / FPS
    if asked.duration is None or (asked.duration == -1 and row.auto):
        return SECONDS
    least, most = row.seconds
    if not least <= asked.duration <= most:
        raise problem("duration", Flaw.RANGE, f"{least} to {most} s.")
    return asked.duration
