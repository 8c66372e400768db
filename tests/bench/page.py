"""The page for people: what a crowded sandbox costs to look at, and what looking costs others.

Two servers run side by side: the page of one is open, nobody has ever asked for the other's. Paint
is what Chromium says of it; without one there is no such row.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median
from typing import Any

import httpx

from bodydouble.testing import Emulator
from tests.bench.local import took_ms
from tests.bench.report import Effort, Row, middle_ratio, tell
from tests.bench.wire import pinned, poll_request, server, slice_of
from tests.web.browser import CHROMIUM, chromium
from tests.web.page.furnished import CROWD, crowded
from tests.web.page.opening import order

_TABS = ("jobs", "requests", "wallet", "webhooks")
_PAINTED = (
    "new Promise(done => new PerformanceObserver(seen => done(seen.getEntries()[0].startTime))"
    ".observe({type: 'paint', buffered: true}))"
)


def _export() -> Any:
    """A sandbox as it is exported, with ten thousand jobs in it."""
    with Emulator(seed=1) as emulator, emulator.sandbox(seed=1) as sandbox:
        sandbox.webhooks.subscribe(vendor="smartlyq")
        sandbox.jobs.finish(order(sandbox))
        sandbox.clock.advance(1)
        return crowded(sandbox.control.export(sandbox.id))


def _looks(http: httpx.Client, box: str, times: int) -> Iterator[Row]:
    for tab in _TABS:
        path = f"/_bodydouble/ui/{box}/{tab}"
        http.get(path)
        asked = [took_ms(lambda: http.get(path).raise_for_status()) for _ in range(times)]  # noqa: B023
        yield Row(f"the page's {tab} of a crowded sandbox", median(asked), "ms", most=100)
    path = f"/_bodydouble/sandboxes/{box}/changes"
    asked = [took_ms(lambda: http.get(path).raise_for_status()) for _ in range(times)]
    yield Row("whether anything has changed there", median(asked), "ms", most=10)


def _paint(url: str, times: int) -> Iterator[Row]:
    if not CHROMIUM:
        return
    seen = []
    with chromium() as running:
        for _ in range(times):
            page = running.new_page()
            page.goto(url)
            seen.append(float(page.evaluate(_PAINTED)))
            page.close()
    yield Row(f"first paint with {CROWD['job']:,} jobs", median(seen), "ms", most=500)


@contextmanager
def _open(base_url: str, box: str) -> Iterator[None]:
    """A page's stream, read for as long as the block lasts."""
    told, over = threading.Event(), threading.Event()

    def read() -> None:
        address = f"{base_url}/_bodydouble/ui/{box}/changes"
        with httpx.stream("GET", address, timeout=60) as answer:
            for _ in answer.iter_raw():
                told.set()
                if over.is_set():
                    return

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    told.wait(10)
    try:
        yield
    finally:
        over.set()


def measure(effort: Effort) -> Iterator[Row]:
    """Rows for tabs, a look for changes, the first paint, and polls beside an open page."""
    pinned(1)
    with server("bodydouble") as (port, _), server("bodydouble") as (plain, _):
        base_url = f"http://127.0.0.1:{port}"
        with httpx.Client(base_url=base_url, timeout=60) as http:
            made = http.post("/_bodydouble/sandboxes/import", json=_export()).raise_for_status()
            box = made.json()["id"]
            tell(f"  a sandbox with {CROWD}")
            yield from _looks(http, box, effort.rounds * 3)
        yield from _paint(f"{base_url}/_bodydouble/ui/{box}/jobs", effort.rounds)
        asked = {port: poll_request(port), plain: poll_request(plain)}
        seen: dict[int, list[float]] = {port: [], plain: []}
        with _open(base_url, "bench"):
            for _ in range(effort.rounds):
                for one, wanted in asked.items():
                    seen[one].append(slice_of(one, wanted, effort.slice_s)["per_s"])
    share = 100 * middle_ratio(seen[port], seen[plain])
    note = f"{median(seen[port]):,.0f} and {median(seen[plain]):,.0f} requests/s"
    yield Row("polls while the page is open", share, "% of those without", least=90, note=note)
