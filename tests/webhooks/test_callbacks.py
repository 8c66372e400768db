"""Leonardo's callback: per key, with its bearer, once, at the end of each job."""

from __future__ import annotations

from typing import Any

from bodydouble.core.keys import Key, digest
from tests.webhooks.session import Receiver, WebhookSession, receiving

KEY = "12345678-1234-4234-8234-123456789abc"
VIDEO = {"prompt": "a dog on a beach", "width": 832, "height": 480}


async def order(session: WebhookSession, receiver: Receiver, secret: str = "hush") -> str:
    """Makes a key with a callback, orders a video with it, and gives the generation's id."""
    await session.app.store.put_key(
        Key(
            id=digest(KEY),
            sandbox=session.sandbox,
            provider="leonardo",
            account="leonardo/main",
            hint="12345678…",
            callback_url=receiver.url,
            callback_secret=secret,
        )
    )
    reply = await session.client.post(
        "http://bodydouble.test/leonardo/api/rest/v1/generations-text-to-video",
        json=VIDEO,
        headers={"authorization": f"Bearer {KEY}"},
    )
    assert reply.status_code == 200, reply.text
    return str(reply.json()["motionVideoGenerationJob"]["generationId"])


async def told(
    session: WebhookSession, receiver: Receiver, secret: str = "hush"
) -> tuple[str, Any]:
    id = await order(session, receiver, secret)
    await session.travel(600)
    (got,) = receiver.got
    return id, got


async def test_a_finished_video_is_called_back_with_the_bearer_of_its_key() -> None:
    session = WebhookSession()
    async with receiving() as receiver:
        id, got = await told(session, receiver)
    said = got.json
    assert got.headers["authorization"] == "Bearer hush"
    assert got.headers["user-agent"] == "axios/1.4.0"
    assert set(said) == {"type", "object", "timestamp", "api_version", "data"}
    assert (said["type"], said["object"]) == ("video_generation.complete", "generation")
    row = said["data"]["object"]
    assert (row["id"], row["status"], row["prompt"]) == (id, "COMPLETE", VIDEO["prompt"])
    assert row["apiKey"] == {"webhookCallbackApiKey": "hush"}
    (image,) = row["images"]
    assert image["generationId"] == id
    seen = await session.client.get(
        f"http://bodydouble.test/leonardo/api/rest/v1/generations/{id}",
        headers={"authorization": f"Bearer {KEY}"},
    )
    shown = seen.json()["generations_by_pk"]["generated_images"][0]
    assert image["motionMP4URL"] == shown["motionMP4URL"]
    assert image["id"] == shown["id"]


async def test_a_failed_video_is_called_back_under_the_same_type() -> None:
    session = WebhookSession(scenario="moderated")
    async with receiving() as receiver:
        _, got = await told(session, receiver)
    assert got.json["type"] == "video_generation.complete"
    assert got.json["data"]["object"]["status"] == "FAILED"
    assert got.json["data"]["object"]["images"] == []


async def test_without_a_secret_there_is_no_bearer() -> None:
    session = WebhookSession()
    async with receiving() as receiver:
        _, got = await told(session, receiver, secret="")
    assert "authorization" not in got.headers
    assert got.json["data"]["object"]["apiKey"] == {"webhookCallbackApiKey": None}


async def test_a_callback_is_tried_once_and_never_again() -> None:
    session = WebhookSession()
    async with receiving(500) as receiver:
        await told(session, receiver)
        await session.travel(86_400)
        assert len(receiver.got) == 1


async def test_a_key_without_a_callback_calls_nobody_back() -> None:
    session = WebhookSession()
    async with receiving() as receiver:
        await session.app.store.put_key(
            Key(digest(KEY), session.sandbox, "leonardo", "leonardo/main", "12345678…")
        )
        reply = await session.client.post(
            "http://bodydouble.test/leonardo/api/rest/v1/generations-text-to-video",
            json=VIDEO,
            headers={"authorization": f"Bearer {KEY}"},
        )
        assert reply.status_code == 200
        await session.travel(600)
        assert receiver.got == []


async def test_a_callback_into_a_private_network_is_not_made() -> None:
    session = WebhookSession()
    await session.app.store.put_key(
        Key(
            digest(KEY),
            session.sandbox,
            "leonardo",
            "leonardo/main",
            "12345678…",
            callback_url="https://10.0.0.1/hook",
        )
    )
    await session.client.post(
        "http://bodydouble.test/leonardo/api/rest/v1/generations-text-to-video",
        json=VIDEO,
        headers={"authorization": f"Bearer {KEY}"},
    )
    await session.travel(600)
    (attempt,) = (await session.delivery("1")).attempts
    assert (attempt.code, attempt.error) == (None, "it must be a public address")


async def test_the_control_plane_shows_a_callback_without_its_bearer() -> None:
    session = WebhookSession()
    async with receiving() as receiver:
        id, _ = await told(session, receiver, "a-long-callback-secret")
    listed = await session.client.get(
        f"http://localhost/_bodydouble/sandboxes/{session.sandbox}/deliveries"
    )
    assert listed.status_code == 200, listed.text
    assert id in listed.text
    assert "a-long-callback-secret" not in listed.text
