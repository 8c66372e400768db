"""A million requests of all sorts over a thousand sandboxes: what the process holds must level off.

Run as a program it prints a curve, what is kept at each point of it, and a verdict:
`python -m tests.soak.memory --requests 1000000`. Requests go through the application in process, so
that what is measured is what it keeps. Everything that has a bound reaches it before half of the
way: money is little, so that jobs and what hangs on them end, and few sandboxes take pictures and
snapshots until they are full. What still grows after that is a leak.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sys
from collections import Counter as Tally
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from bodydouble.core.chance import Draw
from bodydouble.core.evidence.request_log import Exchange
from bodydouble.core.keys import digest, opened_by
from bodydouble.core.media.uploads import blob
from bodydouble.core.sandboxes import Sandbox
from bodydouble.providers import load
from bodydouble.sandbox.open_sandbox import OpenSandbox
from bodydouble.sandbox.pictures import keep_picture
from bodydouble.stores import memory
from bodydouble.stores.memory import MemoryStore
from bodydouble.web.app import Application
from bodydouble.web.keys.registry import real_us
from bodydouble.web.settings import Settings
from tests.vendors.asking import VENDORS, asking

PAGE_BYTES = 4096
POINTS = 20
Asked = tuple[str, str, dict[str, str], bytes]
"""Method, target, headers, body."""
GROWTH_MAX = 0.05
"""How much more is held at the end than at half of the way, as a share."""
USUAL = 1_000
"""Sandboxes of a whole run; with fewer of them what bounds a process is less in proportion."""
RECEIVER = "https://inbox.example/hook"


def tell(text: str) -> None:
    """A line at once, to whoever reads it."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def resident_mb() -> float:
    """What the process holds of memory, in MB."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * PAGE_BYTES / 1e6


async def ask(app: Application, asked: Asked) -> tuple[int, bytes]:
    """Send one request in process; its status and its body."""
    method, target, headers, body = asked
    path, _, query = target.partition("?")
    scope: dict[str, Any] = {
        "type": "http",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "scheme": "http",
        "query_string": query.encode(),
        "http_version": "1.1",
        "headers": [(k.lower().encode(), v.encode()) for k, v in headers.items()],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 8750),
    }
    if body:
        scope["headers"].append((b"content-length", str(len(body)).encode()))
    status, said = 0, b""

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        nonlocal status, said
        if message["type"] == "http.response.start":
            status = message["status"]
        elif message["type"] == "http.response.body":
            said += message.get("body", b"")

    await app(scope, receive, send)
    return status, said


@dataclass
class Crowd:
    """Clients of all sorts, and the jobs they know of."""

    rng: random.Random
    sandboxes: int
    jobs: deque[tuple[str, str, str]] = field(default_factory=lambda: deque(maxlen=1000))

    def keys(self) -> list[tuple[str, str]]:
        """Vendors and keys, the same in each run."""
        return [
            (vendor, load(vendor).mint_key(Draw(1, vendor, number)))
            for vendor in VENDORS
            for number in range(self.sandboxes // len(VENDORS))
        ]

    def requests(self) -> Iterator[Asked]:
        """Requests of all sorts, for ever; first of all, whoever can wants to be told."""
        keys = self.keys()
        for vendor, key in keys:
            hooks = load(vendor).webhooks
            if hooks is not None and hooks.registration is not None:
                path = f"/{vendor}{load(vendor).base_path}{hooks.registration.path}"
                body = hooks.registration.body(RECEIVER, hooks.registration.events)
                yield self._posted(vendor, key, path, json.dumps(body).encode())
        while True:
            vendor, key = self.rng.choice(keys)
            yield self._one(vendor, key)

    def _posted(self, vendor: str, key: str, path: str, body: bytes, **more: str) -> Asked:
        headers = {**asking(vendor).headers(key), "host": "localhost", **more}
        return "POST", path, {**headers, "content-type": "application/json"}, body

    def _one(self, vendor: str, key: str) -> Asked:
        rng, way, kind = self.rng, asking(vendor), self.rng.random()
        headers = {**way.headers(key), "host": "localhost"}
        if kind < 0.25:
            body = json.dumps(way.body("A fox, " + "x" * rng.randrange(200), small=True)).encode()
            own = {"x-idempotency-key": f"k{rng.randrange(50)}"} if rng.random() < 0.5 else {}
            if rng.random() < 0.02:
                key = load(vendor).mint_key(Draw(2, vendor, rng.randrange(10**9)))
            return self._posted(vendor, key, way.submit_path, body, **own)
        if kind < 0.30 and self.jobs:
            vendor, key, job = rng.choice(self.jobs)
            way = asking(vendor)
            headers = {**way.headers(key), "host": "localhost"}
            if way.cancel is None or rng.random() < 0.5:
                return "GET", way.poll_path.format(job=job), headers, b""
            return way.cancel.method, way.cancel_path.format(job=job), headers, b""
        if kind < 0.8:
            return (
                "GET",
                way.poll_path.format(job=f"task_{rng.randrange(10**6):032d}"),
                headers,
                b"",
            )
        if kind < 0.9:
            long = {f"x-{n}": "v" * rng.randrange(4000) for n in range(8)}
            return "GET", f"/{vendor}/nowhere?{'q' * rng.randrange(3000)}", headers | long, b""
        return self._posted(vendor, key, way.submit_path, rng.randbytes(rng.randrange(20_000)))

    def met(self, asked: Asked, status: int, said: bytes, keys: dict[str, tuple[str, str]]) -> None:
        """Notes the job that an answer names."""
        vendor = asked[1].split("/")[1]
        way = asking(vendor) if vendor in VENDORS else None
        if way is not None and asked[1] == way.submit_path and status < 300:
            carried = asked[2][way.profile.section("key")["header"]].rpartition(" ")[2]
            if carried in keys:
                self.jobs.append((vendor, carried, way.job(httpx.Response(status, content=said))))


async def fill(app: Application, rng: random.Random, keys: list[tuple[str, str]]) -> None:
    """A picture for one of few sandboxes, and now and then a snapshot of one of fewer."""
    id = opened_by(digest(rng.choice(keys[: 1 + len(keys) // 50])[1]))
    async with app.store.transaction(id) as tx:
        record = await tx.get(Sandbox, id)
        if record is not None:
            sandbox = OpenSandbox(tx, record, app.providers, real_us())
            await keep_picture(sandbox, blob(rng.randbytes(20_000)))
    if rng.random() < 0.4:
        id = opened_by(digest(rng.choice(keys[: 1 + len(keys) // 500])[1]))
        path = f"/_bodydouble/sandboxes/{id}/snapshots"
        await ask(app, ("POST", path, {"host": "localhost"}, b""))


def kept(app: Application) -> str:
    """How much there is of what, in the memory store."""
    store, found, journaled = app.store, Tally[str](), 0
    assert isinstance(store, MemoryStore)
    for id in list(store._sandboxes):
        contents = store._sandboxes[id]
        found.update({kind.__name__: len(of) for kind, of in contents.records.items()})
        for journal in contents.journals.values():
            found["Exchange"] += len(journal.lines)
            journaled += journal.bytes
    sorts = ("Job", "Remembered", "Delivery", "Blob", "Snapshot", Exchange.__name__)
    listed = " ".join(f"{sort} {found[sort]}" for sort in sorts)
    return f"{listed} log {journaled / 1e6:.0f} MB"


def spare(vendor: str) -> str:
    """An eighth of a vendor's usual balance: it is spent long before the run is over."""
    provider = load(vendor)
    return provider.currency.text(sum([amount for _, amount in provider.starting_balance]) // 8)


@contextmanager
def in_proportion(sandboxes: int) -> Iterator[None]:
    """Has the logs of fewer sandboxes together be less, so that they reach their bound as soon."""
    bounds = memory.JOURNALS_BYTES_MAX, memory.FRESH_BYTES_MAX
    memory.JOURNALS_BYTES_MAX, memory.FRESH_BYTES_MAX = (
        min(bound, bound * sandboxes // USUAL) for bound in bounds
    )
    try:
        yield
    finally:
        memory.JOURNALS_BYTES_MAX, memory.FRESH_BYTES_MAX = bounds


async def curve(count: int, sandboxes: int, seed: int) -> list[tuple[int, float, int]]:
    """(requests so far, MB held, sandboxes) at `POINTS` places."""
    with in_proportion(sandboxes):
        return await _curve(count, sandboxes, seed)


async def _curve(count: int, sandboxes: int, seed: int) -> list[tuple[int, float, int]]:
    settings = Settings(
        seed=seed,
        log_format="none",
        speed=100,
        # Beside the usual ones there is room for a few whose key comes once.
        sandboxes_max=sandboxes + sandboxes // 5,
        balances={vendor: spare(vendor) for vendor in VENDORS},
    )
    app, crowd = Application(settings), Crowd(random.Random(seed), sandboxes)
    keys = crowd.keys()
    owners = {key: (vendor, key) for vendor, key in keys}
    points, statuses = [], dict[int, int]()
    await app.startup()
    for number, asked in enumerate(crowd.requests(), 1):
        status, said = await ask(app, asked)
        crowd.met(asked, status, said, owners)
        statuses[status] = statuses.get(status, 0) + 1
        if number % 100 == 0:
            await fill(app, crowd.rng, keys)
            await asyncio.sleep(0)
        if number % (count // POINTS) == 0:
            points.append((number, resident_mb(), len(app.registry.last_used)))
            tell(f"{number:>9}  {points[-1][1]:8.1f} MB  {points[-1][2]} sandboxes  {kept(app)}")
        if number >= count:
            break
    await app.shutdown()
    tell(f"statuses {dict(sorted(statuses.items()))}")
    return points


def grown(points: list[tuple[int, float, int]]) -> float:
    """How much more is held at the end than at half of the way, as a share."""
    return points[-1][1] / points[POINTS // 2 - 1][1] - 1


def main() -> int:
    """Print the curve; 1 if memory still grows in the second half."""
    wanted = argparse.ArgumentParser(description=__doc__)
    wanted.add_argument("--requests", type=int, default=1_000_000)
    wanted.add_argument("--sandboxes", type=int, default=1_000)
    wanted.add_argument("--seed", type=int, default=1)
    given = wanted.parse_args()
    points = asyncio.run(curve(given.requests, given.sandboxes, given.seed))
    half, end = points[POINTS // 2 - 1][1], points[-1][1]
    tell(f"memory: {half:.0f} MB at half of the way, {end:.0f} MB at its end, {grown(points):+.1%}")
    return int(grown(points) > GROWTH_MAX)


if __name__ == "__main__":
    sys.exit(main())
