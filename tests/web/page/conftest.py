"""A server and a sandbox for each test of the page."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bodydouble.testing import Emulator
from bodydouble.testing.sandbox import Sandbox


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    """A server of its own."""
    with Emulator(seed=1) as running:
        yield running


@pytest.fixture
def sandbox(emulator: Emulator) -> Iterator[Sandbox]:
    """A sandbox whose time stands still."""
    with emulator.sandbox(seed=7) as made:
        yield made
