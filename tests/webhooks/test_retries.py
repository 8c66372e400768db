"""When a delivery is tried again, and when no more: virtual instants, to the microsecond."""

from __future__ import annotations

from itertools import pairwise

import pytest

from bodydouble.core.clock import MINUTE_US, SECOND_US
from tests.webhooks.stage import HookStage, receiving


def waits_min(instants_us: list[int]) -> list[float]:
    """Minutes between consecutive instants."""
    return [(b - a) / MINUTE_US for a, b in pairwise(instants_us)]


async def attempts_us(stage: HookStage, id: str = "1") -> list[int]:
    return [attempt.at_us for attempt in (await stage.delivery(id)).attempts]


@pytest.mark.parametrize(
    ("quirk", "waits"), [("4 retries", [2, 4, 8, 16]), ("5 retries", [2, 4, 8, 16, 32])]
)
async def test_retries_happen_at_the_documented_instants_and_end_as_a_dead_letter(
    quirk: str, waits: list[float]
) -> None:
    stage = HookStage(quirks={"smartlyq.webhook_attempts": quirk})
    async with receiving(503) as receiver:
        await stage.hook(receiver.url)
        await stage.job()
        await stage.travel(2 * 3600)
    instants = await attempts_us(stage)
    assert waits_min(instants) == waits
    assert [got.at_s for got in receiver.got] == [at // SECOND_US for at in instants]
    (row,) = await stage.logs()
    assert row["status"] == "dead_letter"
    assert row["attempt"] == len(waits) + 1
    assert row["response_code"] == 503
    assert row["next_retry_at"] is None


async def test_the_first_attempt_is_made_at_the_instant_the_job_ends() -> None:
    stage = HookStage()
    async with receiving() as receiver:
        await stage.hook(receiver.url)
        await stage.job()
        await stage.travel(60)
    delivery = await stage.delivery("1")
    assert await attempts_us(stage) == [delivery.created_at_us]


async def test_the_clock_shows_the_instant_of_the_attempt_while_it_is_made() -> None:
    stage = HookStage()
    async with receiving(500, 200) as receiver:
        await stage.hook(receiver.url)
        await stage.job()
        await stage.travel(30)
        seen_us = await stage.now_us()
        await stage.travel(3600)
        after_us = await stage.now_us()
    first, second = await attempts_us(stage)
    assert first < seen_us < second < after_us
    assert after_us - seen_us == 3600 * SECOND_US


async def test_steps_of_any_size_make_the_same_attempts() -> None:
    histories = []
    for step_s in (3600.0, 97.0):
        stage = HookStage()
        async with receiving(500) as receiver:
            await stage.hook(receiver.url)
            await stage.job()
            start_us = await stage.now_us()
            for _ in range(int(3600 // step_s) + 1):
                await stage.travel(step_s)
        histories.append([at - start_us for at in await attempts_us(stage)])
    assert histories[0] == histories[1]
    assert len(histories[0]) == 5


async def test_between_two_instants_nothing_is_tried() -> None:
    stage = HookStage()
    async with receiving(500) as receiver:
        await stage.hook(receiver.url)
        await stage.job()
        await stage.travel(60)
        await stage.travel(58)
        assert len(receiver.got) == 1
        await stage.travel(60)
        assert len(receiver.got) == 2


async def test_a_receiver_that_recovers_gets_the_delivery_once() -> None:
    stage = HookStage()
    async with receiving(500, 502, 204) as receiver:
        await stage.hook(receiver.url)
        await stage.job()
        await stage.travel(3600)
    assert len(receiver.got) == 3
    (row,) = await stage.logs()
    assert (row["status"], row["attempt"], row["response_code"]) == ("delivered", 3, 204)
    assert row["delivered_at"] is not None


@pytest.mark.parametrize(("asked", "minutes"), [("300", 5), ("1", 1 / 60), ("86400", 60)])
async def test_a_receiver_that_asks_to_wait_is_heeded_up_to_an_hour(
    asked: str, minutes: float
) -> None:
    stage = HookStage()
    async with receiving((429, {"Retry-After": asked}), 200) as receiver:
        await stage.hook(receiver.url)
        await stage.job()
        await stage.travel(3 * 3600)
    assert waits_min(await attempts_us(stage)) == [minutes]


async def test_retry_after_counts_with_429_alone() -> None:
    stage = HookStage()
    async with receiving((503, {"Retry-After": "300"}), 200) as receiver:
        await stage.hook(receiver.url)
        await stage.job()
        await stage.travel(3600)
    assert waits_min(await attempts_us(stage)) == [2]


async def test_time_that_jumped_is_made_good_at_the_right_instants() -> None:
    stage = HookStage()
    async with receiving(500) as receiver:
        await stage.hook(receiver.url)
        await stage.job()

        await stage.jump(7200)
        assert receiver.got == []
        assert await stage.app.scheduler.catch_up(stage.sandbox)
    instants = await attempts_us(stage)
    assert waits_min(instants) == [2, 4, 8, 16]
    assert [got.at_s for got in receiver.got] == [at // SECOND_US for at in instants]


async def test_a_jump_makes_the_attempts_of_a_journey_in_the_same_order() -> None:
    histories = []
    for jumps in (False, True):
        # Slow enough that the second job ends after the first one's retry is due.
        stage = HookStage(speed=0.01)
        async with receiving(*[500] * 4, 200, *[500] * 3, 200) as receiver:
            await stage.hook(receiver.url)
            await stage.job()
            await stage.travel(200)
            await stage.job()
            job = await stage.job()
            start_us = await stage.now_us()
            await (stage.jump(7200) if jumps else stage.travel(7200))
            # Somebody who looks settles everything at once, which must change nothing.
            await stage.call("GET", f"/v1/jobs/{job}")
            assert await stage.app.scheduler.catch_up(stage.sandbox)
        tried = {id: await attempts_us(stage, id) for id in ("1", "2", "3")}
        instants = {id: [at - start_us for at in all_us] for id, all_us in tried.items()}
        histories.append((instants, [got.json["data"]["job_id"] for got in receiver.got]))
        assert [got.at_s for got in receiver.got] == sorted(got.at_s for got in receiver.got)
    assert histories[0] == histories[1]
    instants = histories[0][0]
    assert instants["1"][1] < instants["2"][0], "the two histories must be worth comparing"


async def test_a_row_that_is_no_longer_meant_tries_nothing() -> None:
    stage = HookStage()
    async with receiving(500) as receiver:
        await stage.hook(receiver.url)
        await stage.job()
        await stage.travel(60)
        path = f"http://127.0.0.1/_bodydouble/sandboxes/{stage.sandbox}/deliveries/1/retry"
        assert (await stage.client.post(path)).status_code == 202
        await stage.travel(3600)
    # One attempt, then five from a fresh count; the first one's retry is forgotten.
    assert waits_min(await attempts_us(stage))[1:] == [2, 4, 8, 16]
    assert len(receiver.got) == 6


async def test_looking_never_tries_a_delivery_again() -> None:
    stage = HookStage()
    async with receiving(500) as receiver:
        await stage.hook(receiver.url)
        job = await stage.job()
        await stage.travel(60)
        for _ in range(20):
            await stage.call("GET", f"/v1/jobs/{job}")
            await stage.logs()
        await stage.app.scheduler.catch_up(stage.sandbox)
    assert len(receiver.got) == 1
