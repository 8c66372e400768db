"""`make nightly`: the tests marked so, a thousand kills, ten minutes of worker kills, one verdict.

Each says again, deeper, what a test says at every landing. What fails is named, and the rest is run
all the same.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from tests.soak.kills import kills
from tests.soak.memory import tell
from tests.soak.run import killed, said_of
from tests.stores.keepers import started

CYCLES = 50


def suite() -> str:
    """Every test marked `nightly`; AssertionError where one fails."""
    words = ["-n", "2", "--dist", "worksteal", "-m", "nightly", "--durations=10"]
    done = subprocess.run([sys.executable, "-m", "pytest", *words], check=False)
    assert done.returncode == 0, "a test marked nightly failed"
    return "the tests marked nightly"


def killings(number: int, seed: int) -> str:
    """A server on a file killed so often, in files of `CYCLES` each."""
    rounds = [
        killed("sqlite", min(CYCLES, number - done), seed + done)
        for done in range(0, number, CYCLES)
    ]
    assert sum(done for done, _ in rounds) == number, "a round of kills took more than an hour"
    return f"{number} kills, {sum(orders for _, orders in rounds)} orders"


def worker_killings(minutes: float, seed: int) -> str:
    """Two workers on one Redis, one of them killed again and again for so long."""
    with tempfile.TemporaryDirectory(prefix="nightly") as folder:
        assert shutil.which("redis-server"), "redis-server is not installed"
        redis = started(Path(folder, "s"))
        try:
            trial = kills(f"unix://{folder}/s", 10**6, seed, workers=2, minutes=minutes)
        finally:
            redis.kill()
            redis.wait()
    return f"{trial.kills} kills of workers on Redis, {len(trial.jobs)} orders"


def main() -> int:
    """Run everything and say one verdict; 1 where something did not hold."""
    wanted = argparse.ArgumentParser(description=__doc__)
    wanted.add_argument("--kills", type=int, default=1000)
    wanted.add_argument("--minutes", type=float, default=10, help="of worker kills")
    wanted.add_argument("--seed", type=int, default=1)
    given = wanted.parse_args()
    parts: list[Callable[[], str]] = [
        suite,
        lambda: killings(given.kills, given.seed),
        lambda: worker_killings(given.minutes, given.seed),
    ]
    held, failed = [], []
    for part in parts:
        try:
            held.append(part())
        except Exception as error:
            # A client's time-out among it: the rest is run all the same.
            failed.append(said_of(error))
        tell((held + failed)[-1])
    if failed:
        tell(f"NIGHTLY FAILED: {'; '.join(failed)}")
        return 1
    tell(f"NIGHTLY PASSED: {'; '.join(held)}; nothing lost, nothing twice, seed {given.seed}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
