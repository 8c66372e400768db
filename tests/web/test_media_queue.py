"""One order blocks nobody: two lanes, the shortest first, bounds, and nothing made for nobody."""

from __future__ import annotations

import asyncio
import gc
import os
import socket
import sys
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import Future
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from bodydouble.core.media.plan import MediaPlan
from bodydouble.testing import Emulator
from bodydouble.web.media.files import HELD_FILES_MAX, MediaFiles
from bodydouble.web.media.process import RendererBusy
from bodydouble.web.media.renderer import Renderer

# Notes the prompt of each film it begins, and waits at the gate that the label names.
GATED = """
import json, pathlib, sys
for line in sys.stdin:
    order = json.loads(line)
    with open(pathlib.Path(order["out"]).parent / "begun", "a") as begun:
        begun.write(order["kind"] + " " + order["plan"]["prompt"] + "\\n")
    if order["plan"]["label"]:
        open(order["plan"]["label"]).read()
    pathlib.Path(order["out"]).write_bytes(b"made")
    print(json.dumps({"id": order["id"], "ok": True}), flush=True)
"""
SECOND = MediaPlan(
    width=1920,
    height=1080,
    fps=60,
    duration_ms=1_000,
    audio=False,
    seed=1,
    prompt="second",
    model="",
    label="",
)
LARGEST = replace(SECOND, width=3840, height=2160, duration_ms=60_000, prompt="largest")
PATIENCE_S = 6


async def no_blobs(sandbox_id: str, digest: str) -> bytes | None:
    return None


def lasting(seconds: int, prompt: str = "") -> MediaPlan:
    """A film of so many seconds; even one is too long for the lane of small ones."""
    return replace(SECOND, duration_ms=seconds * 1000, prompt=prompt or f"{seconds} s")


class Gate:
    """A pipe at which the renderer waits: opening it waits until somebody is there."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "gate"
        os.mkfifo(self.path)

    async def reached(self) -> Any:
        """Once a film is in the making; closing what this gives lets it go on."""
        return await asyncio.to_thread(self.path.open, "w")


@asynccontextmanager
async def films(folder: Path, renderer: Any = None) -> AsyncIterator[MediaFiles]:
    renderer = renderer or Renderer((sys.executable, "-c", GATED))
    room = MediaFiles(folder / "films", 10**9, False, no_blobs, renderer=renderer)
    try:
        async with asyncio.timeout(PATIENCE_S):
            yield room
    finally:
        await room.close()


def begun(folder: Path) -> list[str]:
    return (folder / "films" / "begun").read_text().splitlines()


def run(work: Awaitable[None]) -> None:
    async def go() -> None:
        await work

    asyncio.run(go())


def test_a_still_and_a_small_film_do_not_wait_behind_a_long_one(tmp_path: Path) -> None:
    """However long it is: here, for ever."""

    async def go() -> None:
        gate = Gate(tmp_path)
        async with films(tmp_path) as room:
            long = asyncio.create_task(room.video(replace(LARGEST, label=str(gate.path)), "a"))
            held = await gate.reached()
            assert (await room.poster(LARGEST, "b")).read_bytes() == b"made"
            small = replace(SECOND, width=640, height=360)
            assert (await room.video(small, "b")).read_bytes() == b"made"
            assert not long.done()
            held.close()
            await long

    run(go())


def test_the_shortest_goes_first(tmp_path: Path) -> None:
    """Not who came first; and who has much waiting already counts as long."""

    async def go() -> None:
        gate = Gate(tmp_path)
        async with films(tmp_path) as room:
            first = asyncio.create_task(room.video(replace(SECOND, label=str(gate.path)), "z"))
            held = await gate.reached()
            asked = [("a", 9), ("a", 3), ("b", 5), ("c", 4), ("c", 2)]
            rest = []
            for sandbox, seconds in asked:
                rest.append(asyncio.create_task(room.video(lasting(seconds), sandbox)))
                await settled(room, len(rest) + 1)
            held.close()
            await asyncio.gather(first, *rest)

    run(go())
    # 3 s behind 9 s of its own counts as 12, and 2 s behind 4 s as 6.
    films_begun = [line.removeprefix("video ") for line in begun(tmp_path)]
    assert films_begun == ["second", "4 s", "5 s", "2 s", "9 s", "3 s"]


async def settled(room: MediaFiles, orders: int) -> None:
    """Until so many orders have reached the renderer."""
    lane = room._renderer._long
    while len(lane._waiting) + (lane._now is not None) < orders:  # noqa: ASYNC110 (no event)
        await asyncio.sleep(0)


def test_what_nobody_waits_for_is_not_made(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither what is being drawn, nor what waits; what one still waits for is."""

    async def go() -> None:
        gate = Gate(tmp_path)
        async with films(tmp_path) as room:
            drawn = asyncio.create_task(room.video(replace(SECOND, label=str(gate.path)), "a"))
            held = await gate.reached()
            queued = asyncio.create_task(room.video(lasting(2), "a"))
            shared = [asyncio.create_task(room.video(lasting(3), "b")) for _ in range(2)]
            await settled(room, 3)
            for gone in (queued, shared[0], drawn):
                gone.cancel()
            # The gate stays shut: only an end of the process lets anybody pass.
            assert (await shared[1]).read_bytes() == b"made"
            held.close()
            again = await room.video(lasting(2), "a")
            assert again.read_bytes() == b"made"

    run(go())
    gc.collect()
    assert caplog.text == ""
    assert begun(tmp_path) == ["video second", "video 3 s", "video 2 s"]
    assert {path.suffix for path in (tmp_path / "films").iterdir()} == {"", ".mp4"}


