"""Gemini's handlers for interactions: made, waited for, read, streamed, canceled, deleted.

Source: google-genai 3.6.1 and ai.google.dev/gemini-api/docs/omni. One that does not run in the
background is waited for; an interaction that was not stored is not found again.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from bodydouble.core.account_view import AccountView, Callback
from bodydouble.core.chance import ALNUM
from bodydouble.core.clock import HOUR_US
from bodydouble.core.errors import Cause, Flaw, Refused
from bodydouble.core.jobs import Job, Submission
from bodydouble.core.lifecycle import State
from bodydouble.core.media.uploads import Blob
from bodydouble.core.wire import AwaitedJob, Call, Events, Reply, Served
from bodydouble.providers.gemini.catalogue import FPS, size
from bodydouble.providers.gemini.errors import bad
from bodydouble.providers.gemini.files import LETTERS, base_of, check_file
from bodydouble.providers.gemini.replies import (
    DATA,
    available,
    events,
    interaction,
    is_interaction,
)

if TYPE_CHECKING:
    from bodydouble.providers.gemini.interaction_requests import Asked

WAIT_US = HOUR_US
URIS_MAX = 1


async def create(call: Call, view: AccountView) -> Reply:
    """Makes a video by an interaction."""
    # Models of bodies are loaded with the first body: pydantic takes as long as all the rest.
    from bodydouble.providers.gemini.interaction_requests import read_create

    asked = read_create(call)
    for uri in asked.uris:
        await check_file(uri, call, view)
    before = await _previous(asked, view)
    uris = asked.webhook.uris if asked.webhook is not None else None
    callback = callback_to(uris, "webhook_config.uris", view)
    submission, blobs = _submission(call, asked, before, await _names(view))
    job = await view.submit(submission, blobs, callback=callback)
    if asked.stream:
        return _stream(job)
    said = _said(job, view)
    if asked.background:
        return said
    waited = AwaitedJob(job.id, view.now_us + WAIT_US, _said)
    return Reply(said.status, said.body, deferred=waited)


async def _names(view: AccountView) -> dict[str, str]:
    draw = await view.job_draw()
    return {"job": f"v1_{draw.text(64, ALNUM)}", "file": draw.text(12, LETTERS)}


def _submission(
    call: Call, asked: Asked, before: Job | None, names: dict[str, str]
) -> tuple[Submission, list[Blob]]:
    row = asked.row
    # What goes on from an earlier film is as long and as large, unless it says otherwise.
    earlier = before.submission.extra if before is not None else {}
    seconds = asked.seconds or min(earlier.get("seconds", row.usual), row.seconds[-1])
    resolution = asked.resolution or earlier.get("resolution", "720p")
    if resolution not in row.per_second:
        resolution = "720p"
    ratio = asked.ratio or earlier.get("ratio", "16:9")
    delivery = asked.delivery or call.quirk("gemini.delivery")
    width, height = size(resolution, ratio)
    pictures = asked.pictures
    extra: dict[str, Any] = {
        "base": base_of(call),
        "echo": asked.echo,
        "seconds": seconds,
        "resolution": resolution,
        "ratio": ratio,
        # A stream hands films over by their address.
        "inline": delivery == "inline" and not asked.stream,
        "background": asked.background,
        "store": asked.store,
        "moderated": call.quirk("gemini.moderated"),
    }
    if asked.webhook is not None and asked.webhook.user_metadata is not None:
        extra["metadata"] = asked.webhook.user_metadata
    submission = Submission(
        operation="createInteraction",
        model=row.model,
        prompt=asked.prompt,
        price=row.price(seconds, resolution),
        names=names,
        width=width,
        height=height,
        fps=FPS,
        duration_ms=seconds * 1000,
        audio=True,
        first_frame=pictures[0].picture if pictures else None,
        extra=extra,
    )
    return submission, [one.blob for one in pictures if one.blob is not None]


async def _previous(asked: Asked, view: AccountView) -> Job | None:
    if not asked.previous:
        return None
    job = await _found(asked.previous, view)
    if job.state is not State.SUCCEEDED:
        text = "The previous interaction is not completed at 'previous_interaction_id'"
        raise bad("previous_interaction_id", Flaw.CONFLICT, text)
    return job


def callback_to(uris: list[str] | None, path: str, view: AccountView) -> Callback | None:
    """The address that a request names for its own end, at ``path``. Refused: INVALID."""
    if not uris:
        return None
    if len(uris) > URIS_MAX:
        raise bad(path, Flaw.LENGTH, f"At most {URIS_MAX} URI is supported at '{path}'")
    if view.subscriptions.bad_address(uris[0]) is not None:
        raise bad(path, Flaw.FORMAT, f"Invalid URI at '{path}[0]'", uris[0])
    return Callback(uris[0])


def _said(job: Job, view: AccountView, *, with_input: bool = False) -> Reply:
    """An interaction; its film's bytes in it, if it was to be handed over so and can be had."""
    inline = bool(job.submission.extra["inline"]) and available(job, view.now_us)
    body = interaction(job, with_input=with_input, inline=inline)
    if not inline:
        return Reply(200, body)
    before, _, behind = json.dumps(body, separators=(",", ":")).rpartition(DATA)
    return Reply(200, Served(job.id, "mp4", within=(before.encode(), behind.encode())))


def _stream(job: Job) -> Reply:
    async def look(view: AccountView) -> tuple[Any, bool]:
        seen = await view.job(job.id) or job
        return events(seen), seen.final

    told = Events((events(job), job.final), look, named="event_type")
    return Reply(200, told, media_type="text/event-stream")


async def read(call: Call, view: AccountView) -> Reply:
    """An interaction as it is now, or its events from the first."""
    job = await _found(call.params["id"], view)
    if _true(call, "stream"):
        return _stream(job)
    return _said(job, view, with_input=_true(call, "include_input"))


def _true(call: Call, name: str) -> bool:
    given = call.query.get(name, "false")
    if given.lower() not in ("true", "false", ""):
        raise bad(name, Flaw.TYPE, f"Expected a boolean, got string at '{name}'", given)
    return given.lower() == "true"


async def cancel(call: Call, view: AccountView) -> Reply:
    """Stops an interaction that runs in the background. Refused: ALREADY_FINAL."""
    job = await _found(call.params["id"], view)
    if job.final or not job.submission.extra["background"]:
        raise Refused(Cause.ALREADY_FINAL)
    return Reply(200, interaction(await view.cancel(job)))


async def remove(call: Call, view: AccountView) -> Reply:
    """Deletes an interaction and what it made; one that is not over is stopped."""
    await view.delete(await _found(call.params["id"], view))
    return Reply(200, {})


async def _found(id: str, view: AccountView) -> Job:
    """An interaction by its id. Refused: INVALID for what is no id, NOT_FOUND."""
    from bodydouble.providers.gemini.interaction_requests import ID

    if not ID.fullmatch(id):
        raise bad("id", Flaw.FORMAT, f"Invalid interaction ID '{id[:200]}'", id)
    job = await view.job(id)
    if job is None or not is_interaction(job) or not job.submission.extra["store"]:
        raise Refused(Cause.NOT_FOUND, f"Interaction '{id[:200]}' was not found.")
    return job
