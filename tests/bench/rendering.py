"""Polls while a video is drawn: the renderer is a process of its own and must not slow them.

Nothing is pinned here: server, renderer and load generator share the cores as they would. The
renderer draws and is held in turn, so that each slice has a neighbour at rest.
"""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from statistics import median

import httpx

from tests.bench.report import Effort, Row, tell
from tests.bench.wire import KEY, ORDER, poll_request, server, slice_of, unpinned

_SLICE_S = 0.4
_LONGEST_S = 60.0


def _ordered(client: httpx.Client, number: int) -> str:
    """A finished 1080p job's video address."""
    order = {
        "model": "pollo-v1-6",
        "type": "text_to_video",
        "prompt": f"{ORDER['prompt']}, take {number}",
        "duration": 10,
        "resolution": "1080p",
    }
    headers = {"Authorization": f"Bearer {KEY}"}
    made = client.post("/smartlyq/v1/videos/generate", content=json.dumps(order), headers=headers)
    job = made.json()["data"]["job_uid"]
    while True:
        data = client.get(f"/smartlyq/v1/jobs/{job}", headers=headers).json()["data"]
        if data["status"] == "completed":
            url: str = data["result"]["url"]
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


def measure(effort: Effort) -> Iterator[Row]:
    """One row: the rate of polls during a drawing as a share of that while it is held."""
    unpinned()
    with server("bodydouble", "hasty", pin=False) as (port, pid):
        with httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
            url = _ordered(client, 1)
        shares = list(_shares(port, pid, url, effort.rounds * 2))
    if not shares:
        raise RuntimeError("the drawing was over before a slice of polls was")
    tell(f"  {len(shares)} pairs of slices")
    yield Row(
        "polls while a 1080p video is drawn",
        100 * median(shares),
        "% of rest",
        least=60,
        note=f"{len(shares)} pairs of slices of {_SLICE_S} s",
    )
