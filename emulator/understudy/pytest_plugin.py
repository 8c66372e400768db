"""The pytest plugin: the fixture ``understudy``, a fresh sandbox for each test.

It imports only pytest until a fixture is used, so that it costs nothing in suites that have it
installed and never ask for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from understudy.testing import Emulator, Sandbox


@pytest.fixture(scope="session")
def understudy_emulator() -> Iterator[Emulator]:
    """The one emulator of this test process; it listens once an address is asked for."""
    from understudy.testing import Emulator

    with Emulator() as emulator:
        yield emulator


@pytest.fixture
def understudy(understudy_emulator: Emulator, request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    """A fresh sandbox with a frozen clock, forgotten after the test."""
    with understudy_emulator.sandbox(seed=1, hints=True, label=request.node.nodeid) as sandbox:
        yield sandbox
