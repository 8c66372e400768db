"""Gemini's handlers for long-running predictions (Veo): made, and looked at by name.

Source: google-genai 2.34.0, the page on video generation (copies of 2026) and recorded refusals.
The vendor retired these models on 2026-10-22; `veo=retired` answers as it does since.
"""

from __future__ import annotations

from typing import Any

from bodydouble.core.account_view import AccountView
from bodydouble.core.errors import Cause, Refused
from bodydouble.core.jobs import Submission
from bodydouble.core.media.inputs import Given
from bodydouble.core.media.uploads import Blob
from bodydouble.core.wire import Call, Reply
from bodydouble.providers.gemini.catalogue import FPS, METHODS, PREDICT, Row, rows, size
from bodydouble.providers.gemini.files import LETTERS, base_of
from bodydouble.providers.gemini.interactions import callback_to
from bodydouble.providers.gemini.replies import is_interaction, operation


async def create(call: Call, view: AccountView) -> Reply:
    """Makes a video by a prediction; the reply names the operation."""
    row = _model(call)
    # Models of bodies are loaded with the first body: pydantic takes as long as all the rest.
    from bodydouble.providers.gemini.prediction_requests import read_create

    asked = read_create(call, row)
    uris = asked.webhook.uris if asked.webhook is not None else None
    callback = callback_to(uris, "webhookConfig.uris", view)
    draw = await view.job_draw()
    width, height = size(asked.resolution, asked.ratio)
    frames: list[Given | None] = [asked.first, asked.last]
    extra: dict[str, Any] = {"base": base_of(call), "seconds": asked.seconds}
    if asked.webhook is not None and asked.webhook.userMetadata is not None:
        extra["metadata"] = asked.webhook.userMetadata
    submission = Submission(
        operation="predictLongRunning",
        model=row.model,
        prompt=asked.prompt,
        price=row.price(asked.seconds, asked.resolution),
        names={"job": draw.text(12, LETTERS), "file": draw.text(12, LETTERS)},
        width=width,
        height=height,
        fps=FPS,
        duration_ms=asked.seconds * 1000,
        audio=True,
        seed=asked.seed,
        first_frame=asked.first.picture if asked.first else None,
        last_frame=asked.last.picture if asked.last else None,
        extra=extra,
    )
    blobs: list[Blob] = [one.blob for one in frames if one is not None and one.blob is not None]
    return Reply(200, operation(await view.submit(submission, blobs, callback=callback)))


def _model(call: Call) -> Row:
    name = call.params["model"]
    row = rows().get(name)
    if row is None or row.api != PREDICT or call.quirk("gemini.veo") == "retired":
        raise Refused(Cause.UNKNOWN_MODEL, model=name, method="predictLongRunning")
    return row


async def read(call: Call, view: AccountView) -> Reply:
    """An operation as it is now."""
    job = await view.job(call.params["id"])
    known = job is not None and job.id == call.params["id"] and not is_interaction(job)
    if job is None or not known or job.submission.model != call.params["model"]:
        raise Refused(Cause.NOT_FOUND)
    return Reply(200, operation(job))


async def list_models(call: Call, view: AccountView) -> Reply:
    """The models that make videos."""
    return Reply(200, {"models": [_shown(row) for row in rows().values() if _served(row, call)]})


async def read_model(call: Call, view: AccountView) -> Reply:
    """One of them."""
    row = rows().get(call.params["model"])
    if row is None or not _served(row, call):
        raise Refused(Cause.UNKNOWN_MODEL, model=call.params["model"], method="getModel")
    return Reply(200, _shown(row))


def _served(row: Row, call: Call) -> bool:
    return row.api != PREDICT or call.quirk("gemini.veo") == "served"


def _shown(row: Row) -> dict[str, Any]:
    return {
        "name": f"models/{row.model}",
        "version": row.version,
        "displayName": row.title,
        "description": f"{row.title}: videos with sound",
        "supportedGenerationMethods": [METHODS[row.api]],
    }
