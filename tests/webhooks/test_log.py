"""SmartlyQ's one log of calls and deliveries: in order, filtered, and with costs that are costs."""

from __future__ import annotations

from typing import Any

from tests.openapi.reading import complaints, tightened
from tests.webhooks.stage import HookStage, receiving


async def log(stage: HookStage, query: str = "") -> list[Any]:
    """The rows of the log, each as the document has it."""
    said = await stage.call("GET", f"/v1/logs?per_page=100{query}")
    document = tightened("smartlyq")
    for row in said:
        assert complaints(document, document["components"]["schemas"]["LogRow"], row) == []
    return list(said)


async def test_calls_and_deliveries_stand_in_one_list_newest_first() -> None:
    stage = HookStage()
    async with receiving(500, 200) as receiver:
        await stage.hook(receiver.url)
        job = await stage.job()
        await stage.travel(60)
        await stage.call("GET", f"/v1/jobs/{job}")
        rows = await log(stage)
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
        await stage.travel(3600)
    (told,) = await log(stage, "&source=webhook")
    assert (told["status"], told["attempt"], told["status_code"]) == ("delivered", 2, 200)
    assert told["next_retry_at"] is None
    assert {row["source"] for row in await log(stage, "&source=api")} == {"api"}


async def test_the_filters_of_the_log_know_what_a_delivery_lacks() -> None:
    stage = HookStage()
    async with receiving(500) as receiver:
        await stage.hook(receiver.url)
        await stage.job()
        await stage.travel(60)
    errors = await log(stage, "&result=errors")
    assert [row["source"] for row in errors] == ["webhook"]
    assert len(await log(stage, "&result=success")) >= 2
    assert {row["source"] for row in await log(stage, "&endpoint=/webhooks")} == {"api"}
    assert {row["source"] for row in await log(stage, "&status_code=500")} == {"webhook"}
    assert [row["event"] for row in await log(stage, "&type=job.completed")] == ["job.completed"]
    assert await log(stage, "&api_key_id=1") == []
    shown = await log(stage, "&source=webhook&include_payloads=true")
    assert '"event":"job.completed"' in shown[0]["request_payload"]
    assert shown[0]["response_payload"] == "thanks"


async def test_a_cancel_that_gives_money_back_cost_nothing() -> None:
    stage = HookStage()
    job = await stage.job()
    await stage.call("POST", f"/v1/jobs/{job}/cancel", {})
    rows = await log(stage)
    assert [(row["activity_type"], row["cost"], row["units_used"]) for row in rows] == [
        ("cancelJob", "0.0000", 0),
        ("generateVideo", "0.0700", 1),
    ]
