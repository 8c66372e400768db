"""The links in replies, opened: which job or picture an address means, and whether it still works.

An address names its sandbox and job and needs no key, as the vendors' CDN links do. It looks, so
it settles what was due and changes nothing else; `MediaFiles` makes the file. A job's drawn ending
may have made its link lead to an expired, cut or wrong file.
"""

from __future__ import annotations

import asyncio
import os
from base64 import b64encode
from collections.abc import Coroutine, Mapping
from pathlib import Path
from typing import Any, TypeVar

from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import Receive

from bodydouble.core.jobs import Job
from bodydouble.core.lifecycle import State
from bodydouble.core.links import lasts, still_works
from bodydouble.core.media.plan import Picture
from bodydouble.core.media.uploads import Blob
from bodydouble.core.provider import Provider
from bodydouble.core.sandboxes import Sandbox
from bodydouble.core.scenarios.endings import Ending
from bodydouble.core.store import Store
from bodydouble.core.wire import Reply, Served
from bodydouble.sandbox.open_sandbox import OpenSandbox
from bodydouble.web.http.messages import http_date
from bodydouble.web.http.unread import gone
from bodydouble.web.keys.registry import real_us
from bodydouble.web.media.files import MediaFiles
from bodydouble.web.media.process import RendererBusy, RenderError
from bodydouble.web.media.serving import METHODS, respond

T = TypeVar("T")

_CORS = {"access-control-allow-origin": "*"}
_LATER = {"retry-after": "5"}
_PICTURES = ("seeded", "blob")
_WEB_PAGE = """<!doctype html><title>Just a moment</title>
<h1>Just a moment</h1><p>We are checking your browser. The page you asked for follows.</p>"""


