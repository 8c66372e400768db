"""How the stock wire shows a task: create, three poll forms, and the statuses of each.

The stored state moves only when the background poller passes, so a reply shows what the last pass
saw. Source: C.2 to C.4 of the fact sheet; passes counted from acceptance are assumed, as the real
ones have a phase of their own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bodydouble.core.clock import SECOND_US
from bodydouble.core.jobs import Job
from bodydouble.core.lifecycle import State
from bodydouble.core.reasons import Reason
from bodydouble.providers.newapi.conventions import FAILURES

# internal status: (its word in the OpenAI form, in the simplified form, its progress)
STATUSES: dict[str, tuple[str, str, int]] = {
    "NOT_START": ("unknown", "processing", 0),
    "SUBMITTED": ("queued", "queued", 10),
    "IN_PROGRESS": ("in_progress", "processing", 30),
    "SUCCESS": ("completed", "succeeded", 100),
    "FAILURE": ("failed", "failed", 100),
}
_FINAL = {State.SUCCEEDED: "SUCCESS", State.FAILED: "FAILURE", State.CANCELED: "FAILURE"}
# Constants in documented places: a Kling channel (type 50), its number, and the default group.
_KLING_PLATFORM = "50"
_CHANNEL = 12


@dataclass(frozen=True, slots=True)
class Seen:
    """A task as the gateway's own row has it: its status and, in seconds, when passes saw what."""

    status: str
    start_s: int
    finish_s: int
    updated_s: int


def seen(job: Job, now_us: int, pass_us: int) -> Seen:
    """``job`` at ``now_us`` where a pass comes each ``pass_us``; 0: everything is seen at once."""

    def noticed(at_us: int | None) -> int | None:
        if at_us is None:
            return None
        if pass_us > 0:
            passes = max(1, -(-(at_us - job.accepted_at_us) // pass_us))
            at_us = job.accepted_at_us + passes * pass_us
        return at_us if at_us <= now_us else None

    started, ended = noticed(job.started_at_us), noticed(job.ended_at_us)
    submitted_s = job.accepted_at_us // SECOND_US
    if ended is not None:
        begun = started if started is not None else ended
        return Seen(_FINAL[job.state], begun // SECOND_US, ended // SECOND_US, ended // SECOND_US)
    if started is not None:
        return Seen("IN_PROGRESS", started // SECOND_US, 0, started // SECOND_US)
    first_pass_us = job.accepted_at_us + pass_us
    if pass_us > 0 and now_us < first_pass_us:
        return Seen("NOT_START", 0, 0, submitted_s)
    return Seen("SUBMITTED", 0, 0, first_pass_us // SECOND_US)


def created(job: Job) -> dict[str, Any]:
    """The create body of every adapter that builds its own."""
    return {
        "id": job.id,
        "task_id": job.id,
        "object": "video",
        "model": job.submission.model,
        "status": "queued",
        "progress": 0,
        "created_at": job.accepted_at_us // SECOND_US,
    }


def failure(job: Job) -> str:
    """Why ``job`` failed, for people."""
    return FAILURES[job.reason or Reason.PROVIDER_ERROR]


def generic(job: Job, row: Seen, link: str, user: int) -> dict[str, Any]:
    """The wrapped poll body; after a failure ``result_url`` repeats the reason."""
    ordered = job.submission
    reason = failure(job) if row.status == "FAILURE" else ""
    data = {
        "id": job.order,
        "created_at": job.accepted_at_us // SECOND_US,
        "updated_at": row.updated_s,
        "task_id": job.id,
        "platform": _KLING_PLATFORM,
        "user_id": user,
        "group": "default",
        "channel_id": _CHANNEL,
        "quota": ordered.price,
        "action": ordered.operation,
        "status": row.status,
        "fail_reason": reason,
        "result_url": link if row.status == "SUCCESS" else reason,
        "submit_time": job.accepted_at_us // SECOND_US,
        "start_time": row.start_s,
        "finish_time": row.finish_s,
        "progress": f"{STATUSES[row.status][2]}%",
        "properties": {
            "input": "",
            "upstream_model_name": ordered.model,
            "origin_model_name": ordered.model,
        },
        "data": _upstream(job, row, link),
    }
    return {"code": "success", "message": "", "data": data}


def _upstream(job: Job, row: Seen, link: str) -> dict[str, Any]:
    """The upstream's own body, kept raw by the gateway; its inner shape is assumed."""
    words = {"SUCCESS": "succeed", "FAILURE": "failed", "IN_PROGRESS": "processing"}
    result = {"videos": [{"id": job.id, "url": link}]} if row.status == "SUCCESS" else {}
    data = {
        "task_id": job.id,
        "task_status": words.get(row.status, "submitted"),
        "task_status_msg": failure(job) if row.status == "FAILURE" else "",
        "task_result": result,
        "created_at": job.accepted_at_us // 1000,
        "updated_at": row.updated_s * 1000,
    }
    return {"code": 0, "message": "SUCCEED", "data": data}


def simplified(job: Job, row: Seen, link: str) -> dict[str, Any]:
    """The body of a Veo task on the generations path: ``error`` is null even when failed."""
    data = {
        "error": None,
        "format": "mp4",
        "metadata": None,
        "status": STATUSES[row.status][1],
        "task_id": job.id,
        "url": link if row.status == "SUCCESS" else "",
    }
    return {"code": "success", "message": "", "data": data}


def video(job: Job, row: Seen, link: str | None) -> dict[str, Any]:
    """The OpenAI form. With a ``link`` (Kling) the model is empty and times are milliseconds.

    Without one (Veo) times are seconds and the file is had from the content route only.
    """
    word, _, progress = STATUSES[row.status]
    unit_us = SECOND_US if link is None else 1000
    body: dict[str, Any] = {
        "id": job.id,
        "object": "video",
        "model": job.submission.model if link is None else "",
        "status": word,
        "progress": progress,
        "created_at": job.accepted_at_us // unit_us,
    }
    if row.finish_s:
        ended_us = job.ended_at_us or 0
        body["completed_at"] = (row.finish_s * SECOND_US if link is None else ended_us) // unit_us
    if row.status == "SUCCESS" and link is not None:
        body["seconds"] = str(job.submission.duration_ms // 1000)
        body["metadata"] = {"url": link}
    if row.status == "FAILURE":
        body["error"] = {"message": failure(job), "code": ""}
    return body
