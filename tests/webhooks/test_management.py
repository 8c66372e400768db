"""SmartlyQ's webhook management: make, list, change, delete, try out, log, replay, and refusals."""

from __future__ import annotations

from typing import Any

import pytest

from bodydouble.core.evidence.request_log import Exchange
from bodydouble.core.keys import Key, digest
from tests.webhooks.session import KEY, WebhookSession, receiving, verifies

URL = "https://example.com/hooks"


async def test_a_new_webhook_shows_its_secret_once_and_no_log_keeps_it() -> None:
    session = WebhookSession()
    made = await session.hook(URL)
    assert made["status"] == "active"
    assert made["secret"].startswith("whsec_")
    listed = await session.call("GET", "/v1/webhooks")
    (row,) = listed["webhooks"]
    assert set(row) == {"id", "url", "events", "status", "last_triggered_at", "created_at"}
    assert len(listed["events"]) == 38
    async with session.app.store.transaction(session.sandbox) as tx:
        kept = await tx.list(Exchange)
    assert any(exchange.operation == "createWebhook" for exchange in kept)
    assert not any(made["secret"].encode() in exchange.response_body for exchange in kept)


async def test_the_event_that_only_the_seed_page_names_can_be_subscribed() -> None:
    session = WebhookSession()
    made = await session.hook(URL, ["chatbot.conversation.ended"])
    assert made["events"] == ["chatbot.conversation.ended"]


async def test_no_two_webhooks_share_a_secret() -> None:
    session = WebhookSession()
    first = await session.hook(URL)
    await session.call("DELETE", f"/v1/webhooks/{first['id']}")
    assert (await session.hook(URL))["secret"] != first["secret"]


async def test_an_update_replaces_what_it_names_and_nothing_else() -> None:
    session = WebhookSession()
    id = (await session.hook(URL))["id"]
    said = await session.call("PUT", f"/v1/webhooks/{id}", {"events": ["job.failed"]})
    assert said == {
        "id": id,
        "url": URL,
        "events": ["job.failed"],
        "status": "active",
        "last_triggered_at": None,
        "created_at": said["created_at"],
    }
    said = await session.call("PUT", f"/v1/webhooks/{id}", {"url": URL + "2", "status": "paused"})
    assert (said["url"], said["status"], said["events"]) == (URL + "2", "paused", ["job.failed"])


async def test_a_deleted_webhook_answers_200_with_null_and_is_gone() -> None:
    session = WebhookSession()
    id = (await session.hook(URL))["id"]
    assert await session.call("DELETE", f"/v1/webhooks/{id}") is None
    await session.call("DELETE", f"/v1/webhooks/{id}", expect=404)
    assert (await session.call("GET", "/v1/webhooks"))["webhooks"] == []


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
    session = WebhookSession()
    error = await session.call("POST", "/v1/webhooks", body, 422)
    assert error["code"] == "VALIDATION_ERROR"
    assert error["details"]["fields"] == fields
    assert (await session.call("GET", "/v1/webhooks"))["webhooks"] == []


@pytest.mark.parametrize(
    "body", [{}, {"status": "failing"}, {"status": "on"}, {"events": []}, {"url": "ftp://a.b/"}]
)
async def test_a_bad_update_is_refused_and_changes_nothing(body: Any) -> None:
    session = WebhookSession()
    id = (await session.hook(URL))["id"]
    await session.call("PUT", f"/v1/webhooks/{id}", body, 422)
    (row,) = (await session.call("GET", "/v1/webhooks"))["webhooks"]
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
    await WebhookSession().call(method, path, {"status": "paused"}, 404)


async def test_the_eleventh_active_webhook_is_refused_and_a_paused_one_makes_room() -> None:
    session = WebhookSession()
    ids = [(await session.hook(URL))["id"] for _ in range(10)]
    await session.call("POST", "/v1/webhooks", {"url": URL, "events": ["job.failed"]}, 422)
    await session.call("PUT", f"/v1/webhooks/{ids[0]}", {"status": "paused"})
    await session.hook(URL)
    await session.call("PUT", f"/v1/webhooks/{ids[0]}", {"status": "active"}, 422)


async def test_reading_and_writing_need_their_own_scopes() -> None:
    session = WebhookSession()
    reader = Key(
        id=digest(KEY),
        sandbox=session.sandbox,
        provider="smartlyq",
        account="smartlyq/main",
        hint="sqk_live…",
        scopes=("webhooks:read",),
    )
    await session.app.store.put_key(reader)
    await session.call("GET", "/v1/webhooks")
    await session.call("GET", "/v1/webhooks/logs")
    error = await session.call("POST", "/v1/webhooks", {"url": URL, "events": ["job.failed"]}, 403)
    assert error["details"] == {"required_scope": "webhooks:write"}


