"""How long films take, and polls while one is drawn, which a process of its own must not slow.

Nothing is pinned here: server, renderer and load generator share the cores as they would. For the
polls, the renderer draws and is held in turn, so that each slice has a neighbour at rest.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import httpx

from bodydouble.core.media.plan import DURATION_MAX_MS, MediaPlan
from bodydouble.web.media.orders import plan_wire
from bodydouble.web.media.renderer import Renderer
from tests.bench.report import FULL, Effort, Row, tell
from tests.bench.wire import ORDER, poll_request, processor_us, server, slice_of, unpinned

_SLICE_S = 0.4
_LONGEST_S = 60.0
LARGEST = {"width": 3840, "height": 2160, "fps": 60, "duration": 60}


def _ordered(client: httpx.Client) -> str:
    """The address of a finished film that takes as long as any."""
    order = {**LARGEST, "model": "kling-v2-5-turbo", "prompt": ORDER["prompt"]}
    headers = {"Authorization": "Bearer sk-bench-0123456789abcdef0123456789"}
    path = "/infinityblue/v1/video/generations"
    made = client.post(path, json=order, headers=headers).json()
    while True:
        told = client.get(f"{path}/{made['task_id']}", headers=headers).json()
        if told["status"] == "completed":
            url: str = told["url"]
            return url


def _renderer(server_pid: int, deadline: float) -> int:
    """The process id of the server's renderer, once it draws."""
    while time.perf_counter() < deadline:
        for listed in Path(f"/proc/{server_pid}/task").glob("*/children"):
            for child in listed.read_text().split():
                # Past its imports, so that it is drawing that is measured.
                time.sleep(1.0)
                return int(child)
        time.sleep(0.01)
    raise RuntimeError("no renderer was started, or this system has no /proc to find it in")


def _shares(port: int, server_pid: int, url: str, rounds: int) -> Iterator[float]:
    """Polls/s beside the drawing over polls/s while it is held, slice by slice in turn."""
    wanted = poll_request(port)
    drawn = threading.Event()

    def fetch() -> None:
        with suppress(httpx.HTTPError):
            httpx.get(url, timeout=_LONGEST_S)
        drawn.set()

    threading.Thread(target=fetch, daemon=True).start()
    renderer = _renderer(server_pid, time.perf_counter() + _LONGEST_S)
    slice_of(port, wanted, _SLICE_S)
    for _ in range(rounds):
        beside = slice_of(port, wanted, _SLICE_S)["per_s"]
        if drawn.is_set():
            return
        os.kill(renderer, signal.SIGSTOP)
        try:
            held = slice_of(port, wanted, _SLICE_S)["per_s"]
        finally:
            os.kill(renderer, signal.SIGCONT)
        yield beside / held


def _plan(side: tuple[int, int], fps: int, seconds: int, seed: int) -> MediaPlan:
    width, height = side
    return MediaPlan(
        width=width,
        height=height,
        fps=fps,
        duration_ms=seconds * 1000,
        audio=True,
        seed=seed,
        prompt=str(ORDER["prompt"]),
        model="bench",
        label="bench",
    )


class _Films:
    """Films by a renderer whose processes have loaded what they need."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.renderer = Renderer()
        for fps in (1, 60):
            # Both lanes: the second film is too large for the quick one.
            self.order(_plan((1920, 1080), fps, 2, 0)).result()

    def order(self, plan: MediaPlan, **about: Any) -> Future[None]:
        """Asks for a film, or for what ``about`` says."""
        out = str(self._folder / "film")
        wire = {"kind": "video", "out": out, "plan": plan_wire(plan), "first": None, "last": None}
        frames = 1 if about else plan.frame_count
        work_mp = plan.width * plan.height * frames / 1e6
        return self.renderer.submit({**wire, **about}, work_mp=work_mp)

    def row(self, what: str, most_ms: float, plan: MediaPlan, **about: Any) -> Row:
        """The median of some films, each with a seed of its own, and a renderer's own time."""
        took, worked = [], []
        # A minute of the largest is enough.
        for seed in range(1 if not about and plan.duration_ms == DURATION_MAX_MS else 3):
            before, begun = self._processor_ms(), time.perf_counter()
            self.order(replace(plan, seed=seed), **about).result()
            took.append(1000 * (time.perf_counter() - begun))
            worked.append(self._processor_ms() - before)
        note = f"{median(worked):,.0f} ms of a processor"
        return Row(what, median(took), "ms", most=most_ms, note=note)

    def _processor_ms(self) -> float:
        return sum(map(processor_us, self.renderer.pids)) / 1000


def _film_rows(full: bool) -> Iterator[Row]:
    hd, full_hd = _plan((1280, 720), 24, 5, 0), _plan((1920, 1080), 24, 10, 0)
    largest = _plan((LARGEST["width"], LARGEST["height"]), LARGEST["fps"], LARGEST["duration"], 0)
    with TemporaryDirectory() as folder:
        films = _Films(Path(folder))
        try:
            yield films.row("5 s of 720p", 600, hd)
            yield films.row("10 s of 1080p", 1_800, full_hd)
            yield films.row("10 s of 1080p, tiny", 100, full_hd, tiny=True)
            if full:
                yield films.row("60 s of 4K at 60 fps", 40_000, largest)
            beside = films.order(largest)
            yield films.row("a 4K poster beside it", 1_000, largest, kind="poster")
            yield films.row("2 s of 360p beside it", 1_000, _plan((640, 360), 24, 2, 0))
            films.renderer.drop(beside)
        finally:
            films.renderer.close()


def measure(effort: Effort) -> Iterator[Row]:
    """Films by their length, and the rate of polls during a drawing as a share of that at rest."""
    unpinned()
    yield from _film_rows(full=effort.rounds >= FULL.rounds)
    with server("bodydouble", "hasty", pin=False) as (port, pid):
        with httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
            url = _ordered(client)
        shares = list(_shares(port, pid, url, effort.rounds * 2))
    if not shares:
        raise RuntimeError("the drawing was over before a slice of polls was")
    tell(f"  {len(shares)} pairs of slices")
    yield Row(
        "polls while a 4K film is drawn",
        100 * median(shares),
        "% of rest",
        least=60,
        note=f"{len(shares)} pairs of slices of {_SLICE_S} s",
    )
