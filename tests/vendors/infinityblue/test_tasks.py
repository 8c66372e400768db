"""InfinityBlue in its documented profile: tasks, money, pictures, models and billing."""

from __future__ import annotations

import re
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
    session = INFINITYBLUE.session()
    answer = await session.post(
        "/v1/video/generations", {**INFINITYBLUE.body, "fps": 30, "seed": 20231234}
    )
    task = answer.json()["task_id"]
    assert answer.json() == {"task_id": task, "status": "queued"}
    assert (await session.get(POLL + task)).json() == {"task_id": task, "status": "queued"}
    await session.advance(3)
    assert (await session.get(POLL + task)).json() == {"task_id": task, "status": "in_progress"}
    await session.advance(60)
    done = (await session.get(POLL + task)).json()
    assert re.search(rf"/{task}/{task}-[0-9a-f]{{8}}\.mp4$", done.pop("url"))
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
    session = INFINITYBLUE.session()
    await session.get("/v1/models")
    await session.scenario(scenario)
    task = await create(session, INFINITYBLUE)
    assert await session.balance() == STARTING_BALANCE - INFINITYBLUE.price
    await session.advance(600)
    body = (await session.get(POLL + task)).json()
    assert body.get("error", {}).get("code") == code
    assert await session.balance() == STARTING_BALANCE - (INFINITYBLUE.price if code is None else 0)


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
    session = INFINITYBLUE.session()
    await create(session, INFINITYBLUE, **changes)
    assert await session.balance() == STARTING_BALANCE - price


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
    session = INFINITYBLUE.session()
    job = await job_of(session, await create(session, INFINITYBLUE, **changes))
    assert (job.media().coded_size, job.media().fps) == (size, fps)


async def test_a_picture_by_address_is_remembered_and_not_fetched() -> None:
    session = INFINITYBLUE.session()
    task = await create(session, INFINITYBLUE, image="https://example.com/image.jpg")
    picture = Picture("remote", "https://example.com/image.jpg")
    assert (await job_of(session, task)).submission.first_frame == picture
    assert (await traces(session, INFINITYBLUE))[2] == 0


async def test_a_picture_in_the_request_is_kept_under_its_digest() -> None:
    session = INFINITYBLUE.session()
    task = await create(session, INFINITYBLUE, image=png(8, 6))
    picture = (await job_of(session, task)).submission.first_frame
    assert picture is not None
    assert picture.kind == "blob"
    async with session.app.store.transaction(session.sandbox) as tx:
        kept = await tx.get(Blob, picture.ref)
    assert kept is not None
    assert kept.data.startswith(b"\x89PNG")


async def test_metadata_and_unknown_fields_are_taken_without_effect() -> None:
    session = INFINITYBLUE.session()
    extras = {"metadata": {"negative_prompt": "x", "deep": [{}]}, "user": "u", "colour": 7}
    job = await job_of(session, await create(session, INFINITYBLUE, **extras))
    assert job.submission.prompt == INFINITYBLUE.body["prompt"]


async def test_models_are_listed_and_found_one_by_one() -> None:
    session = INFINITYBLUE.session()
    listed = [model["id"] for model in (await session.get("/v1/models")).json()["data"]]
    assert listed[:4] == ["kling-v2-5-turbo", "kling-v2-1-master", "veo_3_1", "veo_3_1-fast"]
    assert len(listed) == 10
    assert (await session.get("/v1/models/veo_3_1")).json()["id"] == "veo_3_1"
    unknown = await session.get("/v1/models/none")
    assert (unknown.status_code, unknown.json()["error"]["type"]) == (404, "not_found_error")


@pytest.mark.parametrize("root", ["", "/v1"])
async def test_billing_tells_what_was_granted_and_used(root: str) -> None:
    session = INFINITYBLUE.session()
    await create(session, INFINITYBLUE)
    granted = (await session.get(f"{root}/dashboard/billing/subscription")).json()
    assert granted["hard_limit_usd"] == 20
    used = (await session.get(f"{root}/dashboard/billing/usage")).json()
    assert used == {"object": "list", "total_usage": 35}
    token = (await session.get("/api/usage/token/")).json()["data"]
    assert token["total_available"] == await session.balance() == 9_825_000
    assert token["total_granted"] == STARTING_BALANCE


async def test_every_answer_carries_a_request_id_and_the_version_stays_unsaid() -> None:
    session = INFINITYBLUE.session()
    answers = [await session.get("/v1/models"), await session.get("/v1/nowhere")]
    ids = {answer.headers["x-oneapi-request-id"] for answer in answers}
    assert [len(id) for id in ids] == [39, 39]
    assert all("x-new-api-version" not in answer.headers for answer in answers)
