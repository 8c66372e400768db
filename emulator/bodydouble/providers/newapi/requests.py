"""Reading a create request as the stock wire does: few fields, many of them optional.

What it does not parse it drops (width, height, fps, seed, n, user); the upstream's own payload is
built from the rest, and every key of ``metadata`` overrides it. Source: A.7, C.3 of the fact sheet.
Bounds that are the upstream's, not the gateway's, are refused as ``task_failed`` (assumed).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn

from pydantic import BaseModel, ConfigDict, ValidationError

from bodydouble.core import wire
from bodydouble.core.errors import FieldProblem, Flaw
from bodydouble.core.jobs import Submission
from bodydouble.core.media.frames import DEFAULT_FPS, frame_size
from bodydouble.core.media.inputs import Given, read_picture
from bodydouble.core.wire import Call
from bodydouble.providers.newapi.catalogue import Row
from bodydouble.providers.newapi.errors import bad_field, no_model
from bodydouble.providers.newapi.orders import (
    DURATION_MAX_S,
    DURATION_MIN_S,
    Order,
    frames,
    json_body,
    row_of,
)

SECONDS_MAX = 3600
_RATIO_OF_SIZE = {
    "1280x720": "16:9",
    "1920x1080": "16:9",
    "720x1280": "9:16",
    "1080x1920": "9:16",
}
_RATIOS = ("16:9", "9:16", "1:1")
_SHORT_SIDES = {"720p": 720, "1080p": 1080, "4k": 2160}


class TaskBody(BaseModel):
    """The fields the stock program reads; null counts as absent, anything else is dropped."""

    model_config = ConfigDict(strict=True, extra="ignore", protected_namespaces=())

    prompt: str | None = None
    mode: str | None = None
    image: str | None = None
    images: list[str] | None = None
    size: str | None = None
    seconds: str | None = None
    input_reference: str | None = None
    metadata: dict[str, Any] | str | None = None


def read_task(call: Call, rows: Mapping[str, Row]) -> Order:
    """The order in a stock create request. Refused: as `read_body`, CONTENT_TYPE, BAD_BODY."""
    return read_body(json_body(call), rows)


def read_native(call: Call, rows: Mapping[str, Row]) -> Order:
    """The same in Kling's own form: ``model_name`` or ``model``, ``prompt``, the rest metadata."""
    body = json_body(call)
    model = body.pop("model_name", None) or body.pop("model", None)
    body.pop("model", None)
    prompt = body.pop("prompt", None)
    return read_body({"model": model, "prompt": prompt, "metadata": body}, rows)


def read_body(body: dict[str, Any], rows: Mapping[str, Row]) -> Order:
    """Gate first, then the task's fields, then the upstream. Refused: INVALID, UNKNOWN_MODEL."""
    model = body.get("model")
    if not isinstance(model, str) or not model:
        raise no_model(model)
    row = row_of(rows, model)
    try:
        asked = TaskBody.model_validate(body)
    except ValidationError as error:
        name = str(error.errors()[0]["loc"][0])
        text = f"json: cannot unmarshal value into field {name}"
        raise bad_field(FieldProblem(name, Flaw.TYPE, text=text)) from None
    if not (asked.prompt or "").strip():
        raise bad_field(FieldProblem("prompt", Flaw.MISSING, text="prompt is required"))
    seconds = _seconds(body.get("duration"), asked.seconds)
    metadata = _metadata(asked.metadata)
    if row.kind == "veo":
        return _veo(asked, row, seconds, metadata)
    return _kling(asked, row, seconds, metadata)


def _seconds(duration: Any, seconds: str | None) -> int:
    value = _number(duration) or _number(seconds)
    if not 0 <= value <= SECONDS_MAX:
        text = f"seconds must be between 1 and {SECONDS_MAX}"
        problem = FieldProblem("duration", Flaw.RANGE, value, text=text)
        raise bad_field(problem, "invalid_seconds")
    return value


