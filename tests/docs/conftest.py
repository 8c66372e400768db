"""The site, built once for all tests that look at it."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path

import pytest

from docs.site import __main__ as site_builder


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if importlib.util.find_spec("zensical") is None and "CI" not in os.environ:
        pytest.skip("needs the extra docs")
    return site_builder.build(tmp_path_factory.mktemp("site"))
