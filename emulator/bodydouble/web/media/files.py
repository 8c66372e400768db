"""Media files: from a plan to a file, drawn once, when somebody first asks for it.

It gathers the pictures a plan refers to, has the renderer draw, and keeps the result under the
plan's digest. Requests for a file that is being made wait for that one. Without the `media` extra
it hands out the bundled clip and says so once. Who may see a file is decided before.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache, partial
from hashlib import blake2b
from importlib.util import find_spec
from pathlib import Path
from typing import TypeAlias

from bodydouble.core.media.inputs import picture_kind
from bodydouble.core.media.plan import SHEET_FRAMES, SIDE_MAX, SIDE_MIN, MediaPlan, Picture, even
from bodydouble.core.media.uploads import Blob
from bodydouble.installation import install_command
from bodydouble.web.media.bundled import bundled_file
from bodydouble.web.media.cache import Cache
from bodydouble.web.media.inputs import InputRefused, fetch_picture
from bodydouble.web.media.orders import Wire, megapixels, plan_wire
from bodydouble.web.media.process import RendererBusy
from bodydouble.web.media.renderer import QUEUE_MAX, Renderer

log = logging.getLogger("bodydouble.media")

Blobs: TypeAlias = Callable[[str, str], Awaitable[bytes | None]]
Fetch: TypeAlias = Callable[[str], Awaitable[bytes]]

# Raised whenever the same plan would be drawn differently, so that a kept folder is not believed.
DRAWING = 3
# What one sandbox may have in the making at once: so many files, and so many megapixels, which are
# the largest film there is with a tenth beside it.
HELD_FILES_MAX = 64
HELD_MP_MAX = 33_000
_EXTRA = ("av", "numpy", "PIL")
# Pictures of a film: how a file's name ends, and how many frames are drawn for it.
_STILLS = {"poster": (".jpg", 1), "webp": (".webp", 1), "sheet": ("-sheet.jpg", SHEET_FRAMES)}
_GOING_DOWN = "the server is going down: try again later"


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A file that somebody asked for: its name, the order that makes it, and its pictures.

    ``work_mp`` are the megapixels that are drawn for it.
    """

    name: str
    order: Wire
    work_mp: float
    frames: tuple[Picture | None, Picture | None]
    sandbox_id: str


@dataclass(slots=True)
class _Making:
    """A file in the making, and how many wait for it."""

    wanted: _Wanted
    task: asyncio.Task[Path]
    # Not a future of the task's loop: the next request may come on another.
    made: Future[Path] = field(default_factory=Future)
    waiting: int = 0


@cache
def can_render() -> bool:
    """Whether the `media` extra is installed; looks without importing it."""
    return all(find_spec(name) is not None for name in _EXTRA)


