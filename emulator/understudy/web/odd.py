"""Odd replies and odd files: what an odd job's answers and links say.

A reply is changed by walking its JSON, so that no vendor's words are needed here. Money and state
are never touched.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from starlette.responses import HTMLResponse, Response

from understudy.core.jobs import Job
from understudy.core.lifecycle import State
from understudy.core.oddities import Oddity
from understudy.core.provider import Provider
from understudy.core.wire import Reply

UNKNOWN_WORD = "reviewing"
_STATUS_FIELDS = frozenset(("status", "state", "task_status", "job_status"))
_PAGE = """<!doctype html><title>Just a moment</title>
<h1>Just a moment</h1><p>We are checking your browser. The page you asked for follows.</p>"""


def odd_reply(reply: Reply, job: Job, provider: Provider) -> Reply:
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


def odd_file(job: Job, path: Path) -> Response | None:
    """What an odd job's video address answers; None where it answers the file."""
    if path.suffix != ".mp4":
        return None
    if job.timeline.oddity is Oddity.LINK_HTML:
        return HTMLResponse(_PAGE)
    if job.timeline.oddity is Oddity.LINK_TRUNCATED:
        whole = path.read_bytes()
        return Response(whole[: len(whole) // 2], media_type="video/mp4")
    return None
