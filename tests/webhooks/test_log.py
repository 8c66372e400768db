"""SmartlyQ's one log of calls and deliveries: in order, filtered, and with costs that are costs."""

from __future__ import annotations

from typing import Any

from tests.openapi.reading import complaints, tightened
from tests.webhooks.session import WebhookSession, receiving


async def log(session: WebhookSession, query: str = "") -> list[Any]:
    """The rows of the log, each as the document has it."""
    said = await session.call("GET", f"/v1/logs?per_page=100{query}")
    document = tightened("smartlyq")
    for row in said:
        assert complaints(document, document["components"]["schemas"]["LogRow"], row) == []
    return list(said)


async def test_calls_and_deliveries_stand_in_one_list_newest_first() -> None:
    session = WebhookSession()
    async with receiving(500, 200) as receiver:
        await session.hook(receiver.url)
        job = await session.job()
        await session.travel(60)
        await session.call("GET", f"/v1/jobs/{job}")
        rows = await log(session)
        assert [(row["source"], row["activity_type"]) for row in rows] == [
            ("api", "getJob"),
            ("webhook", "job.completed"),
            ("api", "generateVideo"),
            ("api", "createWebhook"),
        ]
        told = rows[1]
        assert (told["event"], told["attempt"], told["status"]) == ("job.completed", 1, "pending")
        assert told["status_code"] == 500
        assert told["next_retry_at"] > told["created_at"]
        await session.travel(3600)
    (told,) = await log(session, "&source=webhook")
    assert (told["status"], told["attempt"], told["status_code"]) == ("delivered", 2, 200)
    assert told["next_retry_at"] is None
    assert {row["source"] for row in await log(session, "&source=api")} == {"api"}


async def test_the_filters_of_the_log_know_what_a_delivery_lacks() -> None:
    session = WebhookSession()
    async with receiving(500) as receiver:
        await session.hook(receiver.url)
        await session.job()
        await session.travel(60)
    errors = await log(session, "&result=errors")
    assert [row["source"] for row in errors] == ["webhook"]
    assert len(await log(session, "&result=success")) >= 2
    assert {row["source"] for row in await log(session, "&endpoint=/webhooks")} == {"api"}
    assert {row["source"] for row in await log(session, "&status_code=500")} == {"webhook"}
    assert [row["event"] for row in await log(session, "&type=job.completed")] == ["job.completed"]
    assert await log(session, "&api_key_id=1") == []
    shown = await log(session, "&source=webhook&include_payloads=true")
    assert '"event":"job.completed"' in shown[0]["request_payload"]
    assert shown[0]["response_payload"] == "thanks"


async def test_a_cancel_that_gives_money_back_cost_nothing() -> None:
    session = WebhookSession()
    job = await session.job()
    await session.call("POST", f"/v1/jobs/{job}/cancel", {})
    rows = await log(session)
    assert [(row["activity_type"], row["cost"], row["units_used"]) for row in rows] == [
        ("cancelJob", "0.0000", 0),
        ("generateVideo", "0.0700", 1),
    ]
