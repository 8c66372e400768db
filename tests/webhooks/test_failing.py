"""Endpoints that stop: paused by their owner, failing after ten failures in a row, deleted."""

from __future__ import annotations

from tests.webhooks.session import WebhookSession, receiving


async def fail_ten_times(session: WebhookSession) -> None:
    """Two jobs, five attempts each, all of them refused."""
    for _ in range(2):
        await session.job()
        await session.travel(3600)


async def status(session: WebhookSession) -> str:
    (only,) = (await session.call("GET", "/v1/webhooks"))["webhooks"]
    return str(only["status"])


async def test_ten_failures_in_a_row_stop_an_endpoint_and_nine_do_not() -> None:
    session = WebhookSession()
    async with receiving(500) as receiver:
        await session.hook(receiver.url)
        await session.job()
        await session.travel(3600)
        await session.job()
        await session.travel(15 * 60)
        assert len(receiver.got) == 9
        assert await status(session) == "active"
        await session.travel(3600)
        assert len(receiver.got) == 10
        assert await status(session) == "failing"


async def test_a_failing_endpoint_gets_nothing_until_it_is_made_active() -> None:
    session = WebhookSession()
    async with receiving(*[500] * 10, 200) as receiver:
        hook = await session.hook(receiver.url)
        await fail_ten_times(session)
        await session.job()
        await session.travel(3600)
        assert len(receiver.got) == 10
        said = await session.call("PUT", f"/v1/webhooks/{hook['id']}", {"status": "active"})
        assert said["status"] == "active"
        job = await session.job()
        await session.travel(60)
    assert receiver.got[-1].json["data"]["job_id"] == job
    assert len(receiver.got) == 11


async def test_one_success_forgives_all_failures_before_it() -> None:
    session = WebhookSession()
    async with receiving(*[500] * 9, 200, *[500] * 9, 200) as receiver:
        await session.hook(receiver.url)
        for _ in range(4):
            await session.job()
            await session.travel(3600)
        assert len(receiver.got) == 20
        assert await status(session) == "active"


async def test_what_waits_while_an_endpoint_is_paused_goes_on_when_it_is_active() -> None:
    session = WebhookSession()
    async with receiving(500, 200) as receiver:
        hook = await session.hook(receiver.url)
        await session.job()
        await session.travel(60)
        await session.call("PUT", f"/v1/webhooks/{hook['id']}", {"status": "paused"})
        await session.travel(3600)
        assert len(receiver.got) == 1
        assert [row["status"] for row in await session.logs()] == ["pending"]
        await session.call("PUT", f"/v1/webhooks/{hook['id']}", {"status": "active"})
        await session.travel(1)
    assert len(receiver.got) == 2
    assert [row["status"] for row in await session.logs()] == ["delivered"]


async def test_a_paused_endpoint_is_not_told_of_what_happens_meanwhile() -> None:
    session = WebhookSession()
    async with receiving() as receiver:
        hook = await session.hook(receiver.url)
        await session.call("PUT", f"/v1/webhooks/{hook['id']}", {"status": "paused"})
        await session.job()
        await session.travel(60)
        await session.call("PUT", f"/v1/webhooks/{hook['id']}", {"status": "active"})
        await session.travel(60)
    assert receiver.got == []


async def test_what_was_on_its_way_to_a_deleted_endpoint_is_dead() -> None:
    session = WebhookSession()
    async with receiving(500) as receiver:
        hook = await session.hook(receiver.url)
        await session.job()
        await session.travel(60)
        await session.call("DELETE", f"/v1/webhooks/{hook['id']}")
        await session.travel(3600)
    assert len(receiver.got) == 1
    assert [row["status"] for row in await session.logs()] == ["dead_letter"]
