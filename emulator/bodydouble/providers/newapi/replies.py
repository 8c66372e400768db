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

# internal status: (its word in the OpenAI form, its progress)
STATUSES: dict[str, tuple[str, int]] = {
    "NOT_START": ("unknown", 0),
    "SUBMITTED": ("queued", 10),
    "IN_PROGRESS": ("in_progress", 30),
    "SUCCESS": ("completed", 100),
    "FAILURE": ("failed", 100),
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
        at_us = noticed_us(job, at_us, pass_us)
        return at_us if at_us <= now_us else None

    started, ended = noticed(job.started_at_us), noticed(job.ended_at_us)
    submitted_s = job.accepted_at_us // SECOND_US
    if ended is not None:
        # A pass that already sees the end has no start to note.
        begun = started if started is not None and started < ended else 0
        return Seen(_FINAL[job.state], begun // SECOND_US, ended // SECOND_US, ended // SECOND_US)
    if started is not None:
        return Seen("IN_PROGRESS", started // SECOND_US, 0, started // SECOND_US)
    first_pass_us = job.accepted_at_us + pass_us
    if pass_us > 0 and now_us < first_pass_us:
        return Seen("NOT_START", 0, 0, submitted_s)
    return Seen("SUBMITTED", 0, 0, first_pass_us // SECOND_US)


def noticed_us(job: Job, at_us: int, pass_us: int) -> int:
    """When a pass sees what happened at ``at_us``."""
    if pass_us <= 0:
        return at_us
    passes = max(1, -(-(at_us - job.accepted_at_us) // pass_us))
    return job.accepted_at_us + passes * pass_us


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
    """The wrapped poll body.

    There is no ``result_url`` until there is one, and after a failure it repeats the reason; a
    failure's ``quota`` is what is left of it after the refund.
    """
    ordered = job.submission
    failed = row.status == "FAILURE"
    reason = failure(job) if failed else ""
    result = link if row.status == "SUCCESS" else reason
    data = {
        "id": job.order,
        "created_at": job.accepted_at_us // SECOND_US,
        "updated_at": row.updated_s,
        "task_id": job.id,
        "platform": _KLING_PLATFORM,
        "user_id": user,
        "group": "default",
        "channel_id": _CHANNEL,
        "quota": 0 if failed else ordered.price,
        "action": ordered.operation,
        "status": row.status,
        "fail_reason": reason,
        **({"result_url": result} if result else {}),
        "submit_time": job.accepted_at_us // SECOND_US,
        "start_time": row.start_s,
        "finish_time": row.finish_s,
        "progress": f"{STATUSES[row.status][1]}%",
        "properties": {
            "input": "",
            "upstream_model_name": ordered.model,
            "origin_model_name": ordered.model,
        },
        "data": _upstream(job, row, link),
    }
    return {"code": "success", "message": "", "data": data}


def _upstream(job: Job, row: Seen, link: str) -> dict[str, Any]:
    """The upstream's own body, kept raw by the gateway, its members sorted once a pass was made.

    Its inner shape is Kling's public one.
    """
    words = {"SUCCESS": "succeed", "FAILURE": "failed", "IN_PROGRESS": "processing"}
    data: dict[str, Any] = {"task_id": job.id, "task_status": words.get(row.status, "submitted")}
    times = {"created_at": job.accepted_at_us // 1000, "updated_at": _told_us(job, row) // 1000}
    if row.status == "NOT_START":
        return {"code": 0, "message": "SUCCEED", "data": {**data, **times}}
    result = {"videos": [{"id": job.id, "url": link}]} if row.status == "SUCCESS" else {}
    reason = failure(job) if row.status == "FAILURE" else ""
    data |= {"task_status_msg": reason, "task_result": result, **times}
    return {"code": 0, "data": dict(sorted(data.items())), "message": "SUCCEED"}


def _told_us(job: Job, row: Seen) -> int:
    """When the upstream last changed what the gateway has seen."""
    if row.status in _FINAL.values():
        return job.ended_at_us or job.updated_at_us
    begun = row.status == "IN_PROGRESS" and job.started_at_us
    return begun or job.accepted_at_us


def simplified(job: Job, row: Seen, link: str) -> dict[str, Any]:
    """The body of a Veo task on the generations path: ``error`` is null even when failed.

    The address of a failed one is the reason if a pass saw the end, and refunded it; else empty.
    """
    words = {"SUCCESS": "succeeded", "FAILURE": "failed"}
    reason = failure(job) if row.status == "FAILURE" and job.refunded else ""
    data = {
        "error": None,
        "format": "mp4",
        "metadata": None,
        "status": words.get(row.status, "processing"),
        "task_id": job.id,
        "url": link if row.status == "SUCCESS" else reason,
    }
    return {"code": "success", "message": "", "data": data}


def kling_video(job: Job, row: Seen, link: str) -> dict[str, Any]:
    """A Kling task in the OpenAI form: no model, milliseconds, and the end told from the start."""
    word, progress = STATUSES[row.status]
    body: dict[str, Any] = {
        "id": job.id,
        "object": "video",
        "model": "",
        "status": word,
        "progress": progress,
        "created_at": job.accepted_at_us // 1000,
        "completed_at": _told_us(job, row) // 1000,
    }
    if row.status == "SUCCESS":
        body["seconds"] = str(job.submission.duration_ms // 1000)
        body["metadata"] = {"url": link}
    if row.status == "FAILURE":
        body["error"] = {"message": failure(job), "code": ""}
    return body


def veo_video(job: Job, row: Seen) -> dict[str, Any]:
    """A Veo task in the OpenAI form: in progress from the start, seconds, no reason of a failure.

    The file is had from the content route only.
    """
    word, progress = STATUSES[row.status if row.finish_s else "IN_PROGRESS"]
    return {
        "id": job.id,
        "object": "video",
        "model": job.submission.model,
        "status": word,
        "progress": progress if row.finish_s else 50,
        "created_at": job.accepted_at_us // SECOND_US,
        "completed_at": row.updated_s,
    }
