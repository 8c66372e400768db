"""A create as vLLM-Omni reads it: a form of text, where a number is one written in digits.

Source: its page on the videos API and `protocol/videos.py` (commit 079d7a56): sizes and seconds by
pattern, width, height, frames and rate beside them, the rest of its many parameters not looked at.
A server has one model; which is its own affair, and nobody pays.
"""

from __future__ import annotations

import re

from bodydouble.core.account_view import AccountView
from bodydouble.core.errors import Cause, Refused
from bodydouble.core.forms import Part
from bodydouble.core.jobs import Job, Submission
from bodydouble.core.media.inputs import Given, picture_of
from bodydouble.core.media.plan import DURATION_MAX_MS, FPS_MAX, PIXELS_MAX, SIDE_MAX, SIDE_MIN
from bodydouble.core.wire import Call
from bodydouble.providers.openai_dialect.requests import is_form
from bodydouble.providers.openai_videos.errors import bad

MODEL = "Wan-AI/Wan2.2-T2V-A14B-Diffusers"
WIDTH, HEIGHT, FPS, SECONDS = 832, 480, 24, 4
_SIZE = re.compile(r"\d{1,5}x\d{1,5}")
_SECONDS = re.compile(r"[1-9]\d{0,3}")
_DIGITS_MAX = 9


async def create(call: Call, view: AccountView) -> Job:
    """Accepts a video. Refused: INVALID."""
    # What is no form has none of the parameters.
    texts = call.form.fields if is_form(call) else {}
    if "prompt" not in texts:
        raise bad("prompt", None, "Field required: prompt")
    size, seconds = texts.get("size", ""), texts.get("seconds", "")
    if size and not _SIZE.fullmatch(size):
        raise bad("size", None, "String should match pattern '^\\d+x\\d+$': size")
    if seconds and not _SECONDS.fullmatch(seconds):
        raise bad("seconds", None, "String should match pattern '^[1-9]\\d*$': seconds")
    width, height = _whole(texts, "width", WIDTH), _whole(texts, "height", HEIGHT)
    if size:
        width, height = (int(side) for side in size.split("x"))
    fps = _whole(texts, "fps", FPS)
    frames = _whole(texts, "num_frames", int(seconds or SECONDS) * fps)
    duration_ms = max(1, frames * 1000 // fps)
    _check_drawable(width, height, fps, duration_ms)
    frame = _first_frame(call.form.files.get("input_reference"))
    submission = Submission(
        operation="createVideo",
        model=texts.get("model") or MODEL,
        prompt=texts["prompt"],
        price=0,
        names={"job": f"video_gen_{(await view.job_draw()).text(32)}"},
        width=width,
        height=height,
        fps=fps,
        duration_ms=duration_ms,
        first_frame=frame.picture if frame else None,
        extra={"seconds": seconds or str(SECONDS), "size": size or f"{width}x{height}"},
    )
    return await view.submit(submission, (frame.blob,) if frame and frame.blob else ())


def _whole(texts: dict[str, str], name: str, default: int) -> int:
    text = texts.get(name, "")
    if not text:
        return default
    if not (text.isascii() and text.isdigit() and len(text) <= _DIGITS_MAX):
        raise bad(name, None, f"Input should be a valid integer: {name}")
    if int(text) < 1:
        raise bad(name, None, f"Input should be greater than or equal to 1: {name}")
    return int(text)


def _check_drawable(width: int, height: int, fps: int, duration_ms: int) -> None:
    """Refuses what no film of ours can be; a real server would run out of memory."""
    sides = min(width, height) >= SIDE_MIN and max(width, height) <= SIDE_MAX
    if not sides or width * height > PIXELS_MAX:
        raise bad("size", None, f"A video of {width}x{height} cannot be generated.")
    if fps > FPS_MAX or duration_ms > DURATION_MAX_MS:
        raise bad("num_frames", None, "A video of so many frames cannot be generated.")


def _first_frame(part: Part | None) -> Given | None:
    if part is None or part.data[4:8] == b"ftyp":
        return None
    try:
        return picture_of(part.data)
    except ValueError as error:
        text = f"Invalid input_reference: {error}"
        raise Refused(Cause.INVALID, text, param="input_reference") from None
