"""What SmartlyQ's webhook routes refuse for their words: profiles, and all bad fields at once."""

from __future__ import annotations

from typing import Any

import pytest

from tests.webhooks.session import WebhookSession

URL = "https://example.com/hooks"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/webhooks"),
        ("POST", "/v1/webhooks"),
        ("GET", "/v1/webhooks/logs"),
        ("PUT", "/v1/webhooks/1"),
        ("DELETE", "/v1/webhooks/1"),
        ("POST", "/v1/webhooks/1/test"),
        ("POST", "/v1/webhooks/deliveries/1/replay"),
    ],
)
async def test_no_webhook_route_takes_a_profile(method: str, path: str) -> None:
    session = WebhookSession()
    await session.hook(URL)
    said = await session.client.request(
        method, path, json={"url": URL, "events": ["job.failed"]}, headers={"x-profile-id": "42"}
    )
    assert said.status_code == 422
    assert said.json()["error"]["details"] == {"fields": ["X-Profile-Id"]}
    (left,) = (await session.call("GET", "/v1/webhooks"))["webhooks"]
    assert left["events"] == ["job.completed", "job.failed"]


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({"url": "http://example.com/", "events": ["nothing.happened"]}, ["url", "events"]),
        ({"events": ["nothing.happened"], "url": 5}, ["events", "url"]),
        ({"status": 5, "events": []}, ["status", "events", "url"]),
        ({"url": "", "events": [], "status": "failing"}, ["url", "events", "status"]),
    ],
)
async def test_every_bad_field_of_a_webhook_is_named_at_once(
    body: dict[str, Any], fields: list[str]
) -> None:
    session = WebhookSession()
    said = await session.client.post("/v1/webhooks", json=body)
    assert (said.status_code, said.json()["error"]["details"]) == (422, {"fields": fields})
