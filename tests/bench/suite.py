"""How long a suite takes that leans on the fixture: 200 tests of one submit and two polls each.

pytest is started as a user starts it, in a process and a folder of its own; what counts is its own
figure for the tests, so that starting Python is not measured.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from tests.bench.report import Effort, Row, tell

_TESTS = 200
_RUNS = 3
_SUITE = f"""
import pytest

ORDER = {{"model": "kling-v2-1", "type": "text_to_video", "prompt": "dunes"}}


@pytest.mark.parametrize("number", range({_TESTS}))
def test_a_video(bodydouble, number):
    with bodydouble.smartlyq.client() as client:
        job = client.post("/videos/generate", json=ORDER).json()["data"]["job_uid"]
        assert client.get(f"/jobs/{{job}}").json()["data"]["status"] == "pending"
        bodydouble.clock.advance(60)
        assert client.get(f"/jobs/{{job}}").json()["data"]["status"] == "completed"
"""


def _took_s() -> float:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "test_suite.py").write_text(_SUITE)
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"],
            cwd=folder,
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
    found = re.search(rf"{_TESTS} passed.* in ([0-9.]+)s", done.stdout)
    assert found is not None, done.stdout[-2000:]
    return float(found.group(1))


def measure(effort: Effort) -> Iterator[Row]:
    """One row: the median of three runs."""
    tell(f"  {_TESTS} tests with the fixture")
    took = median(_took_s() for _ in range(_RUNS))
    yield Row(f"{_TESTS} tests of a submit and two polls", took, "s", most=4.0)
