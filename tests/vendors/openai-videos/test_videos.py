"""What OpenAI's videos do beyond their golden exchanges: totals, secrets, the other wire."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bodydouble.core.signatures import receiving
from bodydouble.core.webhooks import Delivery, Webhook
from bodydouble.providers.openai_videos import PROVIDER
from tests.vendors.session import Session

KEY = "sk-proj-" + "a" * 48
FILM = ("boat.mp4", b"\0\0\0\x18ftypmp42", "video/mp4")
ORDER = {"prompt": "a paper boat", "seconds": "20", "size": "1280x720"}


def session(**quirks: Any) -> Session:
    return Session(
        "/openai-videos/v1",
        KEY,
        quirks={f"openai-videos.{name}": value for name, value in quirks.items()},
    )


async def made(at: Session, **more: Any) -> str:
    answer = await at.post("/videos", {**ORDER, **more})
    assert answer.status_code == 200, answer.text
    await at.advance(600)
    return str(answer.json()["id"])


async def test_extensions_add_up_to_two_minutes_and_the_new_part_alone_is_paid_for() -> None:
    at = session()
    video, totals = await made(at), []
    for _ in range(5):
        before = await at.balance()
        body = {"video": {"id": video}, "prompt": "on", "seconds": "20"}
        answer = await at.post("/videos/extensions", body)
        assert before - await at.balance() == 20_000
        await at.advance(600)
        video = answer.json()["id"]
        totals.append(answer.json()["seconds"])
    assert totals == ["40", "60", "80", "100", "120"]
    before = await at.balance()
    refused = await at.post("/videos/extensions", {**body, "video": {"id": video}})
    assert (refused.status_code, refused.json()["error"]["param"]) == (400, "seconds")
    assert await at.balance() == before


async def test_a_failed_video_costs_what_the_quirk_says() -> None:
    for reading, left in (("free", 200_000), ("charged", 180_000)):
        at = session(failed_cost=reading)
        await at.get("/videos")
        await at.scenario("failed")
        await made(at)
        assert await at.balance() == left


async def test_a_form_names_the_members_of_its_objects() -> None:
    at = session()
    character = await at.send(
        "POST", "/videos/characters", data={"name": "Mossy"}, files={"video": FILM}
    )
    data = {
        "prompt": "Mossy runs",
        "input_reference[image_url]": "https://example.com/boat.png",
        "characters[0][id]": character.json()["id"],
    }
    whole = await at.send("POST", "/videos", data=data, files={"none": ("", b"")})
    assert whole.json()["error"]["code"] == "unknown_parameter"
    texts = {name: (None, text) for name, text in data.items()}
    answer = await at.send("POST", "/videos", files=texts)
    assert (answer.status_code, answer.json()["prompt"]) == (200, "Mossy runs")
    texts["characters[0][id]"] = (None, "char_none")
    refused = await at.send("POST", "/videos", files=texts)
    assert refused.json()["error"]["param"] == "characters[0].id"


async def test_a_form_may_have_its_objects_as_json_too() -> None:
    at = session()
    texts = {"prompt": (None, "a boat"), "input_reference": (None, '{"image_url": ""}')}
    refused = await at.send("POST", "/videos", files=texts)
    assert "exactly one" in refused.json()["error"]["message"]
    texts["input_reference"] = (None, '{"image_url": "https://example.com/boat.png"}')
    answer = await at.send("POST", "/videos", files=texts)
    assert answer.status_code == 200, answer.text
    await at.advance(600)
    video = answer.json()["id"]
    texts = {"prompt": (None, "rain"), "video": (None, json.dumps({"id": video}))}
    assert (await at.send("POST", "/videos/edits", files=texts)).status_code == 200
    for text in ("7", video, "{"):
        refused = await at.send("POST", "/videos/edits", files={**texts, "video": (None, text)})
        assert "expected a file, but got a string" in refused.json()["error"]["message"], text


@pytest.mark.parametrize(
    ("name", "given", "wanted"),
    [
        ("prompt", {"prompt": None}, "a string"),
        ("model", {"model": None}, "a string"),
        ("characters", {"characters": None}, "an array"),
        ("input_reference", {"input_reference": None}, "an object"),
        ("file_id", {"input_reference": {"image_url": "https://a.com/", "file_id": None}}, "a str"),
    ],
)
async def test_null_is_of_another_type(name: str, given: Any, wanted: str) -> None:
    refused = await session().post("/videos", {**ORDER, **given})
    error = refused.json()["error"]
    assert (refused.status_code, error["code"], error["param"]) == (400, "invalid_type", name)
    assert f"expected {wanted}" in error["message"]
    assert error["message"].endswith("but got null instead.")


@pytest.mark.parametrize(
    ("path", "body", "name"),
    [
        ("/videos", {"input_reference": {"image_url": "https://a.com/", "alt": "x"}}, "alt"),
        ("/videos/edits", {"video": {"id": "video_1", "at": 3}}, "at"),
    ],
)
async def test_an_object_has_no_members_that_nobody_knows(path: str, body: Any, name: str) -> None:
    refused = await session().post(path, {"prompt": "a boat", **body})
    error = refused.json()["error"]
    assert (refused.status_code, error["code"], error["param"]) == (400, "unknown_parameter", name)


@pytest.mark.parametrize("variant", ["", "poster"])
async def test_a_variant_is_one_of_three(variant: str) -> None:
    at = session()
    path = f"/videos/{await made(at)}/content"
    assert (await at.get(path)).status_code == 200
    refused = await at.get(f"{path}?variant={variant}")
    assert (refused.status_code, refused.json()["error"]["param"]) == (400, "variant")


async def test_a_character_needs_a_name_of_a_form_and_a_film() -> None:
    at = session()
    for data, files, param in (
        ({}, {"video": FILM}, "name"),
        ({"name": ""}, {"video": FILM}, "name"),
        ({"name": "M" * 81}, {"video": FILM}, "name"),
        ({"name": "Mossy"}, {"none": FILM}, "video"),
        ({"name": "Mossy", "age": "3"}, {"video": FILM}, "age"),
    ):
        refused = await at.send("POST", "/videos/characters", data=data, files=files)
        assert (refused.status_code, refused.json()["error"]["param"]) == (400, param)
    digits = await at.send(
        "POST", "/videos/characters", data={"name": "9787"}, files={"video": FILM}
    )
    assert (digits.status_code, digits.json()["name"]) == (200, "9787")


async def test_a_video_of_another_key_is_as_unknown_as_its_characters() -> None:
    at = session()
    video = await made(at)
    theirs = {"authorization": "Bearer sk-proj-" + "b" * 48}
    for path in (f"/videos/{video}", f"/videos/{video}/content"):
        assert (await at.get(path, headers=theirs)).status_code == 404
    body = {"video": {"id": video}, "prompt": "rain"}
    assert (await at.post("/videos/edits", body, headers=theirs)).status_code == 404


@pytest.mark.parametrize("kept", [True, False])
async def test_a_secret_that_was_replaced_stays_good_only_if_asked(kept: bool) -> None:
    at = session()
    hook = {"name": "mine", "url": "https://inbox.example/", "event_types": ["video.completed"]}
    first = (await at.post("/webhook_endpoints", hook)).json()
    path = f"/webhook_endpoints/{first['id']}/rotate_secret"
    body = {"keep_old_secret_active_for_24_hours": kept}
    second = (await at.post(path, body)).json()
    assert first["signing_secret"] != second["signing_secret"]
    await made(at)
    async with at.app.store.transaction(at.sandbox) as tx:
        (sent,) = await tx.list(Delivery, "openai-videos/main")
        webhook = await tx.get(Webhook, sent.webhook)
    assert webhook is not None
    assert PROVIDER.webhooks is not None
    headers = dict(PROVIDER.webhooks.signed_headers(webhook, sent, sent.created_at_us))
    good = [
        receiving.standard_webhooks(one["signing_secret"], headers, sent.body)
        for one in (first, second)
    ]
    assert good == [kept, True]
    assert headers["webhook-id"].startswith("wh_")
    assert json.loads(sent.body)["id"].startswith("evt_")


async def test_a_server_of_vllm_omni_takes_any_size_and_ends_what_is_deleted() -> None:
    at = session(wire="vllm-omni")
    form = {"prompt": (None, "a lake"), "size": (None, "640x480"), "seconds": (None, "2")}
    video = (await at.send("POST", "/videos", files=form)).json()
    assert (video["size"], video["seconds"], video["quality"]) == ("640x480", "2", "default")
    assert (await at.send("DELETE", f"/videos/{video['id']}")).json()["deleted"] is True
    assert (await at.get(f"/videos/{video['id']}")).status_code == 404
    assert await at.balance() == 200_000
    for name, text in (("fps", "0"), ("width", "many"), ("seconds", "0"), ("size", "9999x9999")):
        refused = await at.send("POST", "/videos", files={**form, name: (None, text)})
        assert refused.status_code == 400, (name, refused.text)
        assert refused.json()["error"]["type"] == "Bad Request"
    assert (await at.post("/videos", ORDER)).json()["error"]["param"] == "prompt"
    assert (await at.get("/webhook_endpoints")).status_code == 404


async def test_after_the_shutdown_nothing_is_made_and_what_was_made_is_read() -> None:
    at = session(sunset="on")
    for path, body in (("/videos", ORDER), ("/videos/edits", {"prompt": "x"})):
        answer = await at.post(path, body)
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "api_shutdown")
    assert (await at.get("/videos")).json()["data"] == []
