"""Which sandboxes make room: what nobody uses, wherever it was used; what a tester made stays."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from bodydouble.core.sandboxes import Counter, Sandbox
from bodydouble.web import app
from bodydouble.web.app import Application
from bodydouble.web.keys.registry import real_us
from bodydouble.web.settings import Settings
from tests.control.session import PLANE, control_session


async def test_of_the_sandboxes_that_keys_opened_the_longest_idle_makes_room(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with control_session(Settings(seed=1, sandboxes_max=3)) as session:
        made = session.keys["smartlyq"]
        for number in (1, 2, 1, 3, 4):
            session.keys["smartlyq"] = f"sqk_live_nobody_issued_me_{number}"
            assert (await session.submit()).status_code == 202
        assert len(await session.app.store.sandboxes()) == 3
        session.keys["smartlyq"] = made
        assert (await session.submit()).status_code == 202
        assert not caplog.records


async def test_newcomers_that_find_no_room_are_logged_once_a_minute(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with control_session(Settings(seed=1, sandboxes_max=1)) as session:
        for number in range(20):
            session.keys["smartlyq"] = f"sqk_live_nobody_issued_me_{number}"
            assert (await session.submit()).status_code == 500
    assert len(caplog.records) == 1


async def idle_for(app: Application, id: str, seconds: float) -> None:
    """Makes it so long ago that anybody asked something of a sandbox."""
    then_us = real_us() - int(seconds * 1_000_000)
    async with app.store.transaction(id) as tx:
        record = await tx.get(Sandbox, id)
        assert record is not None
        tx.put(replace(record, used_real_us=then_us, created_real_us=then_us))
    app.registry.last_used.pop(id, None)


async def test_an_idle_sandbox_is_forgotten_and_a_used_one_is_not() -> None:
    async with control_session(Settings(seed=1, idle_s=1000)) as session:
        idle = (await session.client.post(f"{PLANE}/sandboxes")).json()["id"]
        await idle_for(session.app, idle, 1001)
        assert await session.app.registry.sweep() == 1
        assert await session.app.store.sandboxes() == [session.id]


async def test_a_copy_in_the_making_counts_from_when_it_was_first_seen() -> None:
    async with control_session(Settings(seed=1, idle_s=1000)) as session:
        async with session.app.store.transaction("half-made") as tx:
            tx.put(Counter("requests", 1))
        registry = session.app.registry
        assert await registry.sweep() == 0
        assert await registry.sweep() == 0
        registry.last_used["half-made"] -= 1001 * 1_000_000
        assert await registry.sweep() == 1


async def test_idle_sandboxes_are_kept_where_the_limit_is_none() -> None:
    async with control_session(Settings(seed=1, idle_s=0)) as session:
        await idle_for(session.app, session.id, 10_000_000)
        assert await session.app.registry.sweep() == 0
        assert (await session.done("GET", ""))["expires"] is None


def test_a_store_that_outlives_the_server_keeps_its_sandboxes_unless_told() -> None:
    assert Settings().idle_limit_s == 3600
    assert Settings(store="sqlite:x.db").idle_limit_s == 0
    assert Settings(store="redis://h").idle_limit_s == 0
    assert Settings(store="sqlite:x.db", idle_s=5).idle_limit_s == 5


async def test_a_process_that_served_nothing_leaves_what_another_serves(tmp_path: Path) -> None:
    settings = Settings(seed=1, idle_s=1000, store=f"sqlite:{tmp_path}/shared.db")
    async with control_session(settings) as session:
        idler = Application(settings)
        try:
            await idler.registry.sweep()
            # An hour later, of which the idler has seen nothing.
            await idle_for(session.app, session.id, 1001)
            assert (await session.submit()).status_code == 202
            assert await idler.registry.sweep() == 0
            assert (await session.submit()).status_code == 202
            await idle_for(session.app, session.id, 1001)
            idler.registry.last_used.clear()
            assert await idler.registry.sweep() == 1
        finally:
            await idler.store.close()


async def test_a_running_server_forgets_idle_sandboxes_by_itself(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(app, "SWEEP_EVERY_S", 0.001)
    async with control_session(Settings(seed=1, idle_s=1000)) as session:
        await idle_for(session.app, session.id, 1001)
        await session.app.startup()
        async with asyncio.timeout(20):
            while await session.app.store.sandboxes():  # noqa: ASYNC110 - nothing tells of a forgotten one
                await asyncio.sleep(0)
        await session.app.shutdown()
