"""What the judge's own tests share: the toy vendor, its profile, and a target round it."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any

import pytest

from bodydouble_contracts.targets.in_process import InProcess
from bodydouble_contracts.vendors.profile import Profile
from bodydouble_contracts.vendors.reader import load

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))


def new_toy() -> Any:
    """Return a fresh toy vendor; its module is found by name, as any target is."""
    return importlib.import_module("toy").Toy()


@pytest.fixture
def toy() -> InProcess:
    """A fresh toy vendor behind the fast driver."""
    return InProcess(new_toy(), "toy", fresh=new_toy)


@pytest.fixture(scope="session")
def toy_profile() -> Profile:
    """The toy's profile, read from a file outside the judge."""
    return load(str(HERE / "toy.yaml"))
