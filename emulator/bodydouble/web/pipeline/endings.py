"""What a reply says of a job whose drawn ending is a status word nobody knows.

A reply is changed by walking its JSON, so that no vendor's words are needed here. Money and state
are never touched.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bodydouble.core.jobs import Job
from bodydouble.core.lifecycle import State
from bodydouble.core.provider import Provider
from bodydouble.core.scenarios.endings import Ending
from bodydouble.core.wire import Reply

UNKNOWN_WORD = "reviewing"
_STATUS_FIELDS = frozenset(("status", "state", "task_status", "job_status"))


def altered_reply(reply: Reply, job: Job, provider: Provider) -> Reply:
    """The reply about such a job, with an unknown word in place of its status while it runs."""
    running = job.state is State.RUNNING and reply.status < 300
    if job.timeline.ending is not Ending.UNKNOWN_STATUS or not running:
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
