"""UniAll in its documented profile: the four request patterns, polls, money, models and billing."""

from __future__ import annotations

import re
from typing import Any

import pytest

from bodydouble.core.media.plan import Picture
from tests.vendors.newapi.gateways import STARTING_BALANCE, UNIALL, create, job_of, png

FIRST, LAST = "https://example.com/first.png", "https://example.com/last.png"
SHOTS = [{"prompt": "The gate opens."}, {"prompt": "A cat walks in."}]


async def test_a_create_answers_the_object_of_the_sibling_pages() -> None:
    session = UNIALL.session()
    body = (await session.post("/v1/video/generations", UNIALL.body)).json()
    assert body.pop("created_at") > 1_700_000_000
    assert body == {
        "id": body["id"],
        "task_id": body["id"],
        "object": "video.generation.job",
        "model": "kling-v3-std-silent",
        "status": "queued",
        "progress": 0,
        "seconds": "5",
    }


@pytest.mark.parametrize(
    "path", ["/v1/videos/", "/v1/videos/generations/", "/v1/video/generations/"]
)
async def test_a_task_is_polled_alike_on_all_three_paths(path: str) -> None:
    session = UNIALL.session()
    task = await create(session, UNIALL)
    queued = (await session.get(path + task)).json()
    assert (queued["status"], queued["progress"], queued["video_url"]) == ("queued", 0, None)
    assert queued["result"] is queued["error"] is queued["thumbnail_url"] is None
    await session.advance(4)
    running = (await session.get(path + task)).json()
    assert running["status"] == "in_progress"
    assert 0 < running["progress"] < 100
    await session.advance(60)
    done = (await session.get(path + task)).json()
    assert (done["status"], done["progress"], done["error"]) == ("completed", 100, None)
    assert done["result"] == {"outputs": [done["video_url"]], "video_url": done["video_url"]}
    assert re.search(rf"/{task}/{task}-[0-9a-f]{{8}}\.mp4$", done["video_url"])
    assert re.search(rf"/{task}/{task}-[0-9a-f]{{8}}\.jpg$", done["thumbnail_url"])
    assert done["duration"] == int(done["metadata"]["total_time"])
    assert 0 < done["metadata"]["predict_time"] < done["metadata"]["total_time"]


async def test_a_failed_task_has_an_error_and_is_refunded() -> None:
    session = UNIALL.session()
    await session.get("/v1/models")
    await session.scenario("failed")
    task = await create(session, UNIALL)
    assert await session.balance() == STARTING_BALANCE - UNIALL.price
    await session.advance(600)
    body = (await session.get(UNIALL.poll + task)).json()
    assert (body["status"], body["progress"], body["video_url"]) == ("failed", 100, None)
    assert body["error"]["code"] == "task_failed"
    assert await session.balance() == STARTING_BALANCE


@pytest.mark.parametrize(
    ("changes", "price"),
    [
        ({"duration": 3}, 126_000),
        ({"duration": 15}, 630_000),
        ({"duration": None}, 210_000),
        ({"duration": "7"}, 294_000),
        ({"duration": 5.0}, 210_000),
        ({"model": "kling-v3-std-audio"}, 315_000),
        ({"model": "kling-v3-pro-silent"}, 280_000),
        ({"model": "kling-v3-pro-audio"}, 420_000),
    ],
)
async def test_each_model_is_charged_by_its_seconds(changes: dict[str, Any], price: int) -> None:
    session = UNIALL.session()
    await create(session, UNIALL, **changes)
    assert await session.balance() == STARTING_BALANCE - price


@pytest.mark.parametrize(
    ("changes", "size", "audio"),
    [
        ({}, (1280, 720), False),
        ({"aspect_ratio": None}, (1280, 720), False),
        ({"aspect_ratio": "9:16", "model": "kling-v3-pro-audio"}, (1080, 1920), True),
        ({"aspect_ratio": "1:1", "model": "kling-v3-std-audio"}, (720, 720), True),
    ],
)
async def test_tier_and_ratio_make_the_size_and_the_id_makes_the_sound(
    changes: dict[str, Any], size: tuple[int, int], audio: bool
) -> None:
    session = UNIALL.session()
    plan = (await job_of(session, await create(session, UNIALL, **changes))).media()
    assert ((plan.width, plan.height), plan.audio, plan.duration_ms) == (size, audio, 5000)


