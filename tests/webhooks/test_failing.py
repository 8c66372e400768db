"""Endpoints that stop: paused by their owner, failing after ten failures in a row, deleted."""

from __future__ import annotations

from tests.webhooks.stage import HookStage, receiving


async def fail_ten_times(stage: HookStage) -> None:
    """Two jobs, five attempts each, all of them refused."""
    for _ in range(2):
        await stage.job()
        await stage.travel(3600)


async def status(stage: HookStage) -> str:
    (only,) = (await stage.call("GET", "/v1/webhooks"))["webhooks"]
    return str(only["status"])


async def test_ten_failures_in_a_row_stop_an_endpoint_and_nine_do_not() -> None:
    stage = HookStage()
    async with receiving(500) as receiver:
        await stage.hook(receiver.url)
        await stage.job()
        await stage.travel(3600)
        await stage.job()
        await stage.travel(15 * 60)
        assert len(receiver.got) == 9
        assert await status(stage) == "active"
        await stage.travel(3600)
        assert len(receiver.got) == 10
        assert await status(stage) == "failing"


async def test_a_failing_endpoint_gets_nothing_until_it_is_made_active() -> None:
    stage = HookStage()
    async with receiving(*[500] * 10, 200) as receiver:
        hook = await stage.hook(receiver.url)
        await fail_ten_times(stage)
        await stage.job()
        await stage.travel(3600)
        assert len(receiver.got) == 10
        said = await stage.call("PUT", f"/v1/webhooks/{hook['id']}", {"status": "active"})
        assert said["status"] == "active"
        job = await stage.job()
        await stage.travel(60)
    assert receiver.got[-1].json["data"]["job_id"] == job
    assert len(receiver.got) == 11


async def test_one_success_forgives_all_failures_before_it() -> None:
    stage = HookStage()
    async with receiving(*[500] * 9, 200, *[500] * 9, 200) as receiver:
        await stage.hook(receiver.url)
        for _ in range(4):
            await stage.job()
            await stage.travel(3600)
        assert len(receiver.got) == 20
        assert await status(stage) == "active"


async def test_what_waits_while_an_endpoint_is_paused_goes_on_when_it_is_active() -> None:
    stage = HookStage()
    async with receiving(500, 200) as receiver:
        hook = await stage.hook(receiver.url)
        await stage.job()
        await stage.travel(60)
        await stage.call("PUT", f"/v1/webhooks/{hook['id']}", {"status": "paused"})
        await stage.travel(3600)
        assert len(receiver.got) == 1
        assert [row["status"] for row in await stage.logs()] == ["pending"]
        await stage.call("PUT", f"/v1/webhooks/{hook['id']}", {"status": "active"})
        await stage.travel(1)
    assert len(receiver.got) == 2
    assert [row["status"] for row in await stage.logs()] == ["delivered"]


async def test_a_paused_endpoint_is_not_told_of_what_happens_meanwhile() -> None:
    stage = HookStage()
    async with receiving() as receiver:
        hook = await stage.hook(receiver.url)
        await stage.call("PUT", f"/v1/webhooks/{hook['id']}", {"status": "paused"})
        await stage.job()
        await stage.travel(60)
        await stage.call("PUT", f"/v1/webhooks/{hook['id']}", {"status": "active"})
        await stage.travel(60)
    assert receiver.got == []


async def test_what_was_on_its_way_to_a_deleted_endpoint_is_dead() -> None:
    stage = HookStage()
    async with receiving(500) as receiver:
        hook = await stage.hook(receiver.url)
        await stage.job()
        await stage.travel(60)
        await stage.call("DELETE", f"/v1/webhooks/{hook['id']}")
        await stage.travel(3600)
    assert len(receiver.got) == 1
    assert [row["status"] for row in await stage.logs()] == ["dead_letter"]
