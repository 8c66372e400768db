"""Sending side by side: a hung receiver delays nobody else, order is kept, nothing is lost."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from bodydouble.core.webhooks import Outgoing
from bodydouble.web.app import Application
from bodydouble.web.webhooks import scheduler
from bodydouble.web.webhooks.dispatcher import CLAIM_US
from tests.webhooks.session import WebhookSession, receiving


async def test_a_receiver_that_hangs_delays_no_other_receiver_and_no_request() -> None:
    session = WebhookSession(webhook_timeout_s=600)
    async with receiving(held=True) as hanging, receiving() as other:
        await session.hook(hanging.url)
        await session.hook(other.url)
        job = await session.job()
        journey = asyncio.create_task(session.travel(60))
        await hanging.until(1)
        await other.until(1)
        seen = await session.call("GET", f"/v1/jobs/{job}")
        assert seen["status"] == "completed"
        assert not journey.done(), "time waits for the attempt under way"
        hanging.open.set()
        await journey


async def test_whoever_moves_time_does_not_wait_for_a_receiver_that_hangs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(scheduler, "CATCH_UP_S_MAX", 0.05)
    session = WebhookSession(webhook_timeout_s=600)
    at = f"http://127.0.0.1/_bodydouble/sandboxes/{session.sandbox}/clock"
    async with receiving(held=True) as hanging:
        await session.hook(hanging.url)
        for _ in range(3):
            await session.job()
        moved = (await session.client.patch(at, json={"advance_s": 86_400})).json()
        assert moved["sending"] is True
        assert moved["settled"] >= 6
        hanging.open.set()
        monkeypatch.undo()
        moved = (await session.client.patch(at, json={"advance_s": 1})).json()
        assert moved["sending"] is False
        assert len(hanging.got) == 3


async def test_a_receiver_that_hangs_delays_no_other_sandbox() -> None:
    session = WebhookSession(webhook_timeout_s=600)
    other = WebhookSession(session.app)
    other.client.headers["authorization"] = "Bearer sqk_live_somebody_else"
    async with receiving(held=True) as hanging, receiving() as receiver:
        await session.hook(hanging.url)
        await session.job()
        journey = asyncio.create_task(session.travel(60))
        await hanging.until(1)
        hook = await other.hook(receiver.url)
        said = await other.call("POST", f"/v1/webhooks/{hook['id']}/test")
        assert said["delivered"] is True
        assert not journey.done()
        hanging.open.set()
        await journey


async def test_a_test_delivery_that_hangs_holds_up_no_request_of_its_sandbox() -> None:
    session = WebhookSession(webhook_timeout_s=600)
    async with receiving(held=True) as hanging:
        hook = await session.hook(hanging.url)
        trying = asyncio.create_task(session.call("POST", f"/v1/webhooks/{hook['id']}/test"))
        await hanging.until(1)
        await session.job()
        assert not trying.done()
        hanging.open.set()
        assert (await trying)["delivered"] is True


async def test_an_attempt_ends_with_its_timeout_and_counts_as_failed() -> None:
    session = WebhookSession(webhook_timeout_s=0.05)
    async with receiving(held=True) as hanging:
        await session.hook(hanging.url)
        await session.job()
        await session.travel(3600)
    (row,) = await session.logs()
    assert (row["status"], row["response_code"], row["response_body"]) == (
        "dead_letter",
        None,
        None,
    )
    errors = [attempt.error for attempt in (await session.delivery("1")).attempts]
    assert errors == ["no answer within 0.05 s"] * 5


async def test_whoever_waits_gives_up_in_time_and_nothing_is_lost() -> None:
    session = WebhookSession()
    async with receiving(held=True) as hanging:
        await session.hook(hanging.url)
        await session.job()
        await session.jump(3600)
        assert not await session.app.scheduler.catch_up(session.sandbox, timeout_s=0.05)
        hanging.open.set()
        assert await session.app.scheduler.catch_up(session.sandbox)
    assert [row["status"] for row in await session.logs()] == ["delivered"]


async def test_one_receiver_is_told_in_the_order_things_happened() -> None:
    session = WebhookSession()
    async with receiving() as receiver:
        await session.hook(receiver.url)
        jobs = [await session.job() for _ in range(30)]
        await session.travel(600)
    ended = {job: (await session.call("GET", f"/v1/jobs/{job}"))["updated_at"] for job in jobs}
    told = [got.json["data"]["job_id"] for got in receiver.got]
    assert sorted(told) == sorted(jobs)
    assert [ended[job] for job in told] == sorted(ended.values())


async def test_more_receivers_than_lanes_are_all_served(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bodydouble.web.webhooks.dispatcher.LANES_MAX", 3)
    monkeypatch.setattr("bodydouble.web.webhooks.dispatcher.LANES_PER_SANDBOX_MAX", 2)
    monkeypatch.setattr("bodydouble.web.webhooks.dispatcher.CLAIMED_PER_LANE_MAX", 1)
    session = WebhookSession()
    secrets = [f"sqk_live_lane{n}" for n in range(3)]
    async with receiving() as receiver:
        for secret in secrets:
            session.client.headers["authorization"] = f"Bearer {secret}"
            for n in range(10):
                await session.hook(f"{receiver.url}/{secret}/{n}")
            await session.job()
            await session.job()
        for sandbox in await session.app.store.sandboxes():
            path = f"http://127.0.0.1/_bodydouble/sandboxes/{sandbox}/clock"
            assert (await session.client.patch(path, json={"advance_s": 60})).status_code == 200
    assert len({got.path for got in receiver.got}) == 30
    assert len(receiver.got) == 60


async def test_what_was_claimed_by_a_server_that_died_is_sent_by_the_next() -> None:
    session = WebhookSession()
    async with receiving(held=True) as hanging:
        await session.hook(hanging.url)
        await session.job()
        journey = asyncio.create_task(session.travel(60))
        await hanging.until(1)
        # The first server dies with the attempt in flight: its outcome is never written.
        await session.app.scheduler.dispatcher.close()
        journey.cancel()
        await asyncio.gather(journey, return_exceptions=True)
        async with session.app.store.transaction(session.sandbox) as tx:
            (left,) = await tx.list(Outgoing)
            tx.put(replace(left, claimed_real_us=left.claimed_real_us - CLAIM_US))
        hanging.open.set()
        successor = WebhookSession(Application(session.app.settings, session.app.store))
        assert await successor.app.scheduler.catch_up(successor.sandbox)
        assert [got.json["id"] for got in hanging.got] == [hanging.got[0].json["id"]] * 2
        assert [row["status"] for row in await successor.logs()] == ["delivered"]


async def test_a_claim_keeps_others_from_sending_the_same() -> None:
    session = WebhookSession()
    async with receiving(held=True) as hanging:
        await session.hook(hanging.url)
        await session.job()
        journey = asyncio.create_task(session.travel(60))
        await hanging.until(1)
        second = WebhookSession(Application(session.app.settings, session.app.store))
        assert await second.app.scheduler.catch_up(second.sandbox)
        assert len(hanging.got) == 1
        hanging.open.set()
        await journey
    assert len(hanging.got) == 1
