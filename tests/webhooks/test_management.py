"""SmartlyQ's webhook management: make, list, change, delete, try out, log, replay, and refusals."""

from __future__ import annotations

from typing import Any

import pytest

from bodydouble.core.evidence.request_log import Exchange
from bodydouble.core.keys import Key, digest
from tests.webhooks.stage import KEY, HookStage, receiving, verifies

URL = "https://example.com/hooks"


async def test_a_new_webhook_shows_its_secret_once_and_no_log_keeps_it() -> None:
    stage = HookStage()
    made = await stage.hook(URL)
    assert made["status"] == "active"
    assert made["secret"].startswith("whsec_")
    listed = await stage.call("GET", "/v1/webhooks")
    (row,) = listed["webhooks"]
    assert set(row) == {"id", "url", "events", "status", "last_triggered_at", "created_at"}
    assert len(listed["events"]) == 38
    async with stage.app.store.transaction(stage.sandbox) as tx:
        kept = await tx.list(Exchange)
    assert any(exchange.operation == "createWebhook" for exchange in kept)
    assert not any(made["secret"].encode() in exchange.response_body for exchange in kept)


async def test_no_two_webhooks_share_a_secret() -> None:
    stage = HookStage()
    first = await stage.hook(URL)
    await stage.call("DELETE", f"/v1/webhooks/{first['id']}")
    assert (await stage.hook(URL))["secret"] != first["secret"]


async def test_an_update_replaces_what_it_names_and_nothing_else() -> None:
    stage = HookStage()
    id = (await stage.hook(URL))["id"]
    said = await stage.call("PUT", f"/v1/webhooks/{id}", {"events": ["job.failed"]})
    assert said == {
        "id": id,
        "url": URL,
        "events": ["job.failed"],
        "status": "active",
        "last_triggered_at": None,
        "created_at": said["created_at"],
    }
    said = await stage.call("PUT", f"/v1/webhooks/{id}", {"url": URL + "2", "status": "paused"})
    assert (said["url"], said["status"], said["events"]) == (URL + "2", "paused", ["job.failed"])


async def test_a_deleted_webhook_answers_200_with_null_and_is_gone() -> None:
    stage = HookStage()
    id = (await stage.hook(URL))["id"]
    assert await stage.call("DELETE", f"/v1/webhooks/{id}") is None
    await stage.call("DELETE", f"/v1/webhooks/{id}", expect=404)
    assert (await stage.call("GET", "/v1/webhooks"))["webhooks"] == []


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, ["url", "events"]),
        ({"url": URL}, ["events"]),
        ({"url": URL, "events": []}, ["events"]),
        ({"url": URL, "events": ["wallet.low"]}, ["events"]),
        ({"url": URL, "events": ["webhook.test"]}, ["events"]),
        ({"url": URL, "events": "job.completed"}, ["events"]),
        ({"url": 7, "events": ["job.completed"]}, ["url"]),
        ({"url": "", "events": ["job.completed"]}, ["url"]),
        ({"url": "http://example.com/h", "events": ["job.completed"]}, ["url"]),
        ({"url": "https://10.0.0.1/h", "events": ["job.completed"]}, ["url"]),
    ],
)
async def test_a_bad_webhook_is_refused_by_the_name_of_what_is_wrong(
    body: Any, fields: list[str]
) -> None:
    stage = HookStage()
    error = await stage.call("POST", "/v1/webhooks", body, 422)
    assert error["code"] == "VALIDATION_ERROR"
    assert error["details"]["fields"] == fields
    assert (await stage.call("GET", "/v1/webhooks"))["webhooks"] == []


@pytest.mark.parametrize(
    "body", [{}, {"status": "failing"}, {"status": "on"}, {"events": []}, {"url": "ftp://a.b/"}]
)
async def test_a_bad_update_is_refused_and_changes_nothing(body: Any) -> None:
    stage = HookStage()
    id = (await stage.hook(URL))["id"]
    await stage.call("PUT", f"/v1/webhooks/{id}", body, 422)
    (row,) = (await stage.call("GET", "/v1/webhooks"))["webhooks"]
    assert (row["url"], row["status"]) == (URL, "active")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", "/v1/webhooks/99"),
        ("PUT", "/v1/webhooks/none"),
        ("DELETE", "/v1/webhooks/99"),
        ("POST", "/v1/webhooks/99/test"),
        ("POST", "/v1/webhooks/deliveries/99/replay"),
    ],
)
async def test_what_is_not_there_is_404(method: str, path: str) -> None:
    await HookStage().call(method, path, {"status": "paused"}, 404)


async def test_the_eleventh_active_webhook_is_refused_and_a_paused_one_makes_room() -> None:
    stage = HookStage()
    ids = [(await stage.hook(URL))["id"] for _ in range(10)]
    await stage.call("POST", "/v1/webhooks", {"url": URL, "events": ["job.failed"]}, 422)
    await stage.call("PUT", f"/v1/webhooks/{ids[0]}", {"status": "paused"})
    await stage.hook(URL)
    await stage.call("PUT", f"/v1/webhooks/{ids[0]}", {"status": "active"}, 422)


