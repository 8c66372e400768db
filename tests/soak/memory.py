"""A million requests of all sorts over a thousand sandboxes: what the process holds must level off.

Run as a program it prints a curve and a verdict: `python -m tests.soak.memory --requests 1000000`.
Requests go through the application in process, so that what is measured is what it keeps.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bodydouble.core.chance import Draw
from bodydouble.providers import load
from bodydouble.web.app import Application
from bodydouble.web.settings import Settings
from tests.vendors.asking import VENDORS, asking

PAGE_BYTES = 4096
POINTS = 20
Asked = tuple[str, str, dict[str, str], bytes]
"""Method, target, headers, body."""
GROWTH_MAX = 0.10
"""How much more is held at the end than at half of the way, as a share."""


def tell(text: str) -> None:
    """A line at once, to whoever reads it."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def resident_mb() -> float:
    """What the process holds of memory, in MB."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * PAGE_BYTES / 1e6


async def ask(app: Application, asked: Asked) -> int:
    """Send one request in process; its status."""
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
    status = 0

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        nonlocal status
        if message["type"] == "http.response.start":
            status = message["status"]

    await app(scope, receive, send)
    return status


def requests(rng: random.Random, sandboxes: int) -> Iterator[Asked]:
    """Requests of all sorts, for ever: orders, polls, refusals, long heads, nonsense, strangers."""
    keys = [
        (vendor, load(vendor).mint_key(Draw(1, vendor, number)))
        for vendor in VENDORS
        for number in range(sandboxes // len(VENDORS))
    ]
    while True:
        vendor, key = rng.choice(keys)
        way = asking(vendor)
        headers = {**way.headers(key), "host": "localhost"}
        kind = rng.random()
        if kind < 0.25:
            body = json.dumps(way.body("A fox, " + "x" * rng.randrange(200), small=True)).encode()
            yield "POST", way.submit_path, {**headers, "content-type": "application/json"}, body
        elif kind < 0.8:
            yield "GET", way.poll_path.format(job=f"task_{rng.randrange(10**6):032d}"), headers, b""
        elif kind < 0.9:
            long = {f"x-{n}": "v" * rng.randrange(4000) for n in range(8)}
            yield "GET", f"/{vendor}/nowhere?{'q' * rng.randrange(3000)}", headers | long, b""
        else:
            body = rng.randbytes(rng.randrange(20_000))
            yield "POST", way.submit_path, {**headers, "content-type": "application/json"}, body


async def curve(count: int, sandboxes: int, seed: int) -> list[tuple[int, float, int]]:
    """(requests so far, MB held, sandboxes) at `POINTS` places."""
    app = Application(Settings(seed=seed, log_format="none"))
    points, statuses = [], dict[int, int]()
    for number, asked in enumerate(requests(random.Random(seed), sandboxes), 1):
        status = await ask(app, asked)
        statuses[status] = statuses.get(status, 0) + 1
        if number % (count // POINTS) == 0:
            points.append((number, resident_mb(), len(app.registry.last_used)))
            tell(f"{number:>9}  {points[-1][1]:8.1f} MB  {points[-1][2]} sandboxes")
        if number >= count:
            break
    tell(f"statuses {dict(sorted(statuses.items()))}")
    return points


def main() -> int:
    """Print the curve; 1 if memory still grows in the second half."""
    wanted = argparse.ArgumentParser(description=__doc__)
    wanted.add_argument("--requests", type=int, default=1_000_000)
    wanted.add_argument("--sandboxes", type=int, default=1_000)
    wanted.add_argument("--seed", type=int, default=1)
    given = wanted.parse_args()
    points = asyncio.run(curve(given.requests, given.sandboxes, given.seed))
    half, end = points[POINTS // 2 - 1][1], points[-1][1]
    grown = end / half - 1
    tell(f"memory: {half:.0f} MB at half of the way, {end:.0f} MB at its end, {grown:+.1%}")
    return int(grown > GROWTH_MAX)


if __name__ == "__main__":
    sys.exit(main())
