"""A clock moved over much lets others have their turn, and comes out where one step would."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from bodydouble.sandbox import overrides
from bodydouble.web.settings import Settings
from tests.control.session import PLANE, ControlSession, control_session
from tests.vendors.asking import asking

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


@pytest.mark.parametrize("store", ["memory:", "sqlite:{}/s.db"])
async def test_another_client_of_the_same_sandbox_loses_nothing_between_two_steps(
    store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(overrides, "ROWS_PER_WALK_MAX", 3)
    settings = Settings(seed=1, store=store.format(tmp_path))
    quirks = {"smartlyq.requests_per_minute": 10_000}
    async with control_session(settings, balance="1000", quirks=quirks) as session:
        await crowded(session)
        before = await session.done("GET", "/clock")
        made: list[str] = []
        walk = asyncio.create_task(session.done("PATCH", "/clock", {"advance": "1h"}))
        while not walk.done():
            await asyncio.sleep(0)
            if len(made) == JOBS:
                continue
            ordered = await session.submit(prompt=f"between, {len(made)}")
            assert ordered.status_code == 202, ordered.text
            made.append(asking("smartlyq").job(ordered))
            assert (await session.poll(made[0])).status_code == 200
        assert (await walk)["settled"] >= 2 * JOBS
        assert len(made) > JOBS / 4, "hardly anybody had a turn"
        after = await session.done("GET", "/clock")
        assert after["now_us"] == before["now_us"] + 3_600_000_000
        await session.done("PATCH", "/clock", {"until": "idle"})
        jobs = (await session.done("GET", "/jobs?limit=1000"))["jobs"]
        assert len(jobs) == JOBS + len(made)
        assert {job["state"] for job in jobs} <= {"succeeded", "failed"}
        where = "/accounts/smartlyq/main"
        entries = (await session.done("GET", f"{where}/entries?limit=1000"))["entries"]
        charged = [one["job"] for one in entries if one["kind"] == "charge"]
        assert sorted(charged) == sorted(job["id"] for job in jobs)
        account = await session.done("GET", where)
        assert sum(Decimal(one["amount"]) for one in entries) == Decimal(account["balance"])


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
