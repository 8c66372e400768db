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
from tests.soak.kills import Trial, kills
from tests.soak.memory import GROWTH_MAX, curve, grown, tell
from tests.stores.keepers import started

CYCLES = 20
REQUESTS = 1_000_000
MINUTES = 30.0


def memory(requests: int, seed: int) -> None:
    """The curve of memory levels off. Each sandbox gets a thousand requests."""
    points = asyncio.run(curve(requests, max(20, requests // 1_000), seed))
    assert grown(points) <= GROWTH_MAX, f"memory grew by {grown(points):.1%} in the second half"


def killed(kind: str, cycles: int, seed: int, minutes: float = 60) -> tuple[int, int]:
    """A store of that kind through so many kills, or for so long; kills and orders."""
    with tempfile.TemporaryDirectory(prefix="soak") as folder:
        if kind == "sqlite":
            return counts(kills(f"sqlite:{folder}/a.db", cycles, seed, minutes=minutes))
        redis = started(Path(folder, "s"))
        try:
            return counts(kills(f"unix://{folder}/s", cycles, seed, minutes=minutes))
        finally:
            redis.kill()
            redis.wait()


def counts(trial: Trial) -> tuple[int, int]:
    """How often it was killed, and how many orders came through."""
    return trial.kills, len(trial.jobs)


def said_of(error: Exception) -> str:
    """What did not hold, or what kept it from being found out."""
    named = "" if isinstance(error, AssertionError) else f"{type(error).__name__}: "
    return f"{named}{error}"


def main() -> int:
    """Run everything; 1 at the first thing that does not hold, which is named."""
    wanted = argparse.ArgumentParser(description=__doc__)
    wanted.add_argument("--minutes", type=float, default=MINUTES)
    wanted.add_argument("--requests", type=int, help="[a million in half an hour]")
    wanted.add_argument("--seed", type=int, default=1)
    given = wanted.parse_args()
    requests = given.requests or int(REQUESTS * min(1.0, given.minutes / MINUTES))
    until = time.monotonic() + given.minutes * 60
    kinds = ["sqlite", "redis"] if shutil.which("redis-server") else ["sqlite"]
    cycles = orders = 0
    try:
        memory(requests, given.seed)
        hostile(min(120.0, given.minutes * 12), given.seed)
        for number in count():
            # Each kind once, however slow the machine.
            if number >= len(kinds) and time.monotonic() > until:
                break
            kind = kinds[number % len(kinds)]
            of = CYCLES if kind == "sqlite" else CYCLES // 4
            left = max(0.3, (until - time.monotonic()) / 60)
            done = killed(kind, of, given.seed + number, left)
            cycles, orders = cycles + done[0], orders + done[1]
            tell(f"{kind}: {cycles} kills, {orders} orders")
    except Exception as error:
        # Whatever ends it early, a client's time-out among it, is the verdict.
        tell(f"SOAK FAILED: {said_of(error)}")
        return 1
    held = f"{requests} requests, {cycles} kills, {orders} orders"
    tell(f"SOAK PASSED: {held}, seed {given.seed}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