class Idle:
    """A renderer that takes every order and makes nothing."""

    def __init__(self) -> None:
        self.submitted: list[Future[None]] = []
        self.taken, self.dropped = threading.Event(), threading.Event()

    def submit(self, wire: Any, **about: Any) -> Future[None]:
        self.submitted.append(Future())
        self.taken.set()
        return self.submitted[-1]

    def drop(self, done: Future[None]) -> None:
        self.dropped.set()

    def close(self) -> None:
        for done in self.submitted:
            done.cancel()


def linked(sandbox: Any) -> tuple[str, dict[str, str]]:
    """The address of a finished film, which needs no key."""
    order = {"model": "kling-v2-1", "type": "text_to_video", "prompt": "a boat"}
    with sandbox.smartlyq.client() as client:
        job = client.post("/videos/generate", json=order).json()["data"]["job_uid"]
        sandbox.clock.advance("5m")
        url: str = client.get(f"/jobs/{job}").json()["data"]["result"]["url"]
    return url, {}


def handed_through(sandbox: Any) -> tuple[str, dict[str, str]]:
    """Where a vendor itself gives the film, to its key."""
    order = {"model": "grok-imagine-video-480p", "prompt": "a boat", "seconds": "5"}
    with sandbox.infinityblue.client() as client:
        job = client.post("/videos", json=order).json()["id"]
        sandbox.clock.advance("10m")
    return f"{sandbox.infinityblue.base_url}/videos/{job}/content", sandbox.infinityblue.headers


WAYS = pytest.mark.parametrize("way", [linked, handed_through])


@WAYS
def test_a_client_that_hangs_up_ends_the_rendering(way: Any) -> None:
    """Over a socket, where nothing but the end of the connection says so."""
    idle = Idle()
    with Emulator() as emulator, emulator.sandbox(seed=1) as sandbox:
        address, headers = way(sandbox)
        url = httpx.URL(address)
        emulator.app.media.files._renderer = idle  # type: ignore[assignment]
        assert emulator.url
        with socket.create_connection((url.host, url.port)) as client:
            lines = [f"{name}: {value}" for name, value in headers.items()]
            head = "\r\n".join([f"GET {url.raw_path.decode()} HTTP/1.1", "Host: localhost", *lines])
            client.sendall(f"{head}\r\n\r\n".encode())
            assert idle.taken.wait(PATIENCE_S)
            assert not idle.dropped.is_set()
        assert idle.dropped.wait(PATIENCE_S)


@pytest.mark.parametrize(
    ("plan", "held"),
    [
        pytest.param(lambda number: replace(SECOND, seed=number), HELD_FILES_MAX, id="files"),
        pytest.param(lambda number: replace(LARGEST, seed=number), 1, id="megapixels"),
    ],
)
def test_one_sandbox_may_not_fill_the_queue(
    plan: Callable[[int], MediaPlan], held: int, tmp_path: Path
) -> None:
    """It is told what it holds and what it may; its stills and its neighbours are served."""

    async def go() -> None:
        async with films(tmp_path, Idle()) as room:
            asked = [asyncio.create_task(room.video(plan(number), "a")) for number in range(held)]
            await asyncio.sleep(0)
            with pytest.raises(RendererBusy, match=f"{held} files of this sandbox"):
                await room.video(plan(held), "a")
            asked.append(asyncio.create_task(room.video(plan(held + 1), "b")))
            if held == 1:
                asked.append(asyncio.create_task(room.poster(plan(0), "a")))
            await asyncio.sleep(0)
            assert len(room._making) == len(asked)
            await room.close()
            await asyncio.gather(*asked, return_exceptions=True)

    run(go())


def test_sixty_at_once_are_all_served(tmp_path: Path) -> None:
    """A suite that downloads everything it ordered is no attack."""

    async def go() -> None:
        async with films(tmp_path) as room:
            plans = [replace(SECOND, width=640, height=360, seed=seed) for seed in range(60)]
            made = await asyncio.gather(*(room.video(plan, "a") for plan in plans))
            assert len(set(made)) == 60

    run(go())


@WAYS
def test_a_refusal_says_when_to_come_back_and_why(
    way: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """503 with `Retry-After`; a link's is readable by a web page."""
    monkeypatch.setattr("bodydouble.web.media.files.HELD_FILES_MAX", 0)
    with Emulator() as emulator, emulator.sandbox(seed=1) as sandbox:
        url, headers = way(sandbox)
        with httpx.Client(transport=emulator.transport) as client:
            answer = client.get(url, headers=headers)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert "files of this sandbox are being made already" in answer.text
    if way is linked:
        assert answer.headers["access-control-allow-origin"] == "*"