async def test_the_test_endpoint_sends_at_once_and_tells_what_became_of_it() -> None:
    session = WebhookSession()
    async with receiving() as receiver:
        hook = await session.hook(receiver.url)
        said = await session.call("POST", f"/v1/webhooks/{hook['id']}/test")
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
    async with session.app.store.transaction(session.sandbox) as tx:
        (logged,) = [e for e in await tx.list(Exchange) if e.operation == "testWebhook"]
    assert b'"delivered":true' in logged.response_body


async def test_a_failed_test_is_told_never_repeated_and_held_against_nobody() -> None:
    session = WebhookSession()
    async with receiving(500) as receiver:
        hook = await session.hook(receiver.url)
        for _ in range(11):
            said = await session.call("POST", f"/v1/webhooks/{hook['id']}/test")
            assert (said["delivered"], said["response_code"]) == (False, 500)
        await session.travel(7200)
        assert len(receiver.got) == 11
    (row,) = (await session.call("GET", "/v1/webhooks"))["webhooks"]
    assert row["status"] == "active"


async def test_a_paused_endpoint_can_be_tried_out() -> None:
    session = WebhookSession()
    async with receiving() as receiver:
        hook = await session.hook(receiver.url)
        await session.call("PUT", f"/v1/webhooks/{hook['id']}", {"status": "paused"})
        said = await session.call("POST", f"/v1/webhooks/{hook['id']}/test")
    assert said["delivered"] is True


async def test_a_test_nobody_answers_has_no_response_code() -> None:
    session = WebhookSession()
    async with receiving() as receiver:
        gone = receiver.url
    hook = await session.hook(gone)
    said = await session.call("POST", f"/v1/webhooks/{hook['id']}/test")
    assert (said["delivered"], said["response_code"], said["response_body"]) == (False, None, None)


async def test_the_log_shows_each_delivery_and_can_be_narrowed() -> None:
    session = WebhookSession()
    async with receiving() as good, receiving(500) as bad:
        await session.hook(good.url)
        await session.hook(bad.url)
        await session.job()
        await session.travel(60)
        rows = await session.logs()
        assert [row["webhook_id"] for row in rows] == [2, 1]
        assert [row["status"] for row in rows] == ["pending", "delivered"]
        assert rows[0]["next_retry_at"] is not None
        assert rows[1]["payload"] == good.got[0].json
        assert [row["id"] for row in await session.logs("&webhook_id=1")] == [1]
        assert [row["id"] for row in await session.logs("&status=pending")] == [2]
        assert await session.logs("&event=job.failed") == []
        page = await session.call("GET", "/v1/webhooks/logs?per_page=1&page=2")
    assert [row["id"] for row in page["deliveries"]] == [1]
    assert page["pagination"] == {"total": 2, "page": 2, "per_page": 1, "total_pages": 2}


async def test_the_log_keeps_500_characters_of_an_answer() -> None:
    session = WebhookSession()
    async with receiving() as receiver:
        receiver.body = "ü".encode() * 100_000
        hook = await session.hook(receiver.url)
        said = await session.call("POST", f"/v1/webhooks/{hook['id']}/test")
    assert said["response_body"] == "ü" * 500


async def test_the_log_forgets_after_ninety_days() -> None:
    session = WebhookSession()
    async with receiving() as receiver:
        await session.hook(receiver.url)
        await session.job()
        await session.travel(60)
    await session.travel(89 * 86_400)
    assert len(await session.logs()) == 1
    await session.travel(86_400)
    assert await session.logs() == []


async def test_a_replay_sends_the_same_event_signed_afresh_and_counted_anew() -> None:
    session = WebhookSession()
    async with receiving(*[500] * 5, 500, 200) as receiver:
        hook = await session.hook(receiver.url)
        await session.job()
        await session.travel(3600)
        said = await session.call("POST", "/v1/webhooks/deliveries/1/replay", expect=202)
        assert said == {"delivery_id": 1, "status": "pending"}
        await session.travel(3600)
    assert len(receiver.got) == 7
    assert len({got.body for got in receiver.got}) == 1
    assert all(verifies(got, hook["secret"]) for got in receiver.got)
    assert len({got.at_s for got in receiver.got}) == 7
    (row,) = await session.logs()
    assert (row["status"], row["attempt"]) == ("delivered", 2)


async def test_a_delivery_still_on_its_way_cannot_be_replayed() -> None:
    session = WebhookSession()
    async with receiving(500) as receiver:
        await session.hook(receiver.url)
        await session.job()
        await session.travel(60)
        await session.call("POST", "/v1/webhooks/deliveries/1/replay", expect=422)
        await session.travel(3600)
        assert len(receiver.got) == 5
