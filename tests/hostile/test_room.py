"""A sandbox keeps so many jobs, and so much of their texts: what is beyond is refused and free."""

from __future__ import annotations

import pytest

from bodydouble.sandbox import bounds
from tests.control.session import control_session
from tests.vendors.asking import VENDORS


@pytest.mark.parametrize("vendor", VENDORS)
async def test_a_job_beyond_the_last_is_refused_and_costs_nothing(
    vendor: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounds, "JOBS_PER_SANDBOX_MAX", 2)
    async with control_session() as session:
        for _ in range(2):
            assert (await session.submit(vendor)).status_code < 300
        before = await session.done("GET", "/accounts")
        told = await session.submit(vendor)
        assert told.status_code >= 500
        assert "sandbox" not in told.text
        assert await session.done("GET", "/accounts") == before
        assert (await session.done("GET", "/jobs"))["total"] == 2


async def test_long_texts_are_counted_together_and_short_ones_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bounds, "TEXT_LONG", 100)
    monkeypatch.setattr(bounds, "TEXTS_PER_SANDBOX_MAX", 1000)
    async with control_session() as session:
        seen = [(await session.submit(prompt="x" * 450)).status_code for _ in range(4)]
        assert seen == [202, 202, 500, 500]
        assert (await session.submit(prompt="a fox")).status_code == 202
