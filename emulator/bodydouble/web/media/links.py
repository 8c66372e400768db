"""The links in replies, opened: which job or picture an address means, and whether it still works.

An address names its sandbox and job and needs no key, as the vendors' CDN links do. It looks, so
it settles what was due and changes nothing else; `MediaFiles` makes the file.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import Scope

from bodydouble.core.direction.endings import Oddity
from bodydouble.core.jobs import Job
from bodydouble.core.lifecycle import State
from bodydouble.core.pictures.media_plan import Picture
from bodydouble.core.pictures.uploads import Blob
from bodydouble.core.sandboxes import Sandbox
from bodydouble.core.wire import Reply, Served
from bodydouble.sandbox.open_sandbox import OpenSandbox
from bodydouble.web.keys.registry import real_us
from bodydouble.web.media.renderer import RendererBusy, RenderError
from bodydouble.web.media.serving import METHODS, respond
from bodydouble.web.pipeline.endings import html_page, truncated_video

if TYPE_CHECKING:
    from bodydouble.web.app import Application

_CORS = {"access-control-allow-origin": "*"}
_PICTURES = ("seeded", "blob")


class Gone(Exception):
    """The address leads nowhere (404), or no longer works (403)."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


def cdn_routes(app: Application) -> list[Route]:
    """`/cdn/{sandbox}/{job}/{name}` for results, `/cdn/{sandbox}/{kind}/{ref}.jpg` for pictures."""

    async def serve(request: Request) -> Response:
        params = request.path_params
        return await answer(app, request.scope, params["sandbox"], params["what"], params["name"])

    methods = METHODS.split(", ")
    return [Route("/cdn/{sandbox}/{what}/{name}", serve, methods=methods)]


async def answer(app: Application, scope: Scope, sandbox: str, what: str, name: str) -> Response:
    """The file as an HTTP answer, or why there is none."""
    try:
        if what in _PICTURES:
            path, changed_us = await _picture(app, sandbox, what, name)
        else:
            job, extension = await _asked(app, sandbox, what, name)
            if extension == "mp4" and job.timeline.oddity is Oddity.LINK_HTML:
                return html_page()
            path = await _product(app, sandbox, job, extension)
            if extension == "mp4" and job.timeline.oddity is Oddity.LINK_TRUNCATED:
                return await asyncio.to_thread(truncated_video, path)
            changed_us = job.ended_at_us or 0
    except Gone as gone:
        return PlainTextResponse(str(gone), gone.status, _CORS)
    except RendererBusy as busy:
        return PlainTextResponse(str(busy), 503, {**_CORS, "retry-after": "5"})
    except RenderError as error:
        return PlainTextResponse(str(error), 500, _CORS)
    return await asyncio.to_thread(respond, scope, path, changed_us)


async def _asked(app: Application, sandbox: str, id: str, name: str) -> tuple[Job, str]:
    stem, _, extension = name.rpartition(".")
    if not stem or extension not in ("mp4", "jpg"):
        raise Gone(404, "there is no such file")
    return await _finished_job(app, sandbox, id), extension


async def _product(app: Application, sandbox: str, job: Job, extension: str) -> Path:
    if extension == "mp4":
        return await app.media.video(job.media(), sandbox)
    return await app.media.poster(job.media(), sandbox)


async def _finished_job(app: Application, sandbox: str, id: str) -> Job:
    async with app.store.transaction(sandbox) as tx:
        record = await tx.get(Sandbox, sandbox)
        if record is None:
            raise Gone(404, "there is no such file")
        box = OpenSandbox(tx, record, app.providers, real_us())
        await box.settle()
        job = await tx.get(Job, id)
        if job is None or job.state is not State.SUCCEEDED or job.deleted_at_us is not None:
            raise Gone(404, "there is no such file")
        lifetime_us = app.providers[job.provider].link_lifetime_us
        ended_us = job.ended_at_us or 0
        if job.timeline.oddity is Oddity.LINK_EXPIRED:
            raise Gone(403, "this link has expired")
        if lifetime_us is not None and box.now_us >= ended_us + lifetime_us:
            raise Gone(403, "this link has expired")
        return job


async def _picture(app: Application, sandbox: str, kind: str, name: str) -> tuple[Path, int]:
    ref, _, extension = name.rpartition(".")
    if extension != "jpg" or not ref:
        raise Gone(404, "there is no such picture")
    async with app.store.transaction(sandbox) as tx:
        record = await tx.get(Sandbox, sandbox)
        if record is None or (kind == "blob" and await tx.get(Blob, ref) is None):
            raise Gone(404, "there is no such picture")
    picture = Picture("blob" if kind == "blob" else "seeded", ref)
    return await app.media.picture(picture, sandbox), record.created_real_us


async def hand_through(app: Application, reply: Reply, served: Served) -> Response:
    """A job's file as the body of a vendor's own reply: always whole, whatever range was asked."""
    try:
        name = f"video.{served.extension}"
        job, extension = await _asked(app, served.sandbox, served.job_id, name)
        if extension == "mp4" and job.timeline.oddity is Oddity.LINK_HTML:
            return html_page()
        path = await _product(app, served.sandbox, job, extension)
        if extension == "mp4" and job.timeline.oddity is Oddity.LINK_TRUNCATED:
            return await asyncio.to_thread(truncated_video, path)
        content = await asyncio.to_thread(path.read_bytes)
    except (Gone, RenderError) as error:
        return PlainTextResponse(str(error), 502, dict(reply.headers))
    return Response(content, reply.status, dict(reply.headers), reply.media_type)


async def blob_bytes(app: Application, sandbox: str, digest: str) -> bytes | None:
    """The bytes of an uploaded picture, for the renderer."""
    async with app.store.transaction(sandbox) as tx:
        blob = await tx.get(Blob, digest)
    return blob.data if blob else None
