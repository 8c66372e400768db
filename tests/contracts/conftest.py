"""What the judge's own tests share: the toy vendor, its profile, and a target round it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

from toy import Toy  # noqa: E402 - the folder is put on the path first

from understudy_contracts.profile import Profile  # noqa: E402
from understudy_contracts.profile_reader import load  # noqa: E402
from understudy_contracts.targets import InProcess  # noqa: E402


@pytest.fixture
def toy() -> InProcess:
    """A fresh toy vendor behind the fast driver."""
    return InProcess(Toy(), "toy", fresh=Toy)


@pytest.fixture(scope="session")
def toy_profile() -> Profile:
    """The toy's profile, read from a file outside the judge."""
    return load(str(HERE / "toy.yaml"))
