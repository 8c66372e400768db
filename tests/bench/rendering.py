"""Polls while a video is drawn: the renderer is a process of its own and must not slow them.

Nothing is pinned here: server, renderer and load generator share the machine's cores as they would.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from statistics import median

import httpx
from report import Effort, Row, tell
from wire import KEY, ORDER, poll_request, server, slice_of, unpinned

_AT_REST_S = 0.5
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


def _during(port: int, url: str, wanted: bytes) -> list[float]:
    """Polls/s of every slice that lay within the drawing."""
    drawn = threading.Event()

    def fetch() -> None:
        try:
            httpx.get(url, timeout=_LONGEST_S).raise_for_status()
        finally:
            drawn.set()

    worker = threading.Thread(target=fetch)
    worker.start()
    rates = []
    while not drawn.is_set():
        rate = slice_of(port, wanted, 0.3)["per_s"]
        if not drawn.is_set():
            rates.append(rate)
    worker.join()
    return rates


def measure(effort: Effort) -> Iterator[Row]:
    """One row: the rate of polls during a drawing as a share of that at rest."""
    unpinned()
    shares, slices = [], 0
    with server("understudy", "hasty", pin=False) as (port, _):
        wanted = poll_request(port)
        slice_of(port, wanted, _AT_REST_S)
        with httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
            for number in range(max(2, effort.rounds // 3)):
                rest = slice_of(port, wanted, _AT_REST_S)["per_s"]
                rates = _during(port, _ordered(client, number), wanted)
                slices += len(rates)
                shares += [rate / rest for rate in rates]
                tell(f"  drawing {number + 1}: {len(rates)} slices")
    if not shares:
        raise RuntimeError("every drawing was over before a slice of polls was")
    share = 100 * median(shares)
    yield Row(
        "polls while a 1080p video is drawn",
        share,
        "% of rest",
        least=60,
        note=f"{slices} slices of 0.3 s",
    )
