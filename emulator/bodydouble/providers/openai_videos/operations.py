"""OpenAI's handlers for videos: create, remix, edit, extend, read, list, download, delete.

Source: the reference and the guide (2026-08), openai 3.57.0; of vLLM-Omni its page on the videos
API. A video that is not over cannot be deleted there; here it is ended first (`vllm-omni`).
"""

from __future__ import annotations

from dataclasses import replace
from functools import wraps

from bodydouble.core.account_view import AccountView
from bodydouble.core.errors import Cause, Refused
from bodydouble.core.jobs import Job, Submission
from bodydouble.core.lifecycle import State
from bodydouble.core.media.plan import DURATION_MAX_MS
from bodydouble.core.media.uploads import Blob
from bodydouble.core.provider import Handler
from bodydouble.core.wire import Call, Reply, Served
from bodydouble.providers.openai_videos import vllm
from bodydouble.providers.openai_videos.catalogue import DEFAULT_MODEL, rows
from bodydouble.providers.openai_videos.errors import bad
from bodydouble.providers.openai_videos.facts import is_vllm
from bodydouble.providers.openai_videos.paging import page_asked, page_said
from bodydouble.providers.openai_videos.replies import available, said, video
from bodydouble.providers.openai_videos.wording import unlisted

FPS = 24
# The longest that a video becomes by extensions, as the guide says.
TOTAL_SECONDS_MAX = 120
_GONE = "The Videos API was shut down on September 24, 2026."
# variant: the file's end, whether it is a sheet of frames, and its type
_VARIANTS = {
    "video": ("mp4", False, "video/mp4"),
    "thumbnail": ("webp", False, "image/webp"),
    "spritesheet": ("jpg", True, "image/jpeg"),
}


def only_here(handle: Handler) -> Handler:
    """The handler of a route that the other wire does not have."""

    @wraps(handle)
    async def found(call: Call, view: AccountView) -> Reply:
        if is_vllm(call):
            raise Refused(Cause.NO_ROUTE, path=call.path, method=call.method)
        return await handle(call, view)

    return found


def before_sunset(handle: Handler) -> Handler:
    """The handler of a route that makes something, which the shutdown ended."""

    @wraps(handle)
    async def open_(call: Call, view: AccountView) -> Reply:
        if call.quirk("openai-videos.sunset") == "on" and not is_vllm(call):
            raise Refused(Cause.NOT_FOUND, _GONE, code="api_shutdown")
        return await handle(call, view)

    return open_


@before_sunset
async def create(call: Call, view: AccountView) -> Reply:
    """Accepts a video."""
    if is_vllm(call):
        return said(await vllm.create(call, view), call)
    # Models of bodies are loaded with the first body: pydantic takes as long as all the rest.
    from bodydouble.providers.openai_videos.requests import read_create

    asked = read_create(call)
    for place, id in enumerate(asked.characters):
        if await view.upload(id) is None:
            text = f"Character with id '{id}' not found."
            raise bad(f"characters[{place}].id", "invalid_value", text)
    width, height = (int(side) for side in asked.size.split("x"))
    frame = asked.first_frame
    submission = Submission(
        operation="createVideo",
        model=asked.model,
        prompt=asked.prompt,
        price=asked.row.price(asked.seconds, asked.size),
        names={"job": await _id(view)},
        width=width,
        height=height,
        fps=FPS,
        duration_ms=asked.seconds * 1000,
        audio=True,
        first_frame=frame.picture if frame else None,
        extra={"seconds": str(asked.seconds), "size": asked.size},
    )
    blobs = (frame.blob,) if frame and frame.blob else ()
    return await _submitted(call, view, submission, blobs)


async def _submitted(
    call: Call, view: AccountView, submission: Submission, blobs: tuple[Blob, ...] = ()
) -> Reply:
    return said(await view.submit(submission, blobs), call)


@only_here
@before_sunset
async def remix(call: Call, view: AccountView) -> Reply:
    """A finished video again, as long and as large, by other words."""
    from bodydouble.providers.openai_videos.requests import read_remix

    asked = read_remix(call)
    source = _finished(await _video(call, view))
    made = replace(
        source.submission,
        operation="remixVideo",
        prompt=asked.prompt,
        price=_price(source, int(source.submission.extra["seconds"])),
        names={"job": await _id(view)},
        extra={**source.submission.extra, "remix_of": source.id},
    )
    return await _submitted(call, view, made)


@only_here
@before_sunset
async def edit(call: Call, view: AccountView) -> Reply:
    """A video changed by words: a finished one, or one that came along."""
    from bodydouble.providers.openai_videos.requests import read_edit

    asked = read_edit(call)
    source = await _source(asked.id, view)
    seconds = int(source.extra["seconds"])
    return await _submitted(
        call, view, await _from(source, "editVideo", asked.prompt, seconds, view)
    )


