"""One session for each vendor and test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.hostile.targets import TARGETS, Session


@pytest.fixture(params=TARGETS, ids=lambda target: target.name)
def session(request: pytest.FixtureRequest) -> Iterator[Session]:
    opened = Session(request.param)
    yield opened
    opened.close()
