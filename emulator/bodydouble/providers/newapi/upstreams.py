"""What the stock program sends on, by kind of channel: the payload, and the video it asks for.

Every member of ``metadata`` overrides the payload. Bounds that are the upstream's, not the
gateway's, are refused as ``task_failed``. Observed at commit 823e2630 (2026-08-08); Kling's and
Google's own bounds are assumed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, NoReturn

from bodydouble.core.errors import FieldProblem, Flaw
from bodydouble.core.forms import Part
from bodydouble.core.jobs import Submission
from bodydouble.core.media.frames import DEFAULT_FPS, frame_size
from bodydouble.core.media.inputs import Given, picture_of, read_picture
from bodydouble.providers.newapi.catalogue import Row
from bodydouble.providers.newapi.errors import bad_field
from bodydouble.providers.newapi.orders import DURATION_MAX_S, DURATION_MIN_S, Order, frames

_RATIO_OF_SIZE = {
    "1280x720": "16:9",
    "1920x1080": "16:9",
    "720x1280": "9:16",
    "1080x1920": "9:16",
}
_RATIOS = ("16:9", "9:16", "1:1")
_SHORT_SIDES = {"720p": 720, "1080p": 1080, "4k": 2160}
# What a second of 4k costs, as a multiple of one of 1080p.
_4K_FAST, _4K = 2.333333, 1.5
_PAYLOAD_TEXTS = (
    "prompt",
    "mode",
    "image",
    "image_tail",
    "duration",
    "aspect_ratio",
    "negative_prompt",
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the program takes of a create. ``first`` is a picture: text, or a form's file.

    ``seconds`` is what is billed and ``sent`` what the upstream is told; 0 is nothing.
    """

    prompt: str
    mode: str
    image: str
    first: str | Part
    size: str
    seconds: int
    sent: int
    metadata: dict[str, Any]


def kind_of(value: Any) -> str:
    """What Go's decoder calls a JSON value."""
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, str):
        return "string"
    if isinstance(value, list):
        return "array"
    return "object" if isinstance(value, dict) else "number"


def number(value: Any) -> int:
    """An integer or a numeric text; anything else counts as not given."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and value.isascii() and len(value) <= 9:
        digits = value.removeprefix("-")
        return int(value) if digits.isdigit() else 0
    return 0


def kling(asked: Asked, row: Row) -> Order:
    """What a Kling channel makes of a task. Refused: INVALID, as the program or the upstream."""
    # Of pictures only ``image`` is sent on; ``images`` and ``input_reference`` are not.
    payload: dict[str, Any] = {
        "prompt": asked.prompt,
        "mode": asked.mode or "std",
        "image": asked.image,
        "image_tail": "",
        "duration": str(asked.sent or row.default_s),
        # Only a handful of sizes are known; any other, or none, makes a square.
        "aspect_ratio": _RATIO_OF_SIZE.get(asked.size, "1:1"),
        "cfg_scale": 0.5,
        "negative_prompt": "",
        **asked.metadata,
    }
    for name in _PAYLOAD_TEXTS:
        if not isinstance(payload[name], str):
            _unbuilt(name, payload[name], "string")
    scale = payload["cfg_scale"]
    if isinstance(scale, bool) or not isinstance(scale, int | float):
        _unbuilt("cfg_scale", scale, "float64")
    if not 0 <= scale <= 1:
        _upstream_refuses("cfg_scale", scale, "cfg_scale must be between 0 and 1")
    ratio = _choice(payload, "aspect_ratio", _RATIOS)
    mode = _choice(payload, "mode", ("std", "pro"))
    first, last = _picture("image", payload["image"]), _picture("image_tail", payload["image_tail"])
    if last and not first:
        _upstream_refuses("image_tail", None, "image_tail needs image")
    size = frame_size(ratio, max(row.short_side, 1080 if mode == "pro" else 0))
    seconds = _length(payload["duration"])
    return _order(row, payload["prompt"], seconds, size, (first, last))


def _unbuilt(name: str, value: Any, wanted: str) -> NoReturn:
    failed = "unmarshal metadata failed: "
    field = f"Go struct field requestPayload.{name} of type {wanted}"
    text = f"{failed}{failed}json: cannot unmarshal {kind_of(value)} into {field}"
    problem = FieldProblem(f"metadata.{name}", Flaw.TYPE, value, text=text)
    raise bad_field(problem, "build_request_failed", status=500)


def veo(asked: Asked, row: Row) -> Order:
    """What a Gemini channel makes of a task; its price is by second and size. Refused: INVALID."""
    across, _, down = asked.size.lower().partition("x")
    width, height = number(across), number(down)
    longest = max(width, height)
    resolution = "4k" if longest >= 3840 else "1080p" if longest >= 1920 else "720p"
    payload = {
        "durationSeconds": asked.sent or row.default_s,
        "resolution": resolution,
        "image": asked.first,
        **asked.metadata,
    }
    resolution = _choice(payload, "resolution", tuple(_SHORT_SIDES))
    size = frame_size("9:16" if height > width else "16:9", _SHORT_SIDES[resolution])
    pictures = (_picture("image", payload["image"]), None)
    length = _length(payload["durationSeconds"])
    billed = asked.seconds or row.default_s
    dearer = (_4K_FAST if "fast" in row.model else _4K) if resolution == "4k" else 1
    ratios = {"resolution": dearer, "seconds": billed}
    order = _order(row, asked.prompt, length, size, pictures)
    price = round(row.price(billed) * dearer)
    return Order(replace(order.submission, price=price), order.blobs, ratios)


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
    seconds = number(value)
    if not DURATION_MIN_S <= seconds <= DURATION_MAX_S:
        text = f"duration must be between {DURATION_MIN_S} and {DURATION_MAX_S}"
        _upstream_refuses("duration", value, text)
    return seconds


def _choice(payload: dict[str, Any], name: str, choices: tuple[str, ...]) -> str:
    value = payload[name]
    if value not in choices:
        _upstream_refuses(name, value, f"{name} must be one of {', '.join(choices)}")
    return str(value)


def _picture(name: str, given: Any) -> Given | None:
    if not given:
        return None
    try:
        if isinstance(given, Part):
            return picture_of(given.data)
        text = str(given)
        # The upstream also takes bare base64, without the head of a data URI.
        bare = "://" not in text[:16] and text[:5].lower() != "data:"
        return read_picture(f"data:image/png;base64,{text}" if bare else text)
    except ValueError as error:
        _upstream_refuses(name, None, f"{name} is {error}")


def _upstream_refuses(name: str, given: Any, text: str) -> NoReturn:
    raise bad_field(FieldProblem(name, Flaw.RANGE, given, text=text), "task_failed")
