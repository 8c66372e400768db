"""What each store costs: polls and submissions beside the memory store's, and what Redis does.

Slices are interleaved, so that each has a neighbour in time. Redis tells how often it read from a
connection, which is a round trip where every command waits for its reply, and what it holds.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from tests.bench.report import Effort, Row, middle_ratio, tell
from tests.bench.wire import (
    pinned,
    poll_request,
    processor_us,
    server,
    slice_of,
    submit_request,
)
from tests.stores.keepers import started

KINDS = ("poll", "submit")
GOALS = {("sqlite", "poll"): 60.0, ("sqlite", "submit"): 35.0}
Runs = dict[tuple[str, str], list[dict[str, float]]]


@dataclass
class Watched:
    """A Redis of our own: how often it was asked, how much it holds, how long it worked."""

    url: str
    pid: int
    client: Any = field(init=False)

    def __post_init__(self) -> None:
        from redis import Redis

        self.client = Redis.from_url(self.url)

    def figures(self) -> dict[str, float]:
        """What adds up while requests come in."""
        told = self.client.info()
        return {
            "redis_trips": told["total_reads_processed"],
            "redis_bytes": told["used_memory"],
            "redis_us": processor_us(self.pid),
        }


def measure(effort: Effort) -> Iterator[Row]:
    """Rows for SQLite and, where it is installed, Redis."""
    pinned(1)
    with TemporaryDirectory(prefix="bd") as folder, ExitStack() as stack:
        urls = {"memory": "memory:", "sqlite": f"sqlite:{folder}/bench.db"}
        watched = None
        if shutil.which("redis-server"):
            process = started(Path(folder, "s"))
            stack.callback(process.wait)
            stack.callback(process.kill)
            urls["redis"] = f"unix://{folder}/s"
            watched = Watched(urls["redis"], process.pid)
        servers: dict[tuple[str, str], tuple[int, int]] = {}
        for name, url in urls.items():
            # Jobs stay where they are: nothing comes due, and nothing but the request is measured.
            one = stack.enter_context(server("bodydouble", "frozen", url))
            servers |= {(name, kind): one for kind in KINDS}
        seen = _interleaved(effort, servers, watched)
    yield from _rows(seen, list(urls))


def _interleaved(
    effort: Effort, servers: dict[tuple[str, str], tuple[int, int]], watched: Watched | None
) -> Runs:
    asked = {
        (name, kind): poll_request(port) if kind == "poll" else submit_request()
        for (name, kind), (port, _) in servers.items()
    }
    seen: Runs = {}
    for number in range(effort.rounds + 1):
        for place, (port, pid) in servers.items():
            known = watched if place[0] == "redis" else None
            before = {"processor_us": processor_us(pid)} | (known.figures() if known else {})
            run = slice_of(port, asked[place], effort.slice_s)
            after = {"processor_us": processor_us(pid)} | (known.figures() if known else {})
            run |= {name: (after[name] - before[name]) / run["answers"] for name in before}
            if number:  # the first round warms up, and fills the log
                seen.setdefault(place, []).append(run)
        tell(f"  round {number} of {effort.rounds}")
    return seen


def _rows(seen: Runs, names: list[str]) -> Iterator[Row]:
    def middle(place: tuple[str, str], figure: str) -> float:
        return median(run[figure] for run in seen[place])

    for kind in KINDS:
        beside = [run["per_s"] for run in seen["memory", kind]]
        for name in names:
            share = middle_ratio([run["per_s"] for run in seen[name, kind]], beside)
            rate, busy = middle((name, kind), "per_s"), middle((name, kind), "processor_us")
            note = f"{rate:,.0f} requests/s, {busy:.0f} us of a worker's processor each"
            goal = GOALS.get((name, kind))
            yield Row(f"{kind} with {name}", 100 * share, "% of memory", least=goal, note=note)
    if "redis" not in names:
        return
    for kind in KINDS:
        place = "redis", kind
        trips, busy = middle(place, "redis_trips"), middle(place, "redis_us")
        note = f"{busy:.0f} us of Redis' processor each"
        most = 1.05 if kind == "poll" else None
        yield Row(f"round trips to Redis of a {kind}", trips, "each", most=most, note=note)
        ratio = middle(place, "processor_us") / busy
        what = f"workers that keep one Redis busy with {kind}s"
        yield Row(what, ratio, "workers", note="worker's time over Redis' time")
    yield Row("memory of Redis for a job", middle(("redis", "submit"), "redis_bytes"), "bytes")
