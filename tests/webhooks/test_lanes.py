"""Sending side by side: a hung receiver delays nobody else, order is kept, nothing is lost."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from bodydouble.core.webhooks import Outgoing
from bodydouble.web.app import Application
from bodydouble.web.webhooks.dispatcher import CLAIM_US
from tests.webhooks.stage import HookStage, receiving


async def test_a_receiver_that_hangs_delays_no_other_receiver_and_no_request() -> None:
    stage = HookStage(webhook_timeout_s=600)
    async with receiving(held=True) as hanging, receiving() as other:
        await stage.hook(hanging.url)
        await stage.hook(other.url)
        job = await stage.job()
        journey = asyncio.create_task(stage.travel(60))
        await hanging.until(1)
        await other.until(1)
        seen = await stage.call("GET", f"/v1/jobs/{job}")
        assert seen["status"] == "completed"
        assert not journey.done(), "time waits for the attempt under way"
        hanging.open.set()
        await journey


async def test_a_receiver_that_hangs_delays_no_other_sandbox() -> None:
    stage = HookStage(webhook_timeout_s=600)
    other = HookStage(stage.app)
    other.client.headers["authorization"] = "Bearer sqk_live_somebody_else"
    async with receiving(held=True) as hanging, receiving() as receiver:
        await stage.hook(hanging.url)
        await stage.job()
        journey = asyncio.create_task(stage.travel(60))
        await hanging.until(1)
        hook = await other.hook(receiver.url)
        said = await other.call("POST", f"/v1/webhooks/{hook['id']}/test")
        assert said["delivered"] is True
        assert not journey.done()
        hanging.open.set()
        await journey


async def test_a_test_delivery_that_hangs_holds_up_no_request_of_its_sandbox() -> None:
    stage = HookStage(webhook_timeout_s=600)
    async with receiving(held=True) as hanging:
        hook = await stage.hook(hanging.url)
        trying = asyncio.create_task(stage.call("POST", f"/v1/webhooks/{hook['id']}/test"))
        await hanging.until(1)
        await stage.job()
        assert not trying.done()
        hanging.open.set()
        assert (await trying)["delivered"] is True


async def test_an_attempt_ends_with_its_timeout_and_counts_as_failed() -> None:
    stage = HookStage(webhook_timeout_s=0.05)
    async with receiving(held=True) as hanging:
        await stage.hook(hanging.url)
        await stage.job()
        await stage.travel(3600)
    (row,) = await stage.logs()
    assert (row["status"], row["response_code"], row["response_body"]) == (
        "dead_letter",
        None,
        None,
    )
    errors = [attempt.error for attempt in (await stage.delivery("1")).attempts]
    assert errors == ["no answer within 0.05 s"] * 5


async def test_whoever_waits_gives_up_in_time_and_nothing_is_lost() -> None:
    stage = HookStage()
    async with receiving(held=True) as hanging:
        await stage.hook(hanging.url)
        await stage.job()
        await stage.jump(3600)
        assert not await stage.app.scheduler.catch_up(stage.sandbox, timeout_s=0.05)
        hanging.open.set()
        assert await stage.app.scheduler.catch_up(stage.sandbox)
    assert [row["status"] for row in await stage.logs()] == ["delivered"]


async def test_one_receiver_is_told_in_the_order_things_happened() -> None:
    stage = HookStage()
    async with receiving() as receiver:
        await stage.hook(receiver.url)
        jobs = [await stage.job() for _ in range(30)]
        await stage.travel(600)
    ended = {job: (await stage.call("GET", f"/v1/jobs/{job}"))["updated_at"] for job in jobs}
    told = [got.json["data"]["job_id"] for got in receiver.got]
    assert sorted(told) == sorted(jobs)
    assert [ended[job] for job in told] == sorted(ended.values())


async def test_more_receivers_than_lanes_are_all_served(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bodydouble.web.webhooks.dispatcher.LANES_MAX", 3)
    monkeypatch.setattr("bodydouble.web.webhooks.dispatcher.LANES_PER_SANDBOX_MAX", 2)
    monkeypatch.setattr("bodydouble.web.webhooks.dispatcher.CLAIMED_PER_LANE_MAX", 1)
    stage = HookStage()
    secrets = [f"sqk_live_lane{n}" for n in range(3)]
    async with receiving() as receiver:
        for secret in secrets:
            stage.client.headers["authorization"] = f"Bearer {secret}"
            for n in range(10):
                await stage.hook(f"{receiver.url}/{secret}/{n}")
            await stage.job()
            await stage.job()
        for sandbox in await stage.app.store.sandboxes():
            path = f"http://127.0.0.1/_bodydouble/sandboxes/{sandbox}/clock"
            assert (await stage.client.patch(path, json={"advance_s": 60})).status_code == 200
    assert len({got.path for got in receiver.got}) == 30
    assert len(receiver.got) == 60


async def test_what_was_claimed_by_a_server_that_died_is_sent_by_the_next() -> None:
    stage = HookStage()
    async with receiving(held=True) as hanging:
        await stage.hook(hanging.url)
        await stage.job()
        journey = asyncio.create_task(stage.travel(60))
        await hanging.until(1)
        # The first server dies with the attempt in flight: its outcome is never written.
        await stage.app.scheduler.dispatcher.close()
        journey.cancel()
        await asyncio.gather(journey, return_exceptions=True)
        async with stage.app.store.transaction(stage.sandbox) as tx:
            (left,) = await tx.list(Outgoing)
            tx.put(replace(left, claimed_real_us=left.claimed_real_us - CLAIM_US))
        hanging.open.set()
        successor = HookStage(Application(stage.app.settings, stage.app.store))
        assert await successor.app.scheduler.catch_up(successor.sandbox)
        assert [got.json["id"] for got in hanging.got] == [hanging.got[0].json["id"]] * 2
        assert [row["status"] for row in await successor.logs()] == ["delivered"]


async def test_a_claim_keeps_others_from_sending_the_same() -> None:
    stage = HookStage()
    async with receiving(held=True) as hanging:
        await stage.hook(hanging.url)
        await stage.job()
        journey = asyncio.create_task(stage.travel(60))
        await hanging.until(1)
        second = HookStage(Application(stage.app.settings, stage.app.store))
        assert await second.app.scheduler.catch_up(second.sandbox)
        assert len(hanging.got) == 1
        hanging.open.set()
        await journey
    assert len(hanging.got) == 1
