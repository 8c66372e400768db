"""Webhooks leave on time when nobody calls: a flowing clock, one scheduler, real sockets."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bodydouble.core.sandboxes import Sandbox
from bodydouble.web.app import Application
from bodydouble.web.keys.registry import real_us
from tests.webhooks.stage import HookStage, receiving

FAST = 5_000.0


async def let_time_flow(stage: HookStage, rate: float) -> None:
    """Sets the clock's rate and tells the scheduler, as the control plane does."""
    async with stage.app.store.transaction(stage.sandbox) as tx:
        record = await tx.get(Sandbox, stage.sandbox)
        assert record is not None
        tx.put(replace(record, clock=record.clock.at_rate(rate, real_us())))
    stage.app.scheduler.note(stage.sandbox, real_us())


async def test_a_webhook_leaves_although_nobody_asks_for_anything() -> None:
    stage = HookStage()
    async with receiving() as receiver:
        await stage.app.startup()
        await stage.hook(receiver.url)
        job = await stage.job()
        await let_time_flow(stage, FAST)
        await receiver.until(1)
        await stage.app.shutdown()
    assert receiver.got[0].json["data"]["job_id"] == job


async def test_retries_leave_by_themselves_too() -> None:
    stage = HookStage()
    async with receiving(500, 500, 200) as receiver:
        await stage.app.startup()
        await stage.hook(receiver.url)
        await stage.job()
        await let_time_flow(stage, FAST)
        await receiver.until(3)
        await stage.app.shutdown()
    assert len({got.body for got in receiver.got}) == 1
    first, second, third = (got.at_s for got in receiver.got)
    assert second >= first + 120
    assert third >= second + 240


async def test_a_job_ordered_while_the_waker_sleeps_wakes_it_early() -> None:
    stage = HookStage()
    async with receiving() as receiver:
        await stage.hook(receiver.url)
        await let_time_flow(stage, FAST)
        await stage.app.startup()
        for count in (1, 2, 3):
            await stage.job()
            await receiver.until(count)
        await stage.app.shutdown()


async def test_a_server_that_starts_looks_at_what_its_store_holds() -> None:
    stage = HookStage()
    async with receiving() as receiver:
        await stage.hook(receiver.url)
        await stage.job()
        await let_time_flow(stage, FAST)
        successor = Application(stage.app.settings, stage.app.store)
        await successor.startup()
        await receiver.until(1)
        await successor.shutdown()


async def test_under_a_frozen_clock_what_is_due_now_leaves_at_once() -> None:
    stage = HookStage(balances={"smartlyq": "5.0100"})
    async with receiving() as receiver:
        await stage.app.startup()
        await stage.hook(receiver.url, ["balance.low"])
        await stage.job()
        await receiver.until(1)
        await stage.app.shutdown()


async def test_a_sandbox_that_is_gone_disturbs_nobody() -> None:
    stage = HookStage()
    other = HookStage(stage.app)
    other.client.headers["authorization"] = "Bearer sqk_live_gone"
    async with receiving() as receiver:
        await stage.app.startup()
        await other.job()
        gone = next(id for id in await stage.app.store.sandboxes() if id != stage.sandbox)
        await stage.app.store.drop(gone)
        stage.app.scheduler.note(gone, real_us())
        await stage.hook(receiver.url)
        await stage.job()
        await let_time_flow(stage, FAST)
        await receiver.until(1)
        assert gone not in await stage.app.store.sandboxes()
        await stage.app.shutdown()


async def test_a_store_that_fails_once_does_not_stop_the_waker(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("bodydouble.web.webhooks.scheduler.AFTER_CRASH_US", 1_000)
    stage = HookStage()
    scheduler, asked = stage.app.scheduler, []
    opened = scheduler.dispatcher.open

    async def fails_first(tx: object, sandbox: str) -> object:
        asked.append(sandbox)
        if len(asked) == 1:
            raise OSError("the disk is full")
        return await opened(tx, sandbox)  # type: ignore[arg-type]

    async with receiving() as receiver:
        await stage.hook(receiver.url)
        await stage.job()
        monkeypatch.setattr(scheduler.dispatcher, "open", fails_first)
        await let_time_flow(stage, FAST)
        await stage.app.startup()
        await receiver.until(1)
        await stage.app.shutdown()
    assert len(asked) > 1


async def test_a_request_that_plans_nothing_tells_the_waker_nothing() -> None:
    stage = HookStage(frozen=False)
    job = await stage.job()
    told: list[object] = []
    stage.app.scheduler.note = lambda *what: told.append(what)  # type: ignore[method-assign]
    await stage.app.scheduler.start()
    told.clear()
    await stage.call("GET", f"/v1/jobs/{job}")
    assert told == []
    await stage.job()
    assert told != [], "an order plans something, and then it is told"
    await stage.app.shutdown()


async def test_an_application_served_a_second_time_sends_again() -> None:
    stage = HookStage()
    await stage.app.startup()
    await stage.app.shutdown()
    async with receiving() as receiver:
        await stage.app.startup()
        await stage.hook(receiver.url.replace("127.0.0.1", "localhost"))
        job = await stage.job()
        await let_time_flow(stage, FAST)
        await receiver.until(1)
        await stage.app.shutdown()
    assert receiver.got[0].json["data"]["job_id"] == job