@only_here
@before_sunset
async def extend(call: Call, view: AccountView) -> Reply:
    """A video that goes on: it is as long as both parts, and the new one is paid for."""
    from bodydouble.providers.openai_videos.requests import read_extension

    asked = read_extension(call)
    source = await _source(asked.id, view)
    total = int(source.extra["seconds"]) + asked.seconds
    if total > TOTAL_SECONDS_MAX:
        text = f"An extended video may not be longer than {TOTAL_SECONDS_MAX} seconds."
        raise bad("seconds", "invalid_value", text)
    made = await _from(source, "extendVideo", asked.prompt, asked.seconds, view)
    made = replace(
        made,
        # What is drawn is shorter where a film could not be drawn.
        duration_ms=min(total * 1000, DURATION_MAX_MS),
        extra={**made.extra, "seconds": str(total)},
    )
    return await _submitted(call, view, made)


async def _source(id: str, view: AccountView) -> Submission:
    """What a video was ordered as; of one that came along, what is taken for it."""
    if id:
        return _finished(_found(await view.job(id), id)).submission
    extra = {"seconds": "4", "size": "720x1280"}
    return Submission("", DEFAULT_MODEL, "", 0, {}, 720, 1280, FPS, 4000, True, extra=extra)


async def _from(
    source: Submission, operation: str, prompt: str, seconds: int, view: AccountView
) -> Submission:
    size = source.extra["size"]
    return replace(
        source,
        operation=operation,
        prompt=prompt,
        price=rows()[source.model].price(seconds, size),
        names={"job": await _id(view)},
        extra={"seconds": source.extra["seconds"], "size": size},
    )


def _price(job: Job, seconds: int) -> int:
    ordered = job.submission
    return rows()[ordered.model].price(seconds, ordered.extra["size"])


async def read(call: Call, view: AccountView) -> Reply:
    """A video as it is now."""
    return said(await _video(call, view), call)


async def list_videos(call: Call, view: AccountView) -> Reply:
    """A page of videos, the newest first unless asked otherwise."""
    asked = page_asked(call)
    cursor = ""
    if asked.after:
        cursor = view.cursor(_found(await view.job(asked.after), asked.after, "after"))
    if not asked.limit:
        return page_said([], more=False)
    page = await view.page(cursor, limit=asked.limit, newest_first=asked.newest_first)
    return page_said([video(job, call) for job in page.jobs], more=page.next is not None)


async def content(call: Call, view: AccountView) -> Reply:
    """The film, its first frame, or a sheet of frames. Refused: NOT_READY, NOT_FOUND."""
    variant = call.query.get("variant", "video")
    if variant not in _VARIANTS:
        raise unlisted("variant", variant, tuple(_VARIANTS))
    job = await _video(call, view)
    if job.state is not State.SUCCEEDED:
        status = 404 if is_vllm(call) else call.quirk("openai-videos.not_ready_status")
        text = "The video failed and has no content." if job.final else ""
        raise Refused(Cause.NOT_READY, text, id=job.id, status=status)
    if not is_vllm(call) and not available(job, call.now_us):
        status = call.quirk("openai-videos.expired_status")
        raise Refused(Cause.NOT_FOUND, "The video's content has expired.", status=status)
    extension, sheet, kind = _VARIANTS["video" if is_vllm(call) else variant]
    return Reply(200, Served(job.id, extension, sheet=sheet), (), media_type=kind)


async def remove(call: Call, view: AccountView) -> Reply:
    """Deletes a video. Refused: INVALID while it is not over; the other wire ends it then."""
    job = await _video(call, view)
    if is_vllm(call):
        await view.delete(job)
    elif not job.final:
        raise bad("video_id", None, "A video cannot be deleted before it is completed or failed.")
    else:
        await view.mark_deleted(job)
    return Reply(200, {"id": job.id, "deleted": True, "object": "video.deleted"})


async def _id(view: AccountView) -> str:
    return f"video_{(await view.job_draw()).text(48)}"


async def _video(call: Call, view: AccountView) -> Job:
    id = call.params["video_id"]
    return _found(await view.job(id), id)


def _found(job: Job | None, id: str, param: str | None = None) -> Job:
    if job is None:
        raise Refused(Cause.NOT_FOUND, id=id, param=param)
    return job


def _finished(job: Job) -> Job:
    if job.state is not State.SUCCEEDED:
        raise bad("video", None, "The video must be completed before it can be used.")
    return job
