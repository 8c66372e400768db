"""One door for each vendor and test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.hostile.parties import PARTIES, Door


@pytest.fixture(params=PARTIES, ids=lambda party: party.name)
def door(request: pytest.FixtureRequest) -> Iterator[Door]:
    opened = Door(request.param)
    yield opened
    opened.close()
