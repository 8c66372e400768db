"""A clock moved over much lets others have their turn, and comes out where one step would."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from bodydouble.sandbox import overrides
from bodydouble.web.settings import Settings
from tests.control.session import PLANE, ControlSession, control_session

JOBS = 40


async def crowded(session: ControlSession) -> None:
    for number in range(JOBS):
        assert (await session.submit(prompt=f"a fox, {number}")).status_code == 202


async def told(session: ControlSession) -> list[Any]:
    return [await session.done("GET", path) for path in ("/jobs?limit=100", "/accounts", "/clock")]


async def moved(body: dict[str, Any]) -> tuple[Any, list[Any]]:
    async with control_session(balance="1000", quirks={"smartlyq.requests_per_minute": 1000}) as it:
        await crowded(it)
        answer = await it.done("PATCH", "/clock", body)
        answer.pop("real_time", None)
        return answer["settled"], await told(it)


@pytest.mark.parametrize("body", [{"advance": "1h"}, {"until": "idle"}, {"until": "next-event"}])
async def test_many_steps_come_out_where_one_would(
    body: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(overrides, "ROWS_PER_WALK_MAX", 10**9)
    settled, whole = await moved(body)
    monkeypatch.setattr(overrides, "ROWS_PER_WALK_MAX", 3)
    in_steps, stepped = await moved(body)
    assert in_steps == settled > 0
    states = [[job["state"] for job in one[0]["jobs"]] for one in (whole, stepped)]
    balances = [[row["balance"] for row in one[1]["accounts"]] for one in (whole, stepped)]
    assert states[0] == states[1]
    assert balances[0] == balances[1]


async def test_a_neighbour_is_answered_while_much_happens_elsewhere(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(overrides, "ROWS_PER_WALK_MAX", 5)
    settings = Settings(seed=1, quirks={"smartlyq.requests_per_minute": 1000})
    async with control_session(settings, balance="1000") as session:
        await crowded(session)
        made = (await session.client.post(f"{PLANE}/sandboxes", json={"rate": 0})).json()
        neighbour = ControlSession(session.client, session.app, made)
        walk = asyncio.create_task(session.done("PATCH", "/clock", {"advance": "1h"}))
        answered = 0
        while not walk.done():
            await asyncio.sleep(0)
            assert (await neighbour.ask("GET", "/clock")).status_code == 200
            answered += 1
        assert (await walk)["settled"] == 2 * JOBS
        assert answered > JOBS / 5


async def test_a_job_that_never_ends_moves_no_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overrides, "ROWS_PER_WALK_MAX", 2)
    quirks = {"smartlyq.requests_per_minute": 1000}
    async with control_session(balance="1000", quirks=quirks) as session:
        await crowded(session)
        (first, *_) = await session.jobs()
        await session.done("PATCH", f"/jobs/{first['id']}", {"stall": True})
        before = (await session.done("GET", "/clock"))["now"]
        refused = await session.ask("PATCH", "/clock", {"until": {"job": first["id"]}})
        assert refused.status_code == 409
        assert "never end" in refused.text
        assert (await session.done("GET", "/clock"))["now"] == before