async def test_reading_and_writing_need_their_own_scopes() -> None:
    stage = HookStage()
    reader = Key(
        id=digest(KEY),
        sandbox=stage.sandbox,
        provider="smartlyq",
        account="smartlyq/main",
        hint="sqk_live…",
        scopes=("webhooks:read",),
    )
    await stage.app.store.put_key(reader)
    await stage.call("GET", "/v1/webhooks")
    await stage.call("GET", "/v1/webhooks/logs")
    error = await stage.call("POST", "/v1/webhooks", {"url": URL, "events": ["job.failed"]}, 403)
    assert error["details"] == {"required_scope": "webhooks:write"}


async def test_the_test_endpoint_sends_at_once_and_tells_what_became_of_it() -> None:
    stage = HookStage()
    async with receiving() as receiver:
        hook = await stage.hook(receiver.url)
        said = await stage.call("POST", f"/v1/webhooks/{hook['id']}/test")
        (got,) = receiver.got
    assert said == {
        "delivered": True,
        "event_id": got.json["id"],
        "delivery_id": 1,
        "response_code": 200,
        "response_body": "thanks",
    }
    assert got.json["event"] == "webhook.test"
    assert verifies(got, hook["secret"])
    async with stage.app.store.transaction(stage.sandbox) as tx:
        (logged,) = [e for e in await tx.list(Exchange) if e.operation == "testWebhook"]
    assert b'"delivered":true' in logged.response_body


async def test_a_failed_test_is_told_never_repeated_and_held_against_nobody() -> None:
    stage = HookStage()
    async with receiving(500) as receiver:
        hook = await stage.hook(receiver.url)
        for _ in range(11):
            said = await stage.call("POST", f"/v1/webhooks/{hook['id']}/test")
            assert (said["delivered"], said["response_code"]) == (False, 500)
        await stage.travel(7200)
        assert len(receiver.got) == 11
    (row,) = (await stage.call("GET", "/v1/webhooks"))["webhooks"]
    assert row["status"] == "active"


async def test_a_paused_endpoint_can_be_tried_out() -> None:
    stage = HookStage()
    async with receiving() as receiver:
        hook = await stage.hook(receiver.url)
        await stage.call("PUT", f"/v1/webhooks/{hook['id']}", {"status": "paused"})
        said = await stage.call("POST", f"/v1/webhooks/{hook['id']}/test")
    assert said["delivered"] is True


async def test_a_test_nobody_answers_has_no_response_code() -> None:
    stage = HookStage()
    async with receiving() as receiver:
        gone = receiver.url
    hook = await stage.hook(gone)
    said = await stage.call("POST", f"/v1/webhooks/{hook['id']}/test")
    assert (said["delivered"], said["response_code"], said["response_body"]) == (False, None, None)


async def test_the_log_shows_each_delivery_and_can_be_narrowed() -> None:
    stage = HookStage()
    async with receiving() as good, receiving(500) as bad:
        await stage.hook(good.url)
        await stage.hook(bad.url)
        await stage.job()
        await stage.travel(60)
        rows = await stage.logs()
        assert [row["webhook_id"] for row in rows] == [2, 1]
        assert [row["status"] for row in rows] == ["pending", "delivered"]
        assert rows[0]["next_retry_at"] is not None
        assert rows[1]["payload"] == good.got[0].json
        assert [row["id"] for row in await stage.logs("&webhook_id=1")] == [1]
        assert [row["id"] for row in await stage.logs("&status=pending")] == [2]
        assert await stage.logs("&event=job.failed") == []
        page = await stage.call("GET", "/v1/webhooks/logs?per_page=1&page=2")
    assert [row["id"] for row in page["deliveries"]] == [1]
    assert page["pagination"] == {"total": 2, "page": 2, "per_page": 1, "total_pages": 2}


async def test_the_log_keeps_500_characters_of_an_answer() -> None:
    stage = HookStage()
    async with receiving() as receiver:
        receiver.body = "ü".encode() * 100_000
        hook = await stage.hook(receiver.url)
        said = await stage.call("POST", f"/v1/webhooks/{hook['id']}/test")
    assert said["response_body"] == "ü" * 500


async def test_the_log_forgets_after_ninety_days() -> None:
    stage = HookStage()
    async with receiving() as receiver:
        await stage.hook(receiver.url)
        await stage.job()
        await stage.travel(60)
    await stage.travel(89 * 86_400)
    assert len(await stage.logs()) == 1
    await stage.travel(86_400)
    assert await stage.logs() == []


async def test_a_replay_sends_the_same_event_signed_afresh_and_counted_anew() -> None:
    stage = HookStage()
    async with receiving(*[500] * 5, 500, 200) as receiver:
        hook = await stage.hook(receiver.url)
        await stage.job()
        await stage.travel(3600)
        said = await stage.call("POST", "/v1/webhooks/deliveries/1/replay", expect=202)
        assert said == {"delivery_id": 1, "status": "pending"}
        await stage.travel(3600)
    assert len(receiver.got) == 7
    assert len({got.body for got in receiver.got}) == 1
    assert all(verifies(got, hook["secret"]) for got in receiver.got)
    assert len({got.at_s for got in receiver.got}) == 7
    (row,) = await stage.logs()
    assert (row["status"], row["attempt"]) == ("delivered", 2)


async def test_a_delivery_still_on_its_way_cannot_be_replayed() -> None:
    stage = HookStage()
    async with receiving(500) as receiver:
        await stage.hook(receiver.url)
        await stage.job()
        await stage.travel(60)
        await stage.call("POST", "/v1/webhooks/deliveries/1/replay", expect=422)
        await stage.travel(3600)
        assert len(receiver.got) == 5
