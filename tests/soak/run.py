"""`make soak`: memory, nonsense and kills for so many minutes, and one verdict."""

from __future__ import annotations

import argparse
import asyncio
import shutil
import sys
import tempfile
import time
from itertools import count
from pathlib import Path

from tests.soak.hostile import hostile
from tests.soak.kills import kills
from tests.soak.memory import GROWTH_MAX, curve, grown, tell
from tests.stores.keepers import started

CYCLES = 20


def memory(requests: int, seed: int) -> None:
    """The curve of memory levels off."""
    points = asyncio.run(curve(requests, 1_000, seed))
    assert grown(points) <= GROWTH_MAX, f"memory grew by {grown(points):.1%} in the second half"


def killed(kind: str, cycles: int, seed: int) -> int:
    """A store of that kind through so many kills; how many orders came through."""
    with tempfile.TemporaryDirectory(prefix="soak") as folder:
        if kind == "sqlite":
            return len(kills(f"sqlite:{folder}/a.db", cycles, seed).jobs)
        redis = started(Path(folder, "s"))
        try:
            return len(kills(f"unix://{folder}/s", cycles, seed).jobs)
        finally:
            redis.kill()
            redis.wait()


def main() -> int:
    """Run everything; 1 at the first thing that does not hold, which is named."""
    wanted = argparse.ArgumentParser(description=__doc__)
    wanted.add_argument("--minutes", type=float, default=30)
    wanted.add_argument("--requests", type=int, default=1_000_000)
    wanted.add_argument("--seed", type=int, default=1)
    given = wanted.parse_args()
    until = time.monotonic() + given.minutes * 60
    kinds = ["sqlite", "redis"] if shutil.which("redis-server") else ["sqlite"]
    cycles = orders = 0
    try:
        memory(given.requests, given.seed)
        hostile(min(120.0, given.minutes * 12), given.seed)
        for number in count():
            if time.monotonic() > until:
                break
            kind = kinds[number % len(kinds)]
            of = CYCLES if kind == "sqlite" else CYCLES // 4
            orders += killed(kind, of, given.seed + number)
            cycles += of
            tell(f"{kind}: {cycles} kills, {orders} orders")
    except AssertionError as error:
        tell(f"SOAK FAILED: {error}")
        return 1
    done = f"{given.requests} requests, {cycles} kills, {orders} orders"
    tell(f"SOAK PASSED: {done}, seed {given.seed}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
