"""InfinityBlue's documented handlers: create a task, poll it.

Source: the seed page and get-video-generation-task-status; the inner keys of ``metadata`` and
``error`` come from the schema it shares with new-api (A.4).
"""

from __future__ import annotations

from typing import Any

from bodydouble.core.account_view import AccountView
from bodydouble.core.errors import Cause, Refused
from bodydouble.core.jobs import Job
from bodydouble.core.lifecycle import State
from bodydouble.core.reasons import Reason
from bodydouble.core.wire import Call, Reply
from bodydouble.providers.newapi import account
from bodydouble.providers.newapi.gateway import Gateway
from bodydouble.providers.newapi.orders import place
from bodydouble.providers.newapi.replies import failure

# The ids are those of the vendor's pages; the seed page takes "any video model id" but its error
# table refuses an unknown one. No price was found (U6): all are placeholders.
GATEWAY = Gateway("infinityblue", "bodydouble.providers.infinityblue")

# How ids of `/v1/videos` begin.
VIDEO = "video_"
STATES: dict[State, str] = {
    State.QUEUED: "queued",
    State.RUNNING: "in_progress",
    State.SUCCEEDED: "completed",
    State.FAILED: "failed",
    State.CANCELED: "failed",
}
# That the code is an integer is documented; which integers there are is not.
_OWNERS = {"kling": "kling", "veo": "google", "seedance": "bytedance", "grok": "xai"}
_CODES = {
    Reason.PROVIDER_ERROR: 500,
    Reason.MODERATED: 400,
    Reason.TIMEOUT: 504,
    Reason.BAD_INPUT: 400,
}


async def create(call: Call, view: AccountView) -> Reply:
    """Accepts a task."""
    # Models of bodies are loaded with the first body: pydantic takes as long as all the rest.
    from bodydouble.providers.infinityblue.requests import read_create

    job = await place(view, read_create(call, GATEWAY.rows()))
    return Reply(200, {"task_id": job.id, "status": STATES[job.state]})


async def poll(call: Call, view: AccountView) -> Reply:
    """A task: nothing but its id and status until it ends."""
    job = await GATEWAY.task(call, view)
    if job.id.startswith(VIDEO):  # a task of the other family's routes
        raise Refused(Cause.NOT_FOUND, id=job.id)
    return Reply(200, task_body(job, view))


def task_body(job: Job, view: AccountView) -> dict[str, Any]:
    """The flat poll body; empty parts are left out."""
    body: dict[str, Any] = {"task_id": job.id, "status": STATES[job.state]}
    if job.state is State.SUCCEEDED:
        made = job.submission
        body["url"] = view.link(job, "mp4")
        body["format"] = "mp4"
        body["metadata"] = {
            "duration": made.extra.get("seconds", made.duration_ms / 1000),
            "fps": made.fps,
            "width": made.width,
            "height": made.height,
            "seed": job.seed,
        }
    elif job.final:
        code = _CODES[job.reason or Reason.PROVIDER_ERROR]
        body["error"] = {"code": code, "message": failure(job)}
    return body


async def list_models(call: Call, view: AccountView) -> Reply:
    """The model list; ``owned_by`` is who made the model."""
    return Reply(200, {"object": "list", "data": [_model(model) for model in GATEWAY.rows()]})


async def gemini_models(call: Call, view: AccountView) -> Reply:
    """The list in Google's form, on its own path; what a video model says there is assumed."""
    models = [
        {
            "name": f"models/{model}",
            "version": "001",
            "displayName": model,
            "description": "",
            "inputTokenLimit": 0,
            "outputTokenLimit": 0,
            "supportedGenerationMethods": [],
        }
        for model in GATEWAY.rows()
    ]
    return Reply(200, {"models": models})


async def get_model(call: Call, view: AccountView) -> Reply:
    """One model. Refused: UNKNOWN_MODEL."""
    model = call.params["model"]
    if model not in GATEWAY.rows():
        raise Refused(Cause.UNKNOWN_MODEL, model=model)
    return Reply(200, _model(model))


def _model(model: str) -> dict[str, Any]:
    owner = _OWNERS[GATEWAY.rows()[model].kind]
    created = account.STOCK_CREATED_S
    return {"id": model, "object": "model", "created": created, "owned_by": owner}
