"""When a delivery is tried again, and when no more: virtual instants, to the microsecond."""

from __future__ import annotations

from itertools import pairwise

import pytest

from bodydouble.core.clock import MINUTE_US, SECOND_US
from tests.webhooks.session import WebhookSession, receiving


def waits_min(instants_us: list[int]) -> list[float]:
    """Minutes between consecutive instants."""
    return [(b - a) / MINUTE_US for a, b in pairwise(instants_us)]


async def attempts_us(session: WebhookSession, id: str = "1") -> list[int]:
    return [attempt.at_us for attempt in (await session.delivery(id)).attempts]


@pytest.mark.parametrize(
    ("quirk", "waits"), [("4 retries", [2, 4, 8, 16]), ("5 retries", [2, 4, 8, 16, 32])]
)
async def test_retries_happen_at_the_documented_instants_and_end_as_a_dead_letter(
    quirk: str, waits: list[float]
) -> None:
    session = WebhookSession(quirks={"smartlyq.webhook_attempts": quirk})
    async with receiving(503) as receiver:
        await session.hook(receiver.url)
        await session.job()
        await session.travel(2 * 3600)
    instants = await attempts_us(session)
    assert waits_min(instants) == waits
    assert [got.at_s for got in receiver.got] == [at // SECOND_US for at in instants]
    (row,) = await session.logs()
    assert row["status"] == "dead_letter"
    assert row["attempt"] == len(waits) + 1
    assert row["response_code"] == 503
    assert row["next_retry_at"] is None


async def test_the_first_attempt_is_made_at_the_instant_the_job_ends() -> None:
    session = WebhookSession()
    async with receiving() as receiver:
        await session.hook(receiver.url)
        await session.job()
        await session.travel(60)
    delivery = await session.delivery("1")
    assert await attempts_us(session) == [delivery.created_at_us]


async def test_the_clock_shows_the_instant_of_the_attempt_while_it_is_made() -> None:
    session = WebhookSession()
    async with receiving(500, 200) as receiver:
        await session.hook(receiver.url)
        await session.job()
        await session.travel(30)
        seen_us = await session.now_us()
        await session.travel(3600)
        after_us = await session.now_us()
    first, second = await attempts_us(session)
    assert first < seen_us < second < after_us
    assert after_us - seen_us == 3600 * SECOND_US


async def test_steps_of_any_size_make_the_same_attempts() -> None:
    histories = []
    for step_s in (3600.0, 97.0):
        session = WebhookSession()
        async with receiving(500) as receiver:
            await session.hook(receiver.url)
            await session.job()
            start_us = await session.now_us()
            for _ in range(int(3600 // step_s) + 1):
                await session.travel(step_s)
        histories.append([at - start_us for at in await attempts_us(session)])
    assert histories[0] == histories[1]
    assert len(histories[0]) == 5


async def test_between_two_instants_nothing_is_tried() -> None:
    session = WebhookSession()
    async with receiving(500) as receiver:
        await session.hook(receiver.url)
        await session.job()
        await session.travel(60)
        await session.travel(58)
        assert len(receiver.got) == 1
        await session.travel(60)
        assert len(receiver.got) == 2


async def test_a_receiver_that_recovers_gets_the_delivery_once() -> None:
    session = WebhookSession()
    async with receiving(500, 502, 204) as receiver:
        await session.hook(receiver.url)
        await session.job()
        await session.travel(3600)
    assert len(receiver.got) == 3
    (row,) = await session.logs()
    assert (row["status"], row["attempt"], row["response_code"]) == ("delivered", 3, 204)
    assert row["delivered_at"] is not None


@pytest.mark.parametrize(("asked", "minutes"), [("300", 5), ("1", 1 / 60), ("86400", 60)])
async def test_a_receiver_that_asks_to_wait_is_heeded_up_to_an_hour(
    asked: str, minutes: float
) -> None:
    session = WebhookSession()
    async with receiving((429, {"Retry-After": asked}), 200) as receiver:
        await session.hook(receiver.url)
        await session.job()
        await session.travel(3 * 3600)
    assert waits_min(await attempts_us(session)) == [minutes]


async def test_retry_after_counts_with_429_alone() -> None:
    session = WebhookSession()
    async with receiving((503, {"Retry-After": "300"}), 200) as receiver:
        await session.hook(receiver.url)
        await session.job()
        await session.travel(3600)
    assert waits_min(await attempts_us(session)) == [2]


async def test_time_that_jumped_is_made_good_at_the_right_instants() -> None:
    session = WebhookSession()
    async with receiving(500) as receiver:
        await session.hook(receiver.url)
        await session.job()

        await session.jump(7200)
        assert receiver.got == []
        assert await session.app.scheduler.catch_up(session.sandbox)
    instants = await attempts_us(session)
    assert waits_min(instants) == [2, 4, 8, 16]
    assert [got.at_s for got in receiver.got] == [at // SECOND_US for at in instants]


async def test_a_jump_makes_the_attempts_of_a_journey_in_the_same_order() -> None:
    histories = []
    for jumps in (False, True):
        # Slow enough that the second job ends after the first one's retry is due.
        session = WebhookSession(speed=0.01)
        async with receiving(*[500] * 4, 200, *[500] * 3, 200) as receiver:
            await session.hook(receiver.url)
            await session.job()
            await session.travel(200)
            await session.job()
            job = await session.job()
            start_us = await session.now_us()
            await (session.jump(7200) if jumps else session.travel(7200))
            # Somebody who looks settles everything at once, which must change nothing.
            await session.call("GET", f"/v1/jobs/{job}")
            assert await session.app.scheduler.catch_up(session.sandbox)
        tried = {id: await attempts_us(session, id) for id in ("1", "2", "3")}
        instants = {id: [at - start_us for at in all_us] for id, all_us in tried.items()}
        histories.append((instants, [got.json["data"]["job_id"] for got in receiver.got]))
        assert [got.at_s for got in receiver.got] == sorted(got.at_s for got in receiver.got)
    assert histories[0] == histories[1]
    instants = histories[0][0]
    assert instants["1"][1] < instants["2"][0], "the two histories must be worth comparing"


async def test_a_row_that_is_no_longer_meant_tries_nothing() -> None:
    session = WebhookSession()
    async with receiving(500) as receiver:
        await session.hook(receiver.url)
        await session.job()
        await session.travel(60)
        path = f"http://127.0.0.1/_bodydouble/sandboxes/{session.sandbox}/deliveries/1/retry"
        assert (await session.client.post(path)).status_code == 202
        await session.travel(3600)
    # One attempt, then five from a fresh count; the first one's retry is forgotten.
    assert waits_min(await attempts_us(session))[1:] == [2, 4, 8, 16]
    assert len(receiver.got) == 6


async def test_looking_never_tries_a_delivery_again() -> None:
    session = WebhookSession()
    async with receiving(500) as receiver:
        await session.hook(receiver.url)
        job = await session.job()
        await session.travel(60)
        for _ in range(20):
            await session.call("GET", f"/v1/jobs/{job}")
            await session.logs()
        await session.app.scheduler.catch_up(session.sandbox)
    assert len(receiver.got) == 1
