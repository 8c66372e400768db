"""The stock wire, as both gateways speak it by quirk: forms, statuses, passes and refusals."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.vendors.newapi.gateways import (
    BOTH,
    INFINITYBLUE,
    STARTING_BALANCE,
    UNIALL,
    UNKNOWN_TASK,
    Gateway,
    create,
    job_of,
    png,
)

GENERATIONS = "/v1/video/generations"
each = pytest.mark.parametrize("gateway", BOTH, ids=lambda gateway: gateway.name)


@each
async def test_a_create_answers_the_stock_object_and_headers(gateway: Gateway) -> None:
    session = gateway.session(stock=True)
    answer = await session.post(GENERATIONS, gateway.body)
    body = answer.json()
    assert list(body) == ["id", "task_id", "object", "model", "status", "progress", "created_at"]
    assert (body["object"], body["status"], body["id"]) == ("video", "queued", body["task_id"])
    assert answer.headers["x-new-api-other-ratios"] == "{}"
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    assert answer.headers["x-new-api-version"]


@each
async def test_states_are_seen_only_when_the_poller_passes(gateway: Gateway) -> None:
    session = gateway.session(stock=True)
    task = await create(session, gateway)
    told = []
    for seconds in (0, 14, 2, 14):
        await session.advance(seconds)
        row = (await session.get(f"{GENERATIONS}/{task}")).json()["data"]
        video = (await session.get(f"/v1/videos/{task}")).json()
        told.append((row["status"], row["progress"], video["status"], video["progress"]))
    # By the first pass, after 15 s, the usual task of seven to nine seconds has ended.
    assert told[:2] == [("NOT_START", "0%", "unknown", 0)] * 2
    assert told[2:] == [("SUCCESS", "100%", "completed", 100)] * 2


@each
async def test_without_passes_every_state_shows_at_once(gateway: Gateway) -> None:
    session = gateway.session(stock=True, quirks={"poller_pass_seconds": 0})
    task = await create(session, gateway)
    told = []
    for seconds in (0, 4, 30):
        await session.advance(seconds)
        row = (await session.get(f"{GENERATIONS}/{task}")).json()["data"]
        told.append(
            (row["status"], row["progress"], bool(row["start_time"]), bool(row["finish_time"]))
        )
    assert told == [
        ("SUBMITTED", "10%", False, False),
        ("IN_PROGRESS", "30%", True, False),
        ("SUCCESS", "100%", True, True),
    ]


@each
async def test_times_fall_on_passes_and_in_order(gateway: Gateway) -> None:
    session = gateway.session(stock=True)
    await session.get("/v1/models")
    await session.scenario("slow")
    task = await create(session, gateway)
    await session.advance(600)
    row = (await session.get(f"{GENERATIONS}/{task}")).json()["data"]
    assert row["submit_time"] < row["start_time"] < row["finish_time"] == row["updated_at"]
    assert (row["start_time"] - row["submit_time"]) % 15 == 0
    assert (row["finish_time"] - row["submit_time"]) % 15 == 0


@each
async def test_a_success_is_wrapped_with_its_link(gateway: Gateway) -> None:
    session = gateway.session(stock=True)
    task = await create(session, gateway)
    await session.advance(600)
    body = (await session.get(f"{GENERATIONS}/{task}")).json()
    assert (body["code"], body["message"]) == ("success", "")
    row = body["data"]
    assert re.search(rf"/{task}/{task}-[0-9a-f]{{8}}\.mp4$", row["result_url"])
    assert (row["quota"], row["action"], row["platform"]) == (gateway.price, "textGenerate", "50")
    video = (await session.get(f"/v1/videos/{task}")).json()
    assert (video["metadata"]["url"], video["seconds"]) == (row["result_url"], "5")
    assert video["created_at"] // 1000 == row["submit_time"]
    assert video["model"] == ""


@each
async def test_a_failure_repeats_its_reason_as_result_url_and_refunds(gateway: Gateway) -> None:
    session = gateway.session(stock=True)
    await session.get("/v1/models")
    await session.scenario("failed")
    task = await create(session, gateway)
    assert await session.balance() == STARTING_BALANCE - gateway.price
    await session.advance(600)
    row = (await session.get(f"{GENERATIONS}/{task}")).json()["data"]
    assert row["status"] == "FAILURE"
    assert row["result_url"] == row["fail_reason"] != ""
    video = (await session.get(f"/v1/videos/{task}")).json()
    assert video["error"] == {"message": row["fail_reason"], "code": ""}
    assert "metadata" not in video
    assert await session.balance() == STARTING_BALANCE


async def test_veo_is_refreshed_live_and_told_in_the_simplified_form() -> None:
    session = INFINITYBLUE.session(stock=True)
    task = await create(session, INFINITYBLUE, model="veo_3_1")
    told = []
    for seconds in (0, 4, 60):
        await session.advance(seconds)
        data = (await session.get(f"{GENERATIONS}/{task}")).json()["data"]
        assert list(data) == ["error", "format", "metadata", "status", "task_id", "url"]
        told.append((data["status"], data["url"][-20:]))
    assert told == [("processing", ""), ("processing", ""), ("succeeded", f"{task[-12:]}/content")]
    video = (await session.get(f"/v1/videos/{task}")).json()
    assert "metadata" not in video
    assert video["completed_at"] < 10**11


@each
async def test_the_content_is_the_tasks_own_file_once_a_pass_saw_it_done(gateway: Gateway) -> None:
    session = gateway.session(stock=True)
    task = await create(session, gateway)
    await session.advance(14)
    early = await session.get(f"/v1/videos/{task}/content")
    assert (early.status_code, early.json()["error"]["type"]) == (400, "invalid_request_error")
    assert early.json()["error"]["message"].endswith("current status: NOT_START")
    await session.advance(30)
    file = await session.get(f"/v1/videos/{task}/content")
    assert (file.status_code, file.headers["content-type"]) == (200, "video/mp4")
    assert file.headers["cache-control"] == "public, max-age=86400"
    assert file.content[4:8] == b"ftyp"
    row = (await session.get(f"{GENERATIONS}/{task}")).json()["data"]
    assert (await session.client.get(row["result_url"])).content == file.content
    unknown = await session.get(f"/v1/videos/{UNKNOWN_TASK}/content")
    assert (unknown.status_code, unknown.json()["error"]["message"]) == (404, "Task not found")


@pytest.mark.parametrize(
    ("changes", "size", "seconds"),
    [
        ({}, (720, 720), 5),
        ({"size": "1280x720"}, (1280, 720), 5),
        ({"size": "1080x1920", "mode": "pro"}, (1080, 1920), 5),
        ({"size": "640x480"}, (720, 720), 5),
        ({"metadata": {"aspect_ratio": "16:9", "duration": "10"}}, (1280, 720), 10),
        ({"metadata": '{"mode": "pro", "model": "other"}'}, (1080, 1080), 5),
        ({"duration": "7"}, (720, 720), 7),
        ({"duration": 7.5}, (720, 720), 5),
        ({"duration": 0}, (720, 720), 5),
        ({"duration": None, "seconds": "8"}, (720, 720), 5),
        ({"model": "veo_3_1", "duration": None}, (1280, 720), 8),
        ({"model": "veo_3_1", "size": "1080x1920"}, (1080, 1920), 5),
        ({"model": "veo_3_1", "size": "3840x2160"}, (3840, 2160), 5),
        (
            {"model": "veo_3_1", "metadata": {"durationSeconds": 4, "resolution": "1080p"}},
            (1920, 1080),
            4,
        ),
    ],
)
async def test_only_size_and_metadata_shape_the_video(
    changes: dict[str, Any], size: tuple[int, int], seconds: int
) -> None:
    session = INFINITYBLUE.session(stock=True)
    plan = (await job_of(session, await create(session, INFINITYBLUE, **changes))).media()
    assert ((plan.width, plan.height), plan.duration_ms) == (size, seconds * 1000)


async def test_pictures_come_as_image_or_metadata_or_bare_base64() -> None:
    session = INFINITYBLUE.session(stock=True)
    uri = png(8, 8)
    for ignored in ({"images": [uri]}, {"input_reference": uri}):
        made = (await job_of(session, await create(session, INFINITYBLUE, **ignored))).submission
        assert (made.first_frame, made.operation) == (None, "textGenerate")
    for changes in (
        {"image": "https://example.com/a.png"},
        {"image": uri.partition(",")[2], "metadata": {"image_tail": uri}},
        {"metadata": {"image": uri}},
    ):
        made = (await job_of(session, await create(session, INFINITYBLUE, **changes))).submission
        assert made.first_frame is not None
        assert made.operation == "generate"
    assert made.last_frame is None


@pytest.mark.parametrize("kind", ["text2video", "image2video"])
async def test_klings_own_form_loses_all_but_what_every_task_has(kind: str) -> None:
    session = INFINITYBLUE.session(stock=True)
    body = {
        "model_name": "kling-v2-5-turbo",
        "prompt": "p",
        "aspect_ratio": "9:16",
        "duration": "10",
        "mode": "pro",
        "image": "https://example.com/a.png",
    }
    nameless = await session.post(f"/kling/v1/videos/{kind}", body)
    assert nameless.status_code == 400
    assert "Model name not specified" in nameless.json()["error"]["message"]
    answer = await session.post(f"/kling/v1/videos/{kind}", {**body, "model": "kling-v2-5-turbo"})
    task = answer.json()["task_id"]
    made = (await job_of(session, task)).submission
    assert (made.width, made.height, made.duration_ms) == (1080, 1080, 10_000)
    row = (await session.get(f"/kling/v1/videos/{kind}/{task}")).json()["data"]
    assert (row["task_id"], row["action"]) == (task, "generate")


async def test_models_carry_what_the_stock_program_adds() -> None:
    session = UNIALL.session(stock=True)
    body = (await session.get("/v1/models")).json()
    assert body["success"] is True
    first = body["data"][0]
    assert (first["owned_by"], first["supported_endpoint_types"]) == ("kling", ["openai"])
    assert first["created"] == 1626777600
    assert [one["id"] for one in body["data"]] == sorted(one["id"] for one in body["data"])
    google = await session.get("/v1/models", headers={"x-goog-api-key": session.secret})
    assert google.status_code == 401
    listed = await session.get("/v1/models/kling-v3-std-audio")
    assert (listed.status_code, listed.json()["error"]["code"]) == (200, "model_not_found")
    assert (await session.get("/v1/models/sora-2")).json()["owned_by"] == "advanced_custom"
    names = (await session.get("/v1beta/models")).json()["models"]
    assert names[0]["name"] == first["id"]


async def test_the_plural_path_is_uniall_own() -> None:
    session = UNIALL.session(stock=True)
    assert (await session.post("/v1/videos/generations", UNIALL.body)).status_code == 404
    assert (await session.post("/v1/videos", UNIALL.body)).status_code == 200