class MediaFiles:
    """Files for plans and pictures. One per server; nothing is started or made before it is needed.

    ``blobs(sandbox_id, digest)`` gives uploaded bytes, or None where there are none. Every method
    that makes a file raises `RendererBusy` (come back later) or `RenderError` (it will not work).
    """

    def __init__(
        self,
        cache_dir: Path | None,
        max_bytes: int,
        fetch_inputs: bool,
        blobs: Blobs,
        *,
        renderer: Renderer | None = None,
        fetch: Fetch = fetch_picture,
    ) -> None:
        self._cache = Cache(cache_dir, max_bytes)
        self._fetch_inputs = fetch_inputs
        self._blobs = blobs
        self._fetch = fetch
        self._renderer = renderer or Renderer()
        self._making: dict[str, _Making] = {}
        self._warned = False
        self._given_up = False

    async def video(self, plan: MediaPlan, sandbox_id: str, media: str = "full") -> Path:
        """The MP4 of ``plan``, made as the sandbox's ``media`` says."""
        if media == "bundled":
            return bundled_file(".mp4")
        tiny = media == "tiny"
        frames = (plan.first_frame, plan.last_frame)
        name = self._name(plan.digest(), frames, "-tiny.mp4" if tiny else ".mp4")
        order = {"kind": "video", "tiny": tiny, "plan": plan_wire(plan)}
        work_mp = megapixels(plan.coded_size, 1 if tiny else plan.frame_count)
        return await self._file(_Wanted(name, order, work_mp, frames, sandbox_id))

    async def poster(
        self, plan: MediaPlan, sandbox_id: str, media: str = "full", kind: str = "poster"
    ) -> Path:
        """The first frame of ``plan`` as JPEG or ``webp``, or a ``sheet`` of frames; no video."""
        suffix, drawn = _STILLS[kind]
        if media == "bundled":
            return bundled_file(suffix)
        frames = (plan.first_frame, plan.last_frame if kind == "sheet" else None)
        name = self._name(plan.digest(), frames, suffix)
        order = {"kind": kind, "plan": plan_wire(plan)}
        work_mp = megapixels(plan.coded_size, drawn)
        return await self._file(_Wanted(name, order, work_mp, frames, sandbox_id))

    async def picture(
        self,
        picture: Picture,
        sandbox_id: str,
        media: str = "full",
        *,
        width: int = 1024,
        height: int = 1024,
    ) -> Path:
        """The JPEG of one picture alone, cropped to ``width`` x ``height`` (bounded, made even)."""
        if media == "bundled":
            return bundled_file(".jpg")
        width, height = (even(max(SIDE_MIN, min(SIDE_MAX, side))) for side in (width, height))
        named = json.dumps([picture.kind, picture.ref, width, height]).encode()
        frames = (picture, None)
        name = self._name(blake2b(named, digest_size=16).hexdigest(), frames, ".jpg")
        order = {"kind": "picture", "size": [width, height]}
        work_mp = megapixels((width, height))
        return await self._file(_Wanted(name, order, work_mp, frames, sandbox_id))

    async def uploaded(self, blob: Blob) -> Path:
        """The very bytes that were uploaded, under a name that ends as their first bytes say."""
        film = "mp4" if blob.data[4:8] == b"ftyp" else "bin"
        name = f"{blob.id}.{picture_kind(blob.data) or film}"
        if (found := self._cache.find(name)) is not None:
            return found
        part = await asyncio.to_thread(self._cache.part, name)
        await asyncio.to_thread(part.write_bytes, blob.data)
        return await asyncio.to_thread(self._cache.keep, part, name)

    def give_up(self) -> None:
        """Makes nothing any more; whoever waits for a file is told why."""
        self._given_up = True
        for one in tuple(self._making.values()):
            one.task.cancel()

    async def close(self) -> None:
        """Ends the renderer and removes the files if the folder is our own."""
        making = tuple(self._making.values())
        self.give_up()
        await asyncio.to_thread(self._renderer.close)
        await asyncio.gather(*(one.task for one in making), return_exceptions=True)
        await asyncio.to_thread(self._cache.close)

    def _name(self, digest: str, frames: tuple[Picture | None, ...], suffix: str) -> str:
        remote = any(frame is not None and frame.kind == "remote" for frame in frames)
        # The same plan looks different once its pictures may be fetched.
        fetched = "-fetched" if remote and self._fetch_inputs else ""
        return f"{digest}-{DRAWING}{fetched}{suffix}"

    async def _file(self, wanted: _Wanted) -> Path:
        if not can_render():
            return self._bundled(wanted.name)
        found = self._cache.find(wanted.name)
        if found is not None:
            return found
        making = self._making.get(wanted.name) or self._begin(wanted)
        making.waiting += 1
        try:
            # One impatient client must not take the file from the others.
            made = asyncio.wrap_future(making.made)
            # Who has left asks no more how it ended, and asyncio shall not complain of that.
            made.add_done_callback(lambda done: done.cancelled() or done.exception())
            return await asyncio.shield(made)
        finally:
            making.waiting -= 1
            if not making.waiting and not making.made.done():
                del self._making[wanted.name]
                making.task.get_loop().call_soon_threadsafe(making.task.cancel)

    def _begin(self, wanted: _Wanted) -> _Making:
        """The file in the making. `RendererBusy` if too many are, or too many of a sandbox's."""
        if self._given_up:
            raise RendererBusy(_GOING_DOWN)
        if len(self._making) >= QUEUE_MAX:
            raise RendererBusy(f"{QUEUE_MAX} files are being made already: try again later")
        held = [one.wanted for one in self._making.values()]
        held = [one for one in held if one.sandbox_id == wanted.sandbox_id]
        work_mp = wanted.work_mp + sum(one.work_mp for one in held)
        if len(held) >= HELD_FILES_MAX or work_mp > HELD_MP_MAX:
            raise RendererBusy(
                f"{len(held)} files of this sandbox are being made already, and with this one it "
                f"would be {work_mp:,.0f} megapixels: {HELD_FILES_MAX} files and "
                f"{HELD_MP_MAX:,.0f} megapixels are as much as it may ask for at once; "
                "try again when one of them is there"
            )
        making = _Making(wanted, asyncio.create_task(self._draw(wanted)))
        self._making[wanted.name] = making
        making.task.add_done_callback(partial(self._settle, making))
        return making

    def _settle(self, making: _Making, task: asyncio.Task[Path]) -> None:
        """Hands on what became of a file, also when its task never got to run."""
        if self._making.get(making.wanted.name) is making:
            del self._making[making.wanted.name]
        if task.cancelled():
            making.made.set_exception(RendererBusy(_GOING_DOWN))
        elif (error := task.exception()) is not None:
            making.made.set_exception(error)
        else:
            making.made.set_result(task.result())

    async def _draw(self, wanted: _Wanted) -> Path:
        parts: list[Path] = []
        name = wanted.name
        try:
            stills = [await self._still(frame, wanted, parts) for frame in wanted.frames]
            # What is missing today may be there tomorrow, so this is not the plan's own file.
            if any(still is not None and still.pop("missing", False) for still in stills):
                stem, dot, suffix = name.rpartition(".")
                name = f"{stem}-missing{dot}{suffix}"
                if (found := self._cache.find(name)) is not None:
                    return found
            out = await asyncio.to_thread(self._cache.part, name)
            parts.append(out)
            order = {**wanted.order, "out": str(out), "first": stills[0], "last": stills[1]}
            done = self._renderer.submit(order, work_mp=wanted.work_mp, owner=wanted.sandbox_id)
            try:
                await asyncio.wrap_future(done)
            except asyncio.CancelledError:
                self._renderer.drop(done)
                raise
            return await asyncio.to_thread(self._cache.keep, out, name)
        finally:
            for part in parts:
                with suppress(OSError):
                    part.unlink()

    async def _still(
        self, frame: Picture | None, wanted: _Wanted, parts: list[Path]
    ) -> Wire | None:
        """What the renderer is told of one picture: a file, a seed, or why there is neither."""
        if frame is None:
            return None
        if frame.kind == "seeded":
            return {"seed": frame.ref}
        if frame.kind == "remote":
            if not self._fetch_inputs:
                return {"note": f"picture not fetched (--fetch-inputs is off): {frame.ref[:200]}"}
            try:
                data: bytes | None = await self._fetch(frame.ref)
            except InputRefused as refusal:
                return {"note": str(refusal)}
        else:
            data = await self._blobs(wanted.sandbox_id, frame.ref)
        if data is None:
            return {"note": "the picture is no longer stored", "missing": True}
        path = await asyncio.to_thread(self._cache.part, wanted.name)
        parts.append(path)
        await asyncio.to_thread(path.write_bytes, data)
        return {"path": str(path)}

    def _bundled(self, name: str) -> Path:
        if not self._warned:
            self._warned = True
            log.warning(
                "every video is the bundled clip, because the media extra is not installed: "
                "%s makes real ones",
                install_command("media"),
            )
        return bundled_file("-sheet.jpg" if name.endswith("-sheet.jpg") else Path(name).suffix)
