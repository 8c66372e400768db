"""Runway's tasks where no official client looks: links, refunds by code, prices, tiers, uploads."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from bodydouble.testing import Emulator, Sandbox

VERSION = {"X-Runway-Version": "2024-11-06"}
TEXT = {"model": "gen4.5", "promptText": "a paper boat", "ratio": "1280:720", "duration": 2}
TURBO = {
    "model": "gen4_turbo",
    "promptImage": "https://example.com/bunny.jpg",
    "ratio": "1280:720",
    "duration": 2,
}


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with Emulator(seed=1) as running:
        yield running


@pytest.fixture
def sandbox(emulator: Emulator) -> Iterator[Sandbox]:
    with emulator.sandbox(seed=1) as fresh:
        yield fresh


@pytest.fixture
def client(sandbox: Sandbox) -> Iterator[httpx.Client]:
    with sandbox.vendor("runway").client(headers=VERSION) as made:
        yield made


def created(client: httpx.Client, path: str = "text_to_video", **fields: Any) -> str:
    order = {**(TEXT if path == "text_to_video" else TURBO), **fields}
    answer = client.post(f"/v1/{path}", json=order)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["id"])


def task(client: httpx.Client, id: str) -> Any:
    return client.get(f"/v1/tasks/{id}").json()


def credits_left(client: httpx.Client) -> int:
    return int(client.get("/v1/organization").json()["creditBalance"])


def test_a_link_dies_within_two_days_and_the_next_read_gives_a_living_one(
    client: httpx.Client, sandbox: Sandbox
) -> None:
    id = created(client, duration=2)
    sandbox.clock.advance("10m")
    first = task(client, id)["output"][0]
    assert client.get(first, timeout=60).status_code == 200
    assert client.get(first.partition("?")[0]).status_code == 403
    assert client.get(first[:-1] + "x").status_code == 403
    sandbox.clock.advance("48h")
    assert client.get(first).status_code == 403
    second = task(client, id)["output"][0]
    assert second != first
    assert client.get(second, timeout=60).status_code == 200


@pytest.mark.parametrize(
    ("cue", "code", "kept"),
    [
        ("moderated", "SAFETY.INPUT.TEXT", 24),
        ("moderated:input-image", "SAFETY.INPUT.IMAGE", 24),
        ("moderated:output", "SAFETY.OUTPUT.VIDEO", 0),
        ("moderated:preprocessing", "INPUT_PREPROCESSING.SAFETY.TEXT", 0),
        ("provider_error", "INTERNAL.BAD_OUTPUT.CODE01", 0),
        ("provider_error:third-party", "THIRD_PARTY.UNAVAILABLE", 0),
        ("bad_input", "ASSET.INVALID", 0),
    ],
)
def test_who_pays_for_a_failure_goes_by_its_code(
    client: httpx.Client, sandbox: Sandbox, cue: str, code: str, kept: int
) -> None:
    before = credits_left(client)
    id = created(client, promptText=f"a boat [[bodydouble: fail={cue} after=1s]]")
    sandbox.clock.advance("10m")
    told = task(client, id)
    assert (told["failureCode"], told["cost"]["credits"]) == (code, kept)
    assert before - credits_left(client) == kept


def test_tasks_of_one_model_wait_for_each_other_and_those_of_another_do_not(
    client: httpx.Client, sandbox: Sandbox
) -> None:
    ids = [created(client, "image_to_video") for _ in range(3)] + [created(client)]
    words = [task(client, id)["status"] for id in ids]
    assert words == ["PENDING", "THROTTLED", "THROTTLED", "PENDING"]
    assert client.delete(f"/v1/tasks/{ids[0]}").status_code == 204
    words = [task(client, id)["status"] for id in ids[1:3]]
    assert words == ["PENDING", "THROTTLED"], "a slot that is free goes to the next in line"


def test_the_price_goes_by_model_sound_and_format(client: httpx.Client) -> None:
    asked = [
        (TEXT, 24),
        ({**TEXT, "outputFormat": "prores"}, 34),
        ({**TEXT, "outputFormat": "hdr10"}, 64),
        ({"model": "veo3.1", "promptText": "x", "ratio": "1920:1080", "duration": 4}, 160),
        ({"model": "veo3.1", "promptText": "x", "ratio": "1280:720", "audio": False}, 160),
        ({"model": "seedance2", "promptText": "x", "duration": "auto", "ratio": "3840:3840"}, 540),
        ({"model": "hailuo3", "promptText": "x", "ratio": "adaptive", "duration": 5.0}, 50),
    ]
    for order, credits in asked:
        answer = client.post("/v1/text_to_video", json=order)
        assert answer.json()["estimatedCost"] == {"credits": credits}, answer.text


def test_an_upload_that_never_came_is_a_bad_body(client: httpx.Client) -> None:
    made = client.post("/v1/uploads", json={"filename": "a.png", "type": "ephemeral"}).json()
    for uri in (made["runwayUri"], "runway://nobody-has-this"):
        answer = client.post("/v1/image_to_video", json={**TURBO, "promptImage": uri})
        assert answer.status_code == 400
        assert answer.json()["issues"][0]["path"] == ["promptImage"]
    assert credits_left(client) == 5000


@pytest.mark.parametrize("ratio", ["1280:720", "what ever", "", "0:0", "16:9:4"])
def test_a_ratio_that_is_no_longer_looked_at_may_say_anything(
    client: httpx.Client, ratio: str
) -> None:
    order = {"model": "aleph2", "videoUri": "https://example.com/bunny.mp4", "ratio": ratio}
    assert client.post("/v1/video_to_video", json=order).status_code == 200


def test_a_data_uri_too_short_to_be_one_is_refused(client: httpx.Client) -> None:
    order = {"model": "aleph2", "videoUri": "data:video/"}
    answer = client.post("/v1/video_to_video", json=order)
    assert (answer.status_code, answer.json()["issues"][0]["path"]) == (400, ["videoUri"])