class Gone(Exception):
    """The address leads nowhere (404), or no longer works (403, if the vendor says no other)."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


class MediaLinks:
    """Opens the links of one server."""

    def __init__(self, store: Store, providers: Mapping[str, Provider], files: MediaFiles) -> None:
        self.store = store
        self.providers = providers
        self.files = files

    def routes(self) -> list[Route]:
        """`/cdn/{sandbox}/{job}/{name}` for results, `/cdn/{sandbox}/{kind}/{name}` else."""
        return [Route("/cdn/{sandbox}/{what}/{name}", self._serve, methods=METHODS.split(", "))]

    async def _serve(self, request: Request) -> Response:
        """The file as an HTTP answer, or why there is none, in the sandbox's time."""
        async with self.store.transaction(request.path_params["sandbox"]) as tx:
            record = await tx.get(Sandbox, request.path_params["sandbox"])
        response = await self._answer(request)
        if record is not None:
            now_s = record.clock.now(real_us()) // 1_000_000
            response.headers["date"] = http_date(now_s)
        return response

    async def _answer(self, request: Request) -> Response:
        sandbox, what, name = (request.path_params[part] for part in ("sandbox", "what", "name"))
        try:
            if what in _PICTURES:
                path, changed_us = await self._picture(sandbox, what, name, request.receive)
            else:
                receive, query = request.receive, request.query_params
                job, found = await self._opened(sandbox, what, name, receive, query)
                if isinstance(found, Response):
                    return found
                path, changed_us = found, job.ended_at_us or 0
        except Gone as dead:
            return PlainTextResponse(str(dead), dead.status, _CORS)
        except RendererBusy as busy:
            return PlainTextResponse(str(busy), 503, {**_CORS, **_LATER})
        except RenderError as error:
            return PlainTextResponse(str(error), 500, _CORS)
        except ClientDisconnect:
            return Response(status_code=499)
        return await asyncio.to_thread(respond, request.scope, path, changed_us)

    async def hand_through(self, reply: Reply, served: Served, receive: Receive) -> Response:
        """A job's file as body of a vendor's own reply: always whole, whatever range was asked."""
        try:
            found = await self._whole(served, receive)
            if isinstance(found, Response):
                return found
            content = await asyncio.to_thread(found.read_bytes)
            if served.within is not None:
                content = b64encode(content).join(served.within)
        except RendererBusy as busy:
            return PlainTextResponse(str(busy), 503, {**dict(reply.headers), **_LATER})
        except ClientDisconnect:
            return Response(status_code=499)
        except (Gone, RenderError) as error:
            return PlainTextResponse(str(error), 502, dict(reply.headers))
        return Response(content, reply.status, dict(reply.headers), reply.media_type)

    async def _whole(self, served: Served, receive: Receive) -> Path | Response:
        """The file of a job, or what its ending has in its place; the vendor itself asks."""
        sandbox, id, extension = served.sandbox, served.job_id, served.extension
        if extension == "mp4" or (extension == "jpg" and not served.sheet):
            return (await self._opened(sandbox, id, f"video.{extension}", receive))[1]
        job, media = await self._finished_job(sandbox, id, "", None)
        kind = "sheet" if served.sheet else extension
        return await _made(self.files.poster(job.media(), sandbox, media, kind), receive)

    async def _opened(
        self,
        sandbox: str,
        id: str,
        name: str,
        receive: Receive,
        query: Mapping[str, str] | None = None,
    ) -> tuple[Job, Path | Response]:
        """The job, and its file or what its ending has in the file's place.

        Without a ``query`` it is the vendor itself who asks, and needs no signature.
        """
        stem, _, extension = name.rpartition(".")
        if not stem or extension not in ("mp4", "jpg"):
            raise Gone(404, "there is no such file")
        job, media = await self._finished_job(sandbox, id, name, query)
        if extension == "jpg":
            return job, await _made(self.files.poster(job.media(), sandbox, media), receive)
        if job.timeline.ending is Ending.LINK_HTML:
            return job, HTMLResponse(_WEB_PAGE)
        path = await _made(self.files.video(job.media(), sandbox, media), receive)
        if job.timeline.ending is Ending.LINK_TRUNCATED:
            return job, await asyncio.to_thread(_first_half, path)
        return job, path

    async def _finished_job(
        self, sandbox: str, id: str, name: str, query: Mapping[str, str] | None
    ) -> tuple[Job, str]:
        """The job, and how films of its sandbox are made."""
        async with self.store.transaction(sandbox) as tx:
            record = await tx.get(Sandbox, sandbox)
            if record is None:
                raise Gone(404, "there is no such file")
            open_sandbox = OpenSandbox(tx, record, self.providers, real_us())
            await open_sandbox.settle()
            job = await tx.get(Job, id)
            if job is None or job.state is not State.SUCCEEDED or job.deleted_at_us is not None:
                raise Gone(404, "there is no such file")
            rules = self.providers[job.provider].links
            if query is not None and rules.parameter:
                token, path = query.get(rules.parameter, ""), f"{sandbox}/{id}/{name}"
                works = still_works(rules, record.seed, path, token, open_sandbox.now_us)
            else:
                works = lasts(rules, job.ended_at_us or 0, open_sandbox.now_us)
            if job.timeline.ending is Ending.LINK_EXPIRED or not works:
                raise Gone(rules.expired_status, "this link has expired")
            return job, record.media

    async def _picture(
        self, sandbox: str, kind: str, name: str, receive: Receive
    ) -> tuple[Path, int]:
        """A picture of ours as a JPEG, or what was uploaded, as it came."""
        ref, _, extension = name.rpartition(".")
        if not ref or (kind == "seeded" and extension != "jpg"):
            raise Gone(404, "there is no such picture")
        async with self.store.transaction(sandbox) as tx:
            record = await tx.get(Sandbox, sandbox)
            blob = await tx.get(Blob, ref) if record is not None and kind == "blob" else None
        if record is None or (kind == "blob" and blob is None):
            raise Gone(404, "there is no such picture")
        if blob is None:
            drawn = self.files.picture(Picture("seeded", ref), sandbox, record.media)
            path = await _made(drawn, receive)
        else:
            path = await self.files.uploaded(blob)
        return path, record.created_real_us


async def _made(making: Coroutine[Any, Any, T], receive: Receive) -> T:
    """What comes of ``making``; it ends with `ClientDisconnect` once the client is gone."""
    made, left = asyncio.create_task(making), asyncio.create_task(gone(receive))
    try:
        await asyncio.wait((made, left), return_when=asyncio.FIRST_COMPLETED)
        if not made.done():
            raise ClientDisconnect
        return made.result()
    except OSError as error:
        # Nowhere to write, or no room.
        why = os.strerror(error.errno) if error.errno else "it cannot be written"
        raise RenderError(
            f"the server cannot keep films ({why}): --media-dir says where"
        ) from error
    finally:
        made.cancel()
        left.cancel()


def _first_half(path: Path) -> Response:
    """The first half of a video, said to be all of it. Reads a file."""
    whole = path.read_bytes()
    return Response(whole[: len(whole) // 2], media_type="video/mp4")


async def blob_bytes(store: Store, sandbox: str, digest: str) -> bytes | None:
    """The bytes of an uploaded picture, for the renderer."""
    async with store.transaction(sandbox) as tx:
        blob = await tx.get(Blob, digest)
    return blob.data if blob else None
