"""What a process keeps is bounded in bytes, and so are a sandbox's snapshots."""

from __future__ import annotations

from pathlib import Path

import pytest

from bodydouble.core.sandboxes import APART, Sandbox
from bodydouble.web.control import snapshots
from bodydouble.web.control.evidence.report import _PLACE
from bodydouble.web.keys import held, keeping
from bodydouble.web.settings import Settings
from tests.control.session import PLANE, ControlSession, control_session


async def ordered(session: ControlSession, key: str) -> int:
    session.keys["smartlyq"] = key
    return (await session.submit()).status_code


async def test_the_longest_idle_makes_room_when_a_process_keeps_much(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(held, "HELD_BYTES_MAX", 40_000)
    async with control_session(Settings(seed=1), rate=1) as session:
        registry, made = session.app.registry, session.keys["smartlyq"]
        for number in range(30):
            assert await ordered(session, f"sqk_live_nobody_issued_me_{number:02d}") == 202
            assert registry.held.bytes <= 40_000
        assert await ordered(session, made) == 202
        assert session.id in registry.last_used, "a tester's own sandbox stays"
        assert await ordered(session, "sqk_live_nobody_issued_me_29") == 202
        assert (await session.jobs())[0]
        assert len(registry.last_used) < 15


async def test_where_a_tester_uses_all_of_them_orders_are_refused_and_polls_are_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(held, "HELD_BYTES_MAX", 40_000)
    async with control_session(Settings(seed=1), rate=1, balance="1000") as session:
        statuses = [(await session.submit()).status_code for _ in range(12)]
        assert statuses == [202] * 10 + [500] * 2
        job = (await session.jobs())[0]["id"]
        assert (await session.poll(job)).status_code == 200
        refused = await session.client.post(f"{PLANE}/sandboxes", json={})
        assert refused.status_code == 503
        assert "all sandboxes together hold" in refused.json()["detail"]
        # Whoever deletes what is no longer needed goes on.
        assert (await session.client.delete(session.root)).status_code == 204
        assert session.app.registry.held.bytes == 0
        assert (await session.client.post(f"{PLANE}/sandboxes", json={})).status_code == 201


async def test_forks_imports_and_snapshots_count() -> None:
    async with control_session(Settings(seed=1)) as session:
        kept = session.app.registry.held
        await session.submit()
        once = kept.bytes
        assert once > 4_000
        await session.done("POST", "/forks", {})
        assert kept.bytes == 2 * once
        document = await session.done("GET", "/export")
        await session.client.post(f"{PLANE}/sandboxes/import", json=document)
        assert kept.bytes == 3 * once
        taken = await session.done("POST", "/snapshots", {})
        assert kept.bytes > 4 * once
        await session.done("DELETE", f"/snapshots/{taken['id']}")
        assert kept.bytes == 3 * once


async def test_an_import_whose_counters_are_below_nothing_is_refused() -> None:
    async with control_session(Settings(seed=1)) as session:
        await session.submit()
        document = await session.done("GET", "/export")
        for row in document["records"]:
            if row["kind"] == "counter":
                row["record"]["value"] = -(10**9)
        refused = await session.client.post(f"{PLANE}/sandboxes/import", json=document)
    assert refused.status_code == 422


@pytest.mark.parametrize("store", ["memory:", "sqlite:{}/s.db"])
async def test_snapshots_are_bounded_in_bytes_with_the_log_in_them(
    store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshots, "SNAPSHOTS_BYTES_MAX", 100_000)
    async with control_session(Settings(seed=1, store=store.format(tmp_path))) as session:
        for _ in range(10):
            await session.submit(xlong="v" * 4_000)
        first = await session.done("POST", "/snapshots", {})
        second = await session.ask("POST", "/snapshots", {})
        assert second.status_code == 409
        assert "100000 bytes" in second.json()["detail"]
        assert (await session.done("GET", "/snapshots"))["total"] == 1
        left = [id for id in await session.app.store.sandboxes() if APART in id]
        assert left == [session.id + APART, f"{session.id}{APART}{first['id']}"]
        await session.done("DELETE", f"/snapshots/{first['id']}")
        assert (await session.ask("POST", "/snapshots", {})).status_code == 201


class Ends(BaseException):
    """What a process ends by, in the middle of something."""


@pytest.mark.parametrize("what", ["fork", "import", "snapshot"])
async def test_a_copy_that_was_made_by_half_is_forgotten_by_a_store_that_never_forgets(
    what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def ends(*of: object, **named: object) -> None:
        raise Ends

    async with control_session(Settings(seed=1, store=f"sqlite:{tmp_path}/s.db")) as session:
        app = session.app
        await session.submit()
        await session.done("POST", "/snapshots", {})
        document = await session.done("GET", "/export")
        before = await app.store.sandboxes()
        with monkeypatch.context() as patch:
            patch.setattr(snapshots, "detach_copy", ends)
            if what == "snapshot":
                checks = iter([None, Ends()])

                def check(*of: object) -> None:
                    if (error := next(checks)) is not None:
                        raise error

                patch.setattr(snapshots, "_check_room", check)
            path, body = {
                "fork": (f"{session.root}/forks", {}),
                "snapshot": (f"{session.root}/snapshots", {}),
                "import": (f"{PLANE}/sandboxes/import", document),
            }[what]
            with pytest.raises(Ends):
                await session.client.post(path, json=body)
        half = set(await app.store.sandboxes()) - set(before)
        assert len(half) == 1

        await app.registry.sweep()
        assert half <= set(await app.store.sandboxes()), "it may be being made at this moment"
        later = keeping.real_us() + keeping._MADE_WITHIN_US + 1
        with monkeypatch.context() as patch:
            patch.setattr(keeping, "real_us", lambda: later)
            await app.registry.sweep()
        assert await app.store.sandboxes() == before
        async with app.store.transaction(session.id) as tx:
            assert await tx.get(Sandbox, session.id) is not None


async def test_the_judges_report_outlives_a_sweep() -> None:
    async with control_session(Settings(seed=1)) as session:
        app = session.app
        await app.store.copy(session.id, _PLACE)  # type: ignore[attr-defined]
        for _ in range(3):
            await app.registry.sweep()
        assert _PLACE in await app.store.sandboxes()
