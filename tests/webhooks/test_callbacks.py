"""Leonardo's callback: per key, with its bearer, once, at the end of each job."""

from __future__ import annotations

from typing import Any

from bodydouble.core.keys import Key, digest
from tests.webhooks.stage import HookStage, Receiver, receiving

KEY = "12345678-1234-4234-8234-123456789abc"
VIDEO = {"prompt": "a dog on a beach", "width": 832, "height": 480}


async def order(stage: HookStage, receiver: Receiver, secret: str = "hush") -> str:
    """Makes a key with a callback, orders a video with it, and gives the generation's id."""
    await stage.app.store.put_key(
        Key(
            id=digest(KEY),
            sandbox=stage.sandbox,
            provider="leonardo",
            account="leonardo/main",
            hint="12345678…",
            callback_url=receiver.url,
            callback_secret=secret,
        )
    )
    reply = await stage.client.post(
        "http://bodydouble.test/leonardo/api/rest/v1/generations-text-to-video",
        json=VIDEO,
        headers={"authorization": f"Bearer {KEY}"},
    )
    assert reply.status_code == 200, reply.text
    return str(reply.json()["motionVideoGenerationJob"]["generationId"])


async def told(stage: HookStage, receiver: Receiver, secret: str = "hush") -> tuple[str, Any]:
    id = await order(stage, receiver, secret)
    await stage.travel(600)
    (got,) = receiver.got
    return id, got


async def test_a_finished_video_is_called_back_with_the_bearer_of_its_key() -> None:
    stage = HookStage()
    async with receiving() as receiver:
        id, got = await told(stage, receiver)
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
    seen = await stage.client.get(
        f"http://bodydouble.test/leonardo/api/rest/v1/generations/{id}",
        headers={"authorization": f"Bearer {KEY}"},
    )
    shown = seen.json()["generations_by_pk"]["generated_images"][0]
    assert image["motionMP4URL"] == shown["motionMP4URL"]
    assert image["id"] == shown["id"]


async def test_a_failed_video_is_called_back_under_the_same_type() -> None:
    stage = HookStage(scenario="moderated")
    async with receiving() as receiver:
        _, got = await told(stage, receiver)
    assert got.json["type"] == "video_generation.complete"
    assert got.json["data"]["object"]["status"] == "FAILED"
    assert got.json["data"]["object"]["images"] == []


async def test_without_a_secret_there_is_no_bearer() -> None:
    stage = HookStage()
    async with receiving() as receiver:
        _, got = await told(stage, receiver, secret="")
    assert "authorization" not in got.headers
    assert got.json["data"]["object"]["apiKey"] == {"webhookCallbackApiKey": None}


async def test_a_callback_is_tried_once_and_never_again() -> None:
    stage = HookStage()
    async with receiving(500) as receiver:
        await told(stage, receiver)
        await stage.travel(86_400)
        assert len(receiver.got) == 1


async def test_a_key_without_a_callback_calls_nobody_back() -> None:
    stage = HookStage()
    async with receiving() as receiver:
        await stage.app.store.put_key(
            Key(digest(KEY), stage.sandbox, "leonardo", "leonardo/main", "12345678…")
        )
        reply = await stage.client.post(
            "http://bodydouble.test/leonardo/api/rest/v1/generations-text-to-video",
            json=VIDEO,
            headers={"authorization": f"Bearer {KEY}"},
        )
        assert reply.status_code == 200
        await stage.travel(600)
        assert receiver.got == []


async def test_a_callback_into_a_private_network_is_not_made() -> None:
    stage = HookStage()
    await stage.app.store.put_key(
        Key(
            digest(KEY),
            stage.sandbox,
            "leonardo",
            "leonardo/main",
            "12345678…",
            callback_url="https://10.0.0.1/hook",
        )
    )
    await stage.client.post(
        "http://bodydouble.test/leonardo/api/rest/v1/generations-text-to-video",
        json=VIDEO,
        headers={"authorization": f"Bearer {KEY}"},
    )
    await stage.travel(600)
    (attempt,) = (await stage.delivery("1")).attempts
    assert (attempt.code, attempt.error) == (None, "it must be a public address")


async def test_the_control_plane_shows_a_callback_without_its_bearer() -> None:
    stage = HookStage()
    async with receiving() as receiver:
        id, _ = await told(stage, receiver, "a-long-callback-secret")
    listed = await stage.client.get(
        f"http://localhost/_bodydouble/sandboxes/{stage.sandbox}/deliveries"
    )
    assert listed.status_code == 200, listed.text
    assert id in listed.text
    assert "a-long-callback-secret" not in listed.text