async def test_first_and_last_frame_are_both_kept() -> None:
    session = UNIALL.session()
    made = (
        await job_of(session, await create(session, UNIALL, image=FIRST, last_image=LAST))
    ).submission
    assert (made.first_frame, made.last_frame) == (
        Picture("remote", FIRST),
        Picture("remote", LAST),
    )


async def test_a_picture_may_also_come_as_a_data_uri() -> None:
    session = UNIALL.session()
    made = (await job_of(session, await create(session, UNIALL, image=png(300, 750)))).submission
    assert made.first_frame is not None
    assert made.first_frame.kind == "blob"


async def test_the_documented_multi_prompt_request_needs_no_prompt() -> None:
    session = UNIALL.session()
    extra = {"multi_prompt": SHOTS, "shot_type": "customize"}
    task = await create(session, UNIALL, prompt=None, image=FIRST, duration=10, extra_body=extra)
    assert (await session.get(UNIALL.poll + task)).json()[
        "prompt"
    ] == "The gate opens. / A cat walks in."


async def test_shots_whose_lengths_add_up_are_accepted() -> None:
    session = UNIALL.session()
    shots = [{**SHOTS[0], "duration": 4}, {**SHOTS[1], "duration": "6"}]
    await create(
        session, UNIALL, prompt=None, image=FIRST, duration=10, extra_body={"multi_prompt": shots}
    )


async def test_shots_without_an_image_are_accepted_by_quirk() -> None:
    session = UNIALL.session(quirks={"text_multi_prompt": True})
    await create(session, UNIALL, prompt=None, extra_body={"multi_prompt": SHOTS})


async def test_both_create_paths_answer_alike() -> None:
    session = UNIALL.session()
    answer = await session.post("/v1/videos/generations", UNIALL.body)
    assert answer.json()["object"] == "video.generation.job"


async def test_models_are_listed_in_three_dialects() -> None:
    session = UNIALL.session()
    ids = [
        "kling-v3-std-silent",
        "kling-v3-std-audio",
        "kling-v3-pro-silent",
        "kling-v3-pro-audio",
    ]
    usual = (await session.get("/v1/models")).json()
    assert usual["data"][0] == {
        "id": ids[0],
        "object": "model",
        "created": 0,
        "owned_by": "uniall",
    }
    headers = {"x-api-key": session.secret, "anthropic-version": "2023-06-01"}
    anthropic = (await session.get("/v1/models", headers=headers)).json()
    assert [model["id"] for model in anthropic["data"]] == ids
    assert (anthropic["first_id"], anthropic["last_id"]) == (ids[0], ids[-1])
    google = (await session.get(f"/v1/models?key={session.secret}", headers={})).json()
    assert [model["name"] for model in google["models"]] == [f"models/{id}" for id in ids]
    assert (
        await session.get("/v1/models", headers={"x-goog-api-key": session.secret})
    ).json() == google


async def test_one_model_is_found_and_an_unknown_one_told_with_200() -> None:
    session = UNIALL.session()
    assert (await session.get("/v1/models/kling-v3-pro-audio")).json()["owned_by"] == "uniall"
    unknown = await session.get("/v1/models/x")
    assert (unknown.status_code, unknown.json()["error"]["code"]) == (200, "model_not_found")


@pytest.mark.parametrize("root", ["", "/v1"])
async def test_billing_follows_a_refund(root: str) -> None:
    session = UNIALL.session()
    await session.get("/v1/models")
    await session.scenario("failed")
    await create(session, UNIALL)
    assert (await session.get(f"{root}/dashboard/billing/usage")).json()["total_usage"] == 42
    await session.advance(600)
    assert (await session.get(f"{root}/dashboard/billing/usage")).json()["total_usage"] == 0
    granted = (await session.get(f"{root}/dashboard/billing/subscription")).json()
    assert granted["soft_limit_usd"] == 20
