"""UniAll's documented handlers: create a task, poll it, list the models.

No page shows a Kling answer: create follows the Sora 2 page, polls are the union of the Sora 2 and
Happy-Horse query pages (B.4, B.5).
"""

from __future__ import annotations

from typing import Any

from bodydouble.core.account_view import AccountView
from bodydouble.core.clock import SECOND_US
from bodydouble.core.errors import Cause, Refused
from bodydouble.core.jobs import Job
from bodydouble.core.lifecycle import State
from bodydouble.core.provider_kit import told_once
from bodydouble.core.wire import Call, Reply
from bodydouble.providers.newapi import account
from bodydouble.providers.newapi.gateway import Gateway
from bodydouble.providers.newapi.orders import place
from bodydouble.providers.newapi.replies import failure

# The four ids are documented; sizes (V13) and prices are not: the prices are another host's for the
# same models (U6).
GATEWAY = Gateway("uniall", "bodydouble.providers.uniall")
OBJECT = "video.generation.job"
# How long a client over the cap is asked to wait: the polling interval the sheet assumes.
CAP_RETRY_S = 5

STATES: dict[State, str] = {
    State.QUEUED: "queued",
    State.RUNNING: "in_progress",
    State.SUCCEEDED: "completed",
    State.FAILED: "failed",
    State.CANCELED: "failed",
}


async def create(call: Call, view: AccountView) -> Reply:
    """Accepts a task. Refused: QUEUE_FULL beyond the cap on unfinished tasks."""
    # Models of bodies are loaded with the first body: pydantic takes as long as all the rest.
    from bodydouble.providers.uniall.requests import read_create

    order = read_create(call, GATEWAY.rows())
    cap, busy = call.quirk("uniall.concurrent_tasks"), view.account.running + view.account.waiting
    if cap and busy >= cap:
        raise Refused(Cause.QUEUE_FULL, limit=cap, retry_after_s=CAP_RETRY_S)
    job = await place(view, order)
    body = {
        "id": job.id,
        "task_id": job.id,
        "object": OBJECT,
        "model": job.submission.model,
        "status": STATES[job.state],
        "progress": 0,
        "created_at": job.accepted_at_us // SECOND_US,
        "seconds": str(job.submission.duration_ms // 1000),
    }
    return Reply(200, body)


async def poll(call: Call, view: AccountView) -> Reply:
    """A task, whatever it has come to."""
    return Reply(200, _task_told(await GATEWAY.task(call, view), view, call))


def task_body(job: Job, view: AccountView) -> dict[str, Any]:
    """The poll body; ``duration`` is the time it took, not the clip's length."""
    done = job.state is State.SUCCEEDED
    url = view.link(job, "mp4") if done else None
    body: dict[str, Any] = {
        "id": job.id,
        "task_id": job.id,
        "object": OBJECT,
        "model": job.submission.model,
        "prompt": job.submission.prompt,
        "status": STATES[job.state],
        "progress": int(job.progress(view.now_us) * 100),
        "video_url": url,
        "result": {"outputs": [url], "video_url": url} if done else None,
        "thumbnail_url": view.link(job, "jpg") if done else None,
        "error": None,
        "created_at": job.accepted_at_us // SECOND_US,
    }
    if job.final:
        ended_us = job.ended_at_us or job.updated_at_us
        total_us = ended_us - job.accepted_at_us
        run_us = ended_us - (job.started_at_us or job.accepted_at_us)
        body["duration"] = total_us // SECOND_US
        body["metadata"] = {
            "total_time": round(total_us / SECOND_US, 2),
            "predict_time": round(run_us / SECOND_US, 2),
        }
        if not done:
            body["error"] = {"code": "task_failed", "message": failure(job)}
    return body


_task_told = told_once(lambda job, view, call: task_body(job, view))


async def list_models(call: Call, view: AccountView) -> Reply:
    """The model list in the dialect the caller's headers choose."""
    dialect = account.dialect(call)
    if dialect == "anthropic":
        return Reply(200, account.anthropic_models(GATEWAY.rows(), 0))
    if dialect == "gemini":
        return Reply(200, account.gemini_models(GATEWAY.rows()))
    return Reply(200, {"object": "list", "data": [_model(model) for model in GATEWAY.rows()]})


async def get_model(call: Call, view: AccountView) -> Reply:
    """One model; an unknown one gets the stock program's answer."""
    model = call.params["model"]
    return Reply(200, _model(model) if model in GATEWAY.rows() else account.unknown_model(model))


def _model(model: str) -> dict[str, Any]:
    return {"id": model, "object": "model", "created": 0, "owned_by": "uniall"}
