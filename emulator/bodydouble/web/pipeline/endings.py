"""Odd replies and odd files: what an odd job's answers and links say.

A reply is changed by walking its JSON, so that no vendor's words are needed here. Money and state
are never touched.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bodydouble.core.direction.endings import Oddity
from bodydouble.core.jobs import Job
from bodydouble.core.lifecycle import State
from bodydouble.core.provider import Provider
from bodydouble.core.wire import Reply

if TYPE_CHECKING:
    from starlette.responses import Response

UNKNOWN_WORD = "reviewing"
_STATUS_FIELDS = frozenset(("status", "state", "task_status", "job_status"))
_PAGE = """<!doctype html><title>Just a moment</title>
<h1>Just a moment</h1><p>We are checking your browser. The page you asked for follows.</p>"""


def altered_reply(reply: Reply, job: Job, provider: Provider) -> Reply:
    """The reply about an odd job, with a status word nobody knows where that is its oddity."""
    running = job.state is State.RUNNING and reply.status < 300
    if job.timeline.oddity is not Oddity.UNKNOWN_STATUS or not running:
        return reply
    return replace(reply, body=_reworded(reply.body))


def _reworded(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            name: _unknown(part)
            if isinstance(part, str) and str(name).lower() in _STATUS_FIELDS
            else _reworded(part)
            for name, part in value.items()
        }
    if isinstance(value, list):
        return [_reworded(part) for part in value]
    return value


def _unknown(word: str) -> str:
    return UNKNOWN_WORD.upper() if word.isupper() else UNKNOWN_WORD


def html_page() -> Response:
    """A web page where a video was promised."""
    from starlette.responses import HTMLResponse

    return HTMLResponse(_PAGE)


def truncated_video(path: Path) -> Response:
    """The first half of a video, said to be all of it. Reads a file."""
    from starlette.responses import Response

    whole = path.read_bytes()
    return Response(whole[: len(whole) // 2], media_type="video/mp4")
