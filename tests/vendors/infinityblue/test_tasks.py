"""InfinityBlue in its documented profile: tasks, money, pictures, models and billing."""

from __future__ import annotations

from typing import Any

import pytest

from bodydouble.core.media.plan import Picture
from bodydouble.core.media.uploads import Blob
from tests.vendors.newapi.gateways import (
    INFINITYBLUE,
    STARTING_BALANCE,
    create,
    job_of,
    png,
    traces,
)

POLL = INFINITYBLUE.poll


async def test_a_task_goes_from_queued_to_a_link_in_the_flat_documented_form() -> None:
    stage = INFINITYBLUE.stage()
    answer = await stage.post(
        "/v1/video/generations", {**INFINITYBLUE.body, "fps": 30, "seed": 20231234}
    )
    task = answer.json()["task_id"]
    assert answer.json() == {"task_id": task, "status": "queued"}
    assert (await stage.get(POLL + task)).json() == {"task_id": task, "status": "queued"}
    await stage.advance(3)
    assert (await stage.get(POLL + task)).json() == {"task_id": task, "status": "in_progress"}
    await stage.advance(60)
    done = (await stage.get(POLL + task)).json()
    assert done.pop("url").endswith(f"/{task}/video.mp4")
    assert done == {
        "task_id": task,
        "status": "completed",
        "format": "mp4",
        "metadata": {"duration": 5, "fps": 30, "width": 1280, "height": 720, "seed": 20231234},
    }


@pytest.mark.parametrize(
    ("scenario", "code"), [("failed", 500), ("moderated", 400), ("normal", None)]
)
async def test_a_failed_task_says_why_with_an_integer_and_gives_the_money_back(
    scenario: str, code: int | None
) -> None:
    stage = INFINITYBLUE.stage()
    await stage.get("/v1/models")
    await stage.scenario(scenario)
    task = await create(stage, INFINITYBLUE)
    assert await stage.balance() == STARTING_BALANCE - INFINITYBLUE.price
    await stage.advance(600)
    body = (await stage.get(POLL + task)).json()
    assert body.get("error", {}).get("code") == code
    assert await stage.balance() == STARTING_BALANCE - (INFINITYBLUE.price if code is None else 0)


@pytest.mark.parametrize(
    ("changes", "price"),
    [
        ({}, 175_000),
        ({"duration": 10}, 175_000),
        ({"n": 3}, 175_000),
        ({"model": "kling-v2-1-master"}, 700_000),
        ({"model": "veo_3_1", "duration": 4}, 800_000),
        ({"model": "veo_3_1", "duration": 2.5}, 500_000),
        ({"model": "veo_3_1-fast", "duration": None}, 600_000),
    ],
)
async def test_kling_costs_a_call_and_veo_costs_seconds(
    changes: dict[str, Any], price: int
) -> None:
    stage = INFINITYBLUE.stage()
    await create(stage, INFINITYBLUE, **changes)
    assert await stage.balance() == STARTING_BALANCE - price


@pytest.mark.parametrize(
    ("changes", "size", "fps"),
    [
        ({"width": None, "height": None}, (1280, 720), 24),
        ({"width": 1920, "height": None}, (1920, 1080), 24),
        ({"width": None, "height": 360}, (640, 360), 24),
        ({"width": 641, "height": 359, "fps": 60}, (642, 360), 60),
        ({"width": 1280.0, "fps": 25.0}, (1280, 720), 25),
    ],
)
async def test_the_video_has_the_size_and_rate_that_were_asked(
    changes: dict[str, Any], size: tuple[int, int], fps: int
) -> None:
    stage = INFINITYBLUE.stage()
    job = await job_of(stage, await create(stage, INFINITYBLUE, **changes))
    assert (job.media().coded_size, job.media().fps) == (size, fps)


async def test_a_picture_by_address_is_remembered_and_not_fetched() -> None:
    stage = INFINITYBLUE.stage()
    task = await create(stage, INFINITYBLUE, image="https://example.com/image.jpg")
    picture = Picture("remote", "https://example.com/image.jpg")
    assert (await job_of(stage, task)).submission.first_frame == picture
    assert (await traces(stage, INFINITYBLUE))[2] == 0


async def test_a_picture_in_the_request_is_kept_under_its_digest() -> None:
    stage = INFINITYBLUE.stage()
    task = await create(stage, INFINITYBLUE, image=png(8, 6))
    picture = (await job_of(stage, task)).submission.first_frame
    assert picture is not None
    assert picture.kind == "blob"
    async with stage.app.store.transaction(stage.sandbox) as tx:
        kept = await tx.get(Blob, picture.ref)
    assert kept is not None
    assert kept.data.startswith(b"\x89PNG")


async def test_metadata_and_unknown_fields_are_taken_without_effect() -> None:
    stage = INFINITYBLUE.stage()
    extras = {"metadata": {"negative_prompt": "x", "deep": [{}]}, "user": "u", "colour": 7}
    job = await job_of(stage, await create(stage, INFINITYBLUE, **extras))
    assert job.submission.prompt == INFINITYBLUE.body["prompt"]


async def test_models_are_listed_and_found_one_by_one() -> None:
    stage = INFINITYBLUE.stage()
    listed = [model["id"] for model in (await stage.get("/v1/models")).json()["data"]]
    assert listed == ["kling-v2-5-turbo", "kling-v2-1-master", "veo_3_1", "veo_3_1-fast"]
    assert (await stage.get("/v1/models/veo_3_1")).json()["id"] == "veo_3_1"
    unknown = await stage.get("/v1/models/none")
    assert (unknown.status_code, unknown.json()["error"]["type"]) == (404, "not_found_error")


@pytest.mark.parametrize("root", ["", "/v1"])
async def test_billing_tells_what_was_granted_and_used(root: str) -> None:
    stage = INFINITYBLUE.stage()
    await create(stage, INFINITYBLUE)
    granted = (await stage.get(f"{root}/dashboard/billing/subscription")).json()
    assert granted["hard_limit_usd"] == 20
    used = (await stage.get(f"{root}/dashboard/billing/usage")).json()
    assert used == {"object": "list", "total_usage": 35}
    token = (await stage.get("/api/usage/token/")).json()["data"]
    assert token["total_available"] == await stage.balance() == 9_825_000
    assert token["total_granted"] == STARTING_BALANCE


async def test_every_answer_carries_a_request_id_and_the_version_stays_unsaid() -> None:
    stage = INFINITYBLUE.stage()
    answers = [await stage.get("/v1/models"), await stage.get("/v1/nowhere")]
    ids = {answer.headers["x-oneapi-request-id"] for answer in answers}
    assert [len(id) for id in ids] == [39, 39]
    assert all("x-new-api-version" not in answer.headers for answer in answers)