def _number(value: Any) -> int:
    """An integer or a numeric string; anything else counts as not given."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and value.isascii() and len(value) <= 9:
        digits = value.removeprefix("-")
        return int(value) if digits.isdigit() else 0
    return 0


def _metadata(given: dict[str, Any] | str | None) -> dict[str, Any]:
    if isinstance(given, str):
        try:
            # The same reader as for the body, which takes no NaN and no half character.
            given = wire.decode_json(given.encode()) if given else {}
        except (ValueError, RecursionError):
            given = None
        if not isinstance(given, dict):
            text = "metadata is not a JSON object"
            raise bad_field(FieldProblem("metadata", Flaw.TYPE, text=text))
    return {name: value for name, value in (given or {}).items() if name != "model"}


def _kling(asked: TaskBody, row: Row, seconds: int, metadata: dict[str, Any]) -> Order:
    payload: dict[str, Any] = {
        "prompt": asked.prompt,
        "mode": asked.mode or "std",
        "image": asked.image or (asked.images or [""])[0] or asked.input_reference or "",
        "image_tail": "",
        "duration": seconds or row.default_s,
        # Only a handful of sizes are known; any other, or none, makes a square.
        "aspect_ratio": _RATIO_OF_SIZE.get(asked.size or "", "1:1"),
        "cfg_scale": 0.5,
        "negative_prompt": "",
        **metadata,
    }
    ratio = _choice(payload, "aspect_ratio", _RATIOS)
    mode = _choice(payload, "mode", ("std", "pro"))
    _text(payload, "negative_prompt")
    scale = payload["cfg_scale"]
    if isinstance(scale, bool) or not isinstance(scale, int | float) or not 0 <= scale <= 1:
        _upstream_refuses("cfg_scale", scale, "cfg_scale must be between 0 and 1")
    first, last = _picture(payload, "image"), _picture(payload, "image_tail")
    if last and not first:
        _upstream_refuses("image_tail", None, "image_tail needs image")
    width, height = frame_size(ratio, max(row.short_side, 1080 if mode == "pro" else 0))
    return _order(
        row, _text(payload, "prompt"), _length(payload["duration"]), (width, height), (first, last)
    )


def _veo(asked: TaskBody, row: Row, seconds: int, metadata: dict[str, Any]) -> Order:
    across, _, down = (asked.size or "").lower().partition("x")
    width, height = _number(across), _number(down)
    longest = max(width, height)
    resolution = "4k" if longest >= 3840 else "1080p" if longest >= 1920 else "720p"
    payload = {
        "durationSeconds": seconds or row.default_s,
        "resolution": resolution,
        "image": asked.image or (asked.images or [""])[0] or asked.input_reference or "",
        **metadata,
    }
    side = _SHORT_SIDES[_choice(payload, "resolution", tuple(_SHORT_SIDES))]
    size = frame_size("9:16" if height > width else "16:9", side)
    pictures = (_picture(payload, "image"), None)
    length = _length(payload["durationSeconds"])
    return _order(row, asked.prompt or "", length, size, pictures)


def _order(
    row: Row,
    prompt: str,
    seconds: int,
    size: tuple[int, int],
    pictures: tuple[Given | None, Given | None],
) -> Order:
    stills = frames(*pictures)
    submission = Submission(
        operation="generate" if stills.first else "textGenerate",
        model=row.model,
        prompt=prompt,
        price=row.price(seconds),
        names={},
        width=size[0],
        height=size[1],
        fps=DEFAULT_FPS,
        duration_ms=seconds * 1000,
        audio=row.audio,
        first_frame=stills.first,
        last_frame=stills.last,
    )
    return Order(submission, stills.blobs)


def _length(value: Any) -> int:
    seconds = _number(value)
    if not DURATION_MIN_S <= seconds <= DURATION_MAX_S:
        text = f"duration must be between {DURATION_MIN_S} and {DURATION_MAX_S}"
        _upstream_refuses("duration", value, text)
    return seconds


def _choice(payload: dict[str, Any], name: str, choices: tuple[str, ...]) -> str:
    value = payload[name]
    if value not in choices:
        _upstream_refuses(name, value, f"{name} must be one of {', '.join(choices)}")
    return str(value)


def _text(payload: dict[str, Any], name: str) -> str:
    value = payload[name]
    if not isinstance(value, str):
        _upstream_refuses(name, value, f"{name} must be a string")
    return str(value)


def _picture(payload: dict[str, Any], name: str) -> Given | None:
    text = _text(payload, name)
    if not text:
        return None
    # The upstream also takes bare base64, without the head of a data URI.
    bare = "://" not in text[:16] and text[:5].lower() != "data:"
    try:
        return read_picture(f"data:image/png;base64,{text}" if bare else text)
    except ValueError as error:
        _upstream_refuses(name, None, f"{name} is {error}")


def _upstream_refuses(name: str, given: Any, text: str) -> NoReturn:
    raise bad_field(FieldProblem(name, Flaw.RANGE, given, text=text), "task_failed")
