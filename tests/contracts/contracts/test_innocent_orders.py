"""What an owner did himself, and what no page prices, convicts nobody."""

from __future__ import annotations

from typing import Any

from bodydouble_contracts.vendors.reader import load
from tests.contracts.contracts.story import SAMPLE, Story

CREDITS = load("runway")
DOLLARS = load("smartlyq")


def priced(body: dict[str, Any], cost: int) -> set[str]:
    story = Story(CREDITS)
    made = {"id": "17f20503-6c24-4c16-946b-35dbbce2af2f", "estimatedCost": {"credits": cost}}
    return story.then("POST", "/v1/text_to_video", 200, made, body=body).broken()


def test_an_order_without_the_length_that_its_price_goes_by_has_no_published_price() -> None:
    order = {"model": "veo3.1", "promptText": "a clay fox", "ratio": "1280:720"}
    assert "BIL-02" not in priced(order, 320)
    assert "BIL-02" not in priced({**order, "duration": 4}, 160)
    assert "BIL-02" in priced({**order, "duration": 4}, 161)


def test_a_stranger_s_try_is_not_blamed_for_what_the_owner_did() -> None:
    def job(status: str) -> dict[str, Any]:
        return {"success": True, "data": {"id": "job_0123456789ab", "status": status}}

    def broken(ended_by_the_owner: bool) -> set[str]:
        made = {"success": True, "data": {"job_uid": "job_0123456789ab", "status": "queued"}}
        story = Story(DOLLARS, controlled=True)
        story.then("POST", "/v1/videos/generate", 202, made, intent=SAMPLE)
        at = "/v1/jobs/job_0123456789ab"
        story.then("GET", at, 200, job("queued"))
        story.then("POST", f"{at}/cancel", 404, {}, "other", body={})
        if ended_by_the_owner:
            story.then("POST", f"{at}/cancel", 200, job("cancelled"), body={})
        return story.then("GET", at, 200, job("cancelled")).broken()

    assert "ACC-09" not in broken(ended_by_the_owner=True)
    assert "ACC-09" in broken(ended_by_the_owner=False)
