"""InfinityBlue's `/v1/videos`: Seedance and Grok tasks in OpenAI's form, in milliseconds.

Sources: openapi/videos.en.yaml and grok-video.en.yaml of the vendor's documentation (newest
versions). Which family answers is decided by the model; what the pages leave open is in
`standing.yaml`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bodydouble.core.account_view import AccountView
from bodydouble.core.chance import ALNUM
from bodydouble.core.clock import DAY_US, HOUR_US, SECOND_US
from bodydouble.core.errors import Cause, Refused
from bodydouble.core.jobs import Job
from bodydouble.core.lifecycle import State
from bodydouble.core.reasons import Reason
from bodydouble.core.wire import Call, Reply, Served
from bodydouble.providers.infinityblue.operations import GATEWAY, STATES, VIDEO
from bodydouble.providers.newapi.replies import failure
from bodydouble.providers.openai_dialect.requests import is_form

_CODES = {
    Reason.PROVIDER_ERROR: "generation_failed",
    Reason.MODERATED: "content_policy_violation",
    Reason.TIMEOUT: "upstream_timeout",
    Reason.BAD_INPUT: "invalid_image",
}


def second_generation(call: Call) -> bool:
    """Whether this caller wants the object as the vendor's older pages had it."""
    return bool(call.quirk("infinityblue.videos_object") == "generation2")


async def create(call: Call, view: AccountView) -> Reply:
    """Accepts a task. Refused: CONTENT_TYPE for the form that OpenAI's clients send."""
    if is_form(call):
        told = "no page of the vendor has a form for video; infinityblue.wire=newapi reads one"
        raise Refused(Cause.CONTENT_TYPE, told)
    # Models of bodies are loaded with the first body: pydantic takes as long as all the rest.
    from bodydouble.providers.infinityblue.video_requests import read_video

    order = read_video(call, GATEWAY.rows())
    name = VIDEO + (await view.job_draw()).text(32, ALNUM)
    submission = replace(order.submission, names={"job": name})
    job = await view.submit(submission, order.blobs)
    return Reply(200, body(job, view, call))


async def read(call: Call, view: AccountView) -> Reply:
    """A task. Refused: NOT_FOUND, also once it has expired."""
    return Reply(200, body(await _task(call, view), view, call))


async def content(call: Call, view: AccountView) -> Reply:
    """The film itself, whole. Refused: NOT_FOUND before there is one and once it has expired."""
    job = await _task(call, view)
    if job.state is not State.SUCCEEDED:
        raise Refused(Cause.NOT_FOUND, "The content is not available yet.", id=job.id)
    return Reply(200, Served(job.id, "mp4"), (), media_type="video/mp4")


async def _task(call: Call, view: AccountView) -> Job:
    id = call.params["task_id"]
    job = await view.job(id)
    if job is None or not job.id.startswith(VIDEO):
        raise Refused(Cause.NOT_FOUND, id=id)
    expires_us = _expiry(job, call)
    if expires_us is not None and call.now_us >= expires_us:
        status = call.quirk("infinityblue.expired_status")
        raise Refused(Cause.NOT_FOUND, "This video has expired.", id=id, status=status)
    return job


def _expiry(job: Job, call: Call) -> int | None:
    """When task and file are gone; None while it runs."""
    if job.ended_at_us is None:
        return None
    return job.ended_at_us + (HOUR_US if second_generation(call) else DAY_US)


def body(job: Job, view: AccountView, call: Call) -> dict[str, Any]:
    """The task's object; what is not there yet is left out."""
    older = second_generation(call)
    unit_us = SECOND_US if older else 1000
    made = job.submission
    told: dict[str, Any] = {
        "id": job.id,
        "object": "video",
        "model": made.model,
        "status": STATES[job.state],
        "progress": int(job.progress(call.now_us) * 100),
        "created_at": job.accepted_at_us // unit_us,
        "seconds": str(made.extra["seconds"]),
    }
    expires_us = _expiry(job, call)
    if job.state is State.SUCCEEDED and job.ended_at_us is not None and expires_us is not None:
        told["completed_at"] = job.ended_at_us // unit_us
        told["expires_at"] = expires_us // unit_us
        told["size"] = f"{made.width}x{made.height}"
        link = {"url": view.link(job, "mp4")}
        told |= link if older else {"metadata": link}
    elif job.final:
        code = _CODES[job.reason or Reason.PROVIDER_ERROR]
        told["error"] = {"message": failure(job), "code": code}
    return told
