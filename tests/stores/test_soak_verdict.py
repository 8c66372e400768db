"""The verdict on memory can fail: what is kept of each request and never let go is convicted."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.soak import memory

ROOT = Path(__file__).parents[2]


def test_a_leak_is_convicted() -> None:
    command = (sys.executable, "-m", "tests.soak.leaking")
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    grown, requests = done.stdout.split()
    assert float(grown) > memory.GROWTH_MAX
    assert int(requests) > 1_900


def test_what_levels_off_is_not() -> None:
    held = [300.0 + min(number, 9) * 30 for number in range(memory.POINTS)]
    points = [(number, megabytes, 1) for number, megabytes in enumerate(held)]
    assert memory.grown(points) == 0.0
    points[-1] = (20, held[-1] * 1.06, 1)
    assert memory.grown(points) > memory.GROWTH_MAX
