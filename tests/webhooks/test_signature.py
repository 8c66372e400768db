"""What a receiver of SmartlyQ's webhooks gets: envelope, headers, and a signature that verifies."""

from __future__ import annotations

from dataclasses import replace

from bodydouble.core.clock import SECOND_US
from tests.webhooks.session import WebhookSession, receiving, verifies


async def test_a_finished_job_is_told_in_the_documented_words() -> None:
    session = WebhookSession()
    async with receiving() as receiver:
        await session.hook(receiver.url)
        job = await session.job()
        await session.travel(60)
        (got,) = receiver.got
        said = got.json
    assert set(said) == {"id", "event", "created_at", "data"}
    assert said["data"] == {"job_id": job, "type": "video_generation", "status": "completed"}
    assert said["event"] == got.headers["x-smartlyq-event"] == "job.completed"
    assert said["id"] == got.headers["x-smartlyq-event-id"]
    assert said["id"].startswith("evt_")
    assert len(said["id"]) == 28
    assert got.headers["user-agent"] == "SmartlyQ-Webhook/1.0"
    assert got.headers["content-type"] == "application/json"
    seen = await session.call("GET", f"/v1/jobs/{job}")
    assert said["created_at"] == seen["updated_at"]


async def test_the_signature_verifies_over_the_raw_bytes_and_over_nothing_else() -> None:
    session = WebhookSession()
    async with receiving() as receiver:
        secret = (await session.hook(receiver.url))["secret"]
        await session.job()
        await session.travel(60)
        (got,) = receiver.got
    assert verifies(got, secret)
    assert not verifies(replace(got, body=got.body.replace(b"completed", b"Completed")), secret)
    assert not verifies(got, secret + "x")
    later = got.headers["x-smartlyq-signature"].replace(f"t={got.at_s}", f"t={got.at_s + 1}")
    assert not verifies(replace(got, headers={"x-smartlyq-signature": later}), secret)


async def test_each_attempt_is_signed_afresh_and_the_body_stays_byte_for_byte() -> None:
    session = WebhookSession()
    async with receiving(500) as receiver:
        secret = (await session.hook(receiver.url))["secret"]
        await session.job()
        await session.travel(3600)
    assert len(receiver.got) == 5
    assert all(verifies(got, secret) for got in receiver.got)
    assert len({got.body for got in receiver.got}) == 1
    assert len({got.at_s for got in receiver.got}) == 5


async def test_t_is_the_virtual_time_in_unix_seconds() -> None:
    session = WebhookSession()
    async with receiving() as receiver:
        await session.hook(receiver.url)
        await session.travel(400 * 86_400)
        await session.job()
        await session.travel(60)
        now_s = await session.now_us() // SECOND_US
    assert now_s - 60 <= receiver.got[0].at_s <= now_s


async def test_every_endpoint_is_told_of_the_same_event_under_its_own_secret() -> None:
    session = WebhookSession()
    async with receiving() as one, receiving() as other:
        first = await session.hook(one.url)
        second = await session.hook(other.url)
        await session.job()
        await session.travel(60)
        (here,), (there,) = one.got, other.got
    assert here.json["id"] == there.json["id"]
    assert here.body == there.body
    assert verifies(here, first["secret"])
    assert verifies(there, second["secret"])
    assert not verifies(here, second["secret"])


async def test_only_subscribed_events_are_sent() -> None:
    session = WebhookSession()
    async with receiving() as receiver:
        await session.hook(receiver.url, ["job.failed", "balance.low"])
        await session.job()
        await session.travel(60)
    assert receiver.got == []
    assert await session.logs() == []


async def test_a_failed_job_is_told_with_its_error_as_a_string() -> None:
    session = WebhookSession(scenario="moderated")
    async with receiving() as receiver:
        await session.hook(receiver.url)
        job = await session.job()
        await session.travel(600)
        (got,) = receiver.got
    said = got.json
    assert said["event"] == "job.failed"
    assert (
        said["data"].pop("error")
        == (await session.call("GET", f"/v1/jobs/{job}"))["error"]["message"]
    )
    assert said["data"] == {"job_id": job, "type": "video_generation", "status": "failed"}


async def test_a_cancelled_job_is_told_to_nobody() -> None:
    session = WebhookSession()
    async with receiving() as receiver:
        await session.hook(receiver.url)
        job = await session.job()
        await session.call("POST", f"/v1/jobs/{job}/cancel", {})
        await session.travel(600)
    assert receiver.got == []


async def test_a_falling_balance_is_told_once_on_its_way_down() -> None:
    session = WebhookSession(balances={"smartlyq": "5.1000"})
    async with receiving() as receiver:
        await session.hook(receiver.url, ["balance.low", "balance.depleted"])
        for _ in range(3):
            await session.job()
        await session.travel(60)
        (got,) = receiver.got
    assert got.json["event"] == "balance.low"
    assert got.json["data"] == {"balance": 4.96, "threshold": 5.0}


async def test_an_empty_wallet_is_told() -> None:
    session = WebhookSession(balances={"smartlyq": "0.0700"})
    async with receiving() as receiver:
        await session.hook(receiver.url, ["balance.low", "balance.depleted"])
        await session.job()
        await session.travel(60)
    assert [got.json["event"] for got in receiver.got] == ["balance.depleted"]
    assert receiver.got[0].json["data"] == {"balance": 0.0}
