"""The site, built once for all tests that look at it."""

from __future__ import annotations

import importlib.util
import os
from fcntl import LOCK_EX, flock
from pathlib import Path

import pytest

from docs.site import __main__ as site_builder


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if importlib.util.find_spec("zensical") is None and "CI" not in os.environ:
        pytest.skip("needs the extra docs")
    place = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        place = place.parent
    with (place / "site.lock").open("w") as lock:
        # Of two test workers the first builds it.
        flock(lock, LOCK_EX)
        if not (place / "site" / "html" / "llms-full.txt").exists():
            site_builder.build(place / "site")
    return place / "site" / "html"
