"""Runway's handlers for videos: create, read, cancel or delete a task.

Source: docs.dev.runwayml.com/openapi.json (2026-08-08); a canceled task is not found afterwards, as
two recorded sessions show, though the document knows a state for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from bodydouble.core.account_view import AccountView
from bodydouble.core.caches import remembered
from bodydouble.core.clock import iso_ms
from bodydouble.core.errors import Cause, Refused
from bodydouble.core.jobs import Job, Submission
from bodydouble.core.lifecycle import State
from bodydouble.core.media.inputs import read_picture
from bodydouble.core.media.plan import PIXELS_MAX, Picture, even
from bodydouble.core.media.uploads import Blob
from bodydouble.core.provider import Handler
from bodydouble.core.provider_kit import told_once
from bodydouble.core.slots import Slot
from bodydouble.core.wire import Call, Reply
from bodydouble.providers.runway.catalogue import UPLOADED, rows, surcharge
from bodydouble.providers.runway.details import failure
from bodydouble.providers.runway.errors import JSON
from bodydouble.providers.runway.issues import custom, invalid

if TYPE_CHECKING:
    from bodydouble.providers.runway.requests import Body

FPS = 24
# The short side of a video in a format that is named by its shape alone (assumption).
SHORT_SIDE = 720
STATES: dict[State, str] = {
    State.QUEUED: "PENDING",
    State.RUNNING: "RUNNING",
    State.SUCCEEDED: "SUCCEEDED",
    State.FAILED: "FAILED",
    State.CANCELED: "CANCELLED",
}
AWAITING_SLOT = "THROTTLED"


def said(body: Any) -> Reply:
    """A reply of 200, with the media type that recorded ones carry."""
    return Reply(200, body, media_type=JSON)


def create(operation: str) -> Handler:
    """The handler of one create route."""

    async def handle(call: Call, view: AccountView) -> Reply:
        # Models of bodies are loaded with the first body: pydantic takes as long as all the rest.
        from bodydouble.providers.runway.requests import read_body

        asked = read_body(call, operation)
        first, last, blobs = await _stills(asked, view)
        width, height = _size(asked.shape)
        # Billed at its longest, and trued up at the end, which is not simulated.
        seconds = 15 if asked.duration == "auto" else int(asked.duration)
        extra = surcharge(asked.outputFormat, width * height)
        submission = Submission(
            operation=operation,
            model=asked.model,
            prompt=asked.promptText,
            price=rows()[asked.model].price(seconds, asked.audio, extra),
            names={"job": (await view.job_draw()).uuid4()},
            width=width,
            height=height,
            fps=FPS,
            duration_ms=seconds * 1000,
            audio=asked.audio,
            seed=asked.seed if asked.seed >= 0 else None,
            first_frame=first,
            last_frame=last,
        )
        job = await view.submit(submission, blobs)
        return said({"id": job.id, "estimatedCost": {"credits": job.submission.price}})

    return handle


def _size(ratio: str) -> tuple[int, int]:
    """Pixels of a ratio that names them, or of one that names a shape; within what can be drawn."""
    width, height = (16, 9) if ratio == "adaptive" else map(int, ratio.split(":"))
    if min(width, height) < 100:
        short = SHORT_SIDE / min(width, height)
        width, height = round(width * short), round(height * short)
    if width * height > PIXELS_MAX:
        fit = (PIXELS_MAX / (width * height)) ** 0.5
        width, height = int(width * fit) - 1, int(height * fit) - 1
    return even(width), even(height)


async def _stills(
    asked: Body, view: AccountView
) -> tuple[Picture | None, Picture | None, Sequence[Blob]]:
    """What the video begins and ends with, and the bytes that came along. Refused: INVALID."""
    placed: dict[str, Picture] = {}
    blobs: list[Blob] = []
    for frame in asked.promptImage:
        if frame.uri.startswith(UPLOADED):
            placed[frame.position] = await _uploaded("promptImage", frame.uri, view)
            continue
        given = read_picture(frame.uri)
        placed[frame.position] = given.picture
        if given.blob is not None:
            blobs.append(given.blob)
    for name in ("videoUri", "promptVideo"):
        uri = getattr(asked, name, "")
        if uri.startswith(UPLOADED):
            await _uploaded(name, uri, view)
    return placed.get("first"), placed.get("last"), blobs


async def _uploaded(member: str, uri: str, view: AccountView) -> Picture:
    upload = await view.upload(uri.removeprefix(UPLOADED))
    if upload is None or not upload.blob or view.now_us >= upload.expires_at_us:
        raise invalid(custom(member, "The uploaded file could not be found."))
    return Picture("blob", upload.blob)


async def read(call: Call, view: AccountView) -> Reply:
    """A task as it is now."""
    job = await _task(call, view)
    return said(_task_told(job, view, call))


def task_body(job: Job, view: AccountView) -> dict[str, Any]:
    """A task: what it may cost until it ends, what it did cost from then on."""
    status = AWAITING_SLOT if job.slot is Slot.AWAITED else STATES[job.state]
    body: dict[str, Any] = {"id": job.id, "createdAt": iso_ms(job.accepted_at_us), "status": status}
    if not job.final:
        if job.state is State.RUNNING:
            body["progress"] = round(job.progress(view.now_us), 2)
        return {**body, "estimatedCost": {"credits": job.submission.price}}
    if job.state is State.SUCCEEDED:
        body["output"] = [view.link(job, "mp4")]
    elif job.state is State.FAILED:
        body |= failure(job)
    return {**body, "cost": {"credits": 0 if job.refunded else job.submission.price}}


_task_told = told_once(lambda job, view, call: task_body(job, view))


async def remove(call: Call, view: AccountView) -> Reply:
    """Cancels a task that has not ended, deletes one that has; either way it is gone."""
    job = await _task(call, view)
    if job.final or call.quirk("runway.canceled") == "gone":
        await view.delete(job)
    else:
        await view.cancel(job)
    return Reply(204)


# Whoever polls asks for the same one again and again.
@remembered(1024)
def _as_written(id: str) -> str:
    return str(UUID(id))


async def _task(call: Call, view: AccountView) -> Job:
    try:
        id = _as_written(call.params["id"])
    except ValueError:
        raise Refused(Cause.NOT_FOUND, id=call.params["id"]) from None
    job = await view.job(id)
    if job is None or job.deleted_at_us is not None:
        raise Refused(Cause.NOT_FOUND, id=id)
    return job
