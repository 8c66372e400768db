"""Webhooks leave on time when nobody calls: a flowing clock, one scheduler, real sockets."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bodydouble.core.sandboxes import Sandbox
from bodydouble.web.app import Application
from bodydouble.web.keys.registry import real_us
from tests.webhooks.session import WebhookSession, receiving

FAST = 5_000.0


async def let_time_flow(session: WebhookSession, rate: float) -> None:
    """Sets the clock's rate and tells the scheduler, as the control plane does."""
    async with session.app.store.transaction(session.sandbox) as tx:
        record = await tx.get(Sandbox, session.sandbox)
        assert record is not None
        tx.put(replace(record, clock=record.clock.at_rate(rate, real_us())))
    session.app.scheduler.note(session.sandbox, real_us())


async def test_a_webhook_leaves_although_nobody_asks_for_anything() -> None:
    session = WebhookSession()
    async with receiving() as receiver:
        await session.app.startup()
        await session.hook(receiver.url)
        job = await session.job()
        await let_time_flow(session, FAST)
        await receiver.until(1)
        await session.app.shutdown()
    assert receiver.got[0].json["data"]["job_id"] == job


async def test_retries_leave_by_themselves_too() -> None:
    session = WebhookSession()
    async with receiving(500, 500, 200) as receiver:
        await session.app.startup()
        await session.hook(receiver.url)
        await session.job()
        await let_time_flow(session, FAST)
        await receiver.until(3)
        await session.app.shutdown()
    assert len({got.body for got in receiver.got}) == 1
    first, second, third = (got.at_s for got in receiver.got)
    assert second >= first + 120
    assert third >= second + 240


async def test_a_job_ordered_while_the_waker_sleeps_wakes_it_early() -> None:
    session = WebhookSession()
    async with receiving() as receiver:
        await session.hook(receiver.url)
        await let_time_flow(session, FAST)
        await session.app.startup()
        for count in (1, 2, 3):
            await session.job()
            await receiver.until(count)
        await session.app.shutdown()


async def test_a_server_that_starts_looks_at_what_its_store_holds() -> None:
    session = WebhookSession()
    async with receiving() as receiver:
        await session.hook(receiver.url)
        await session.job()
        await let_time_flow(session, FAST)
        successor = Application(session.app.settings, session.app.store)
        await successor.startup()
        await receiver.until(1)
        await successor.shutdown()


async def test_under_a_frozen_clock_what_is_due_now_leaves_at_once() -> None:
    session = WebhookSession(balances={"smartlyq": "5.0100"})
    async with receiving() as receiver:
        await session.app.startup()
        await session.hook(receiver.url, ["balance.low"])
        await session.job()
        await receiver.until(1)
        await session.app.shutdown()


async def test_a_sandbox_that_is_gone_disturbs_nobody() -> None:
    session = WebhookSession()
    other = WebhookSession(session.app)
    other.client.headers["authorization"] = "Bearer sqk_live_gone"
    async with receiving() as receiver:
        await session.app.startup()
        await other.job()
        gone = next(id for id in await session.app.store.sandboxes() if id != session.sandbox)
        await session.app.store.drop(gone)
        session.app.scheduler.note(gone, real_us())
        await session.hook(receiver.url)
        await session.job()
        await let_time_flow(session, FAST)
        await receiver.until(1)
        assert gone not in await session.app.store.sandboxes()
        await session.app.shutdown()


async def test_a_store_that_fails_once_does_not_stop_the_waker(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("bodydouble.web.webhooks.scheduler.AFTER_CRASH_US", 1_000)
    session = WebhookSession()
    scheduler, asked = session.app.scheduler, []
    opened = scheduler.dispatcher.open

    async def fails_first(tx: object, sandbox: str) -> object:
        asked.append(sandbox)
        if len(asked) == 1:
            raise OSError("the disk is full")
        return await opened(tx, sandbox)  # type: ignore[arg-type]

    async with receiving() as receiver:
        await session.hook(receiver.url)
        await session.job()
        monkeypatch.setattr(scheduler.dispatcher, "open", fails_first)
        await let_time_flow(session, FAST)
        await session.app.startup()
        await receiver.until(1)
        await session.app.shutdown()
    assert len(asked) > 1


async def test_a_request_that_plans_nothing_tells_the_waker_nothing() -> None:
    session = WebhookSession(frozen=False)
    job = await session.job()
    told: list[object] = []
    session.app.scheduler.note = lambda *what: told.append(what)  # type: ignore[method-assign]
    await session.app.scheduler.start()
    told.clear()
    await session.call("GET", f"/v1/jobs/{job}")
    assert told == []
    await session.job()
    assert told != [], "an order plans something, and then it is told"
    await session.app.shutdown()


async def test_an_application_served_a_second_time_sends_again() -> None:
    session = WebhookSession()
    await session.app.startup()
    await session.app.shutdown()
    async with receiving() as receiver:
        await session.app.startup()
        await session.hook(receiver.url.replace("127.0.0.1", "localhost"))
        job = await session.job()
        await let_time_flow(session, FAST)
        await receiver.until(1)
        await session.app.shutdown()
    assert receiver.got[0].json["data"]["job_id"] == job
