"""A task as each of the two APIs tells it, and the envelope both have.

Source: the query pages of both; that a task is told by either query, and what a reply to a create
holds, as it was seen. Instants are Unix milliseconds, lengths and amounts texts.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bodydouble.core.jobs import Job
from bodydouble.core.lifecycle import State
from bodydouble.core.reasons import Reason
from bodydouble.core.wire import Call, Reply
from bodydouble.providers.kling.catalogue import units

Link = Callable[[Job], str]
# The newer API's words; the older one's last word is another.
STATES: dict[State, str] = {
    State.QUEUED: "submitted",
    State.RUNNING: "processing",
    State.SUCCEEDED: "succeeded",
    State.FAILED: "failed",
    # There is no cancel: a tester's is told as a failure.
    State.CANCELED: "failed",
}
OLDER_STATES = STATES | {State.SUCCEEDED: "succeed"}
_FAILURES = {
    Reason.MODERATED: "Failure to pass the risk control system",
    Reason.BAD_INPUT: "The resolution or aspect ratio of the input image is invalid",
    Reason.TIMEOUT: "Server internal timeout",
    Reason.PROVIDER_ERROR: "Server internal error",
}
CANCELED = "The task was canceled"


def respond(call: Call, data: Any) -> Reply:
    """The envelope of what went well."""
    told = {"code": 0, "message": "SUCCEED", "request_id": call.request_id, "data": data}
    return Reply(200, told)


def failure(job: Job) -> str:
    """Why a task failed; nothing where it did not."""
    if job.state is State.CANCELED:
        return CANCELED
    return _FAILURES[job.reason] if job.reason is not None else ""


def seconds(job: Job) -> str:
    """How long its film is."""
    return f"{job.submission.duration_ms / 1000:g}"


def accepted(job: Job) -> dict[str, Any]:
    """What the older API says of a task that it has just taken."""
    told = job.submission.extra
    named = {"external_task_id": told["external_id"]} if told["external_id"] else {}
    return {
        "task_id": job.id,
        "task_status": OLDER_STATES[job.state],
        "task_info": named,
        "created_at": job.accepted_at_us // 1000,
        "updated_at": job.updated_at_us // 1000,
    }


def older_task(job: Job, link: Link) -> dict[str, Any]:
    """A task as the older API tells it."""
    told = job.submission.extra
    info = {"external_task_id": told["external_id"]} if told["external_id"] else {}
    if "parent" in told:
        info["parent_video"] = told["parent"]
    body = {
        "task_id": job.id,
        "task_status": OLDER_STATES[job.state],
        "task_status_msg": failure(job),
        "task_info": info,
        "watermark_info": {"enabled": told["watermark"]},
        "created_at": job.accepted_at_us // 1000,
        "updated_at": job.updated_at_us // 1000,
    }
    if job.state is State.SUCCEEDED:
        body["task_result"] = {"videos": [_film(job, link)]}
    if job.final:
        body["final_unit_deduction"] = units(paid(job))
    return body


def newer_task(job: Job, link: Link) -> dict[str, Any]:
    """A task as the newer API tells it."""
    told = job.submission.extra
    body = {
        "id": job.id,
        "status": STATES[job.state],
        "message": failure(job),
        "create_time": job.accepted_at_us // 1000,
        "update_time": job.updated_at_us // 1000,
    }
    if told["external_id"]:
        body["external_id"] = told["external_id"]
    done = job.state is State.SUCCEEDED
    body["outputs"] = [{"type": "video", **_film(job, link)}] if done else []
    body["billing"] = [_billed(job)] if done else []
    return body


def _film(job: Job, link: Link) -> dict[str, Any]:
    url = link(job)
    film = {"id": job.submission.names["video"], "url": url}
    if job.submission.extra["watermark"]:
        # There is one film, and it shows what was asked for either way.
        film["watermark_url"] = url
    return {**film, "duration": seconds(job)}


def _billed(job: Job) -> dict[str, Any]:
    return {"charge_type": "unit", "amount": units(paid(job)), "package_type": "video"}


def paid(job: Job) -> int:
    """What a task has cost, in hundredths of a unit: nothing where it came to nothing."""
    return 0 if job.refunded or job.state is not State.SUCCEEDED else job.submission.price
