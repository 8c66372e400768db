"""InfinityBlue's `/v1/videos`, fact by fact of its pages: Seedance, Grok, times, refusals."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest

from tests.vendors.newapi.gateways import INFINITYBLUE, STARTING_BALANCE, create, png
from tests.vendors.session import Session

SEEDANCE = {"model": "doubao-seedance-2-0-260128", "prompt": "a paper boat", "seconds": "5"}
GROK = {"model": "grok-imagine-video-480p", "prompt": "a paper boat", "seconds": "5"}
PREVIEW = {
    **GROK,
    "model": "grok-imagine-video-1.5-preview-720p",
    "image": "https://example.com/a.png",
}
HERE, THERE = "https://a.example/x", "https://a.example/y"
ODD = {"content": [{"type": "text"}]}
DAY_MS = 86_400_000


async def post(session: Session, **body: Any) -> httpx.Response:
    return await session.post("/v1/videos", body)


async def done(session: Session, **body: Any) -> Any:
    answer = await post(session, **body)
    assert answer.status_code == 200, answer.text
    await session.advance(600)
    return (await session.get(f"/v1/videos/{answer.json()['id']}")).json()


def said(answer: httpx.Response) -> tuple[int, str, str, Any]:
    error = answer.json()["error"]
    return answer.status_code, error["type"], error["code"], error["param"]


@pytest.mark.parametrize("body", [SEEDANCE, GROK, PREVIEW], ids=["seedance", "grok", "preview"])
async def test_a_task_goes_its_documented_way(body: dict[str, Any]) -> None:
    session = INFINITYBLUE.session()
    made = (await post(session, **body)).json()
    assert re.fullmatch(r"video_[0-9A-Za-z]{32}", made["id"])
    created = made.pop("created_at")
    assert made == {
        "id": made["id"],
        "object": "video",
        "model": body["model"],
        "status": "queued",
        "progress": 0,
        "seconds": "5",
    }
    path = f"/v1/videos/{made['id']}"
    assert (await session.get(f"{path}/content")).status_code == 404
    await session.advance(4)
    running = (await session.get(path)).json()
    assert running["status"] == "in_progress"
    assert 0 < running["progress"] < 100
    await session.advance(600)
    ended = (await session.get(path)).json()
    assert (ended["status"], ended["progress"]) == ("completed", 100)
    assert created < ended["completed_at"] == ended["expires_at"] - DAY_MS
    assert "url" not in ended
    film = await session.client.get(ended["metadata"]["url"])
    content = await session.get(f"{path}/content")
    assert (content.status_code, content.headers["content-type"]) == (200, "video/mp4")
    assert content.content == film.content


@pytest.mark.parametrize(("status", "quirks"), [(404, {}), (410, {"expired_status": 410})])
async def test_task_content_and_link_expire_together(status: int, quirks: dict[str, Any]) -> None:
    session = INFINITYBLUE.session(quirks=quirks)
    ended = await done(session, **SEEDANCE)
    path = f"/v1/videos/{ended['id']}"
    await session.advance(86_400)
    for gone in (path, f"{path}/content"):
        assert said(await session.get(gone))[:2] == (status, "not_found_error")
    assert (await session.client.get(ended["metadata"]["url"])).status_code == 404


@pytest.mark.parametrize(
    ("more", "size"),
    [
        ({}, "1280x720"),
        ({"resolution": "480p", "ratio": "9:16"}, "480x854"),
        ({"resolution": "1080p", "ratio": "21:9"}, "2520x1080"),
        ({"metadata": {"resolution": "480p", "ratio": "1:1"}}, "480x480"),
        ({"size": "720x1280"}, "720x1280"),
        ({"size": "720x1280", "ratio": "1:1"}, "720x720"),
        ({"ratio": "adaptive", "image": png(300, 400)}, "720x960"),
        ({"ref_images": [png(400, 300)]}, "960x720"),
    ],
)
async def test_resolution_and_ratio_make_seedance_s_size(more: dict[str, Any], size: str) -> None:
    assert (await done(INFINITYBLUE.session(), **SEEDANCE, **more))["size"] == size


@pytest.mark.parametrize(
    ("body", "size"),
    [
        ({**GROK, "size": "1280x720"}, "854x480"),
        ({**GROK, "size": "720x1280", "resolution": "1080p"}, "480x854"),
        ({**PREVIEW, "size": "1024x1024"}, "720x720"),
        ({**GROK, "model": "grok-imagine-video-720p"}, "1280x720"),
    ],
)
async def test_grok_s_size_gives_the_ratio_and_its_id_the_resolution(
    body: dict[str, Any], size: str
) -> None:
    assert (await done(INFINITYBLUE.session(), **body))["size"] == size


REFUSED = [
    (SEEDANCE, {"seconds": "3"}, "invalid_duration", "seconds"),
    (SEEDANCE, {"seconds": "16"}, "invalid_duration", "seconds"),
    (SEEDANCE, {"seconds": "five"}, "invalid_duration", "seconds"),
    (SEEDANCE, {"seconds": 5}, "invalid_type", "seconds"),
    (SEEDANCE, {"seconds": None, "duration": 3.5}, "invalid_duration", "duration"),
    (SEEDANCE, {"duration": 5}, "invalid_value", "seconds"),
    (SEEDANCE, {"metadata": {"duration": 5}}, "invalid_value", "seconds"),
    (SEEDANCE, {"resolution": "4k"}, "invalid_value", "resolution"),
    (SEEDANCE, {"ratio": "5:4"}, "invalid_value", "ratio"),
    (SEEDANCE, {"n": 2}, "invalid_value", "n"),
    (SEEDANCE, {"response_format": "b64_json"}, "invalid_value", "response_format"),
    (SEEDANCE, {"size": "big"}, "invalid_value", "size"),
    (SEEDANCE, {"size": "16x1600"}, "invalid_value", "size"),
    (SEEDANCE, {"image": "ftp://x"}, "invalid_value", "image"),
    (SEEDANCE, {"metadata": ODD}, "invalid_value", "metadata.content.0.type"),
    (SEEDANCE, {"prompt": " "}, "missing_required_parameter", "prompt"),
    (SEEDANCE, {"model": None}, "missing_required_parameter", "model"),
    (GROK, {"seconds": "0"}, "invalid_duration", "seconds"),
    (GROK, {"size": "1792x1024"}, "invalid_value", "size"),
    (GROK, {"size": "1024x1792"}, "invalid_value", "size"),
    (GROK, {"image": HERE, "input_reference": THERE}, "invalid_value", "input_reference"),
    (GROK, {"image": HERE, "images": [THERE]}, "invalid_value", "images"),
    (GROK, {"images": [HERE], "ref_images": [THERE]}, "invalid_value", "ref_images"),
    (PREVIEW, {"image": None}, "missing_required_parameter", "image"),
    (PREVIEW, {"images": [THERE], "image": None}, "invalid_value", "images"),
]  # fmt: skip


@pytest.mark.parametrize(("body", "change", "code", "param"), REFUSED)
async def test_what_the_pages_rule_out_is_refused_and_costs_nothing(
    body: dict[str, Any], change: dict[str, Any], code: str, param: str
) -> None:
    session = INFINITYBLUE.session()
    answer = await post(session, **{**body, **change})
    assert said(answer) == (400, "invalid_request_error", code, param)
    assert await session.balance() == STARTING_BALANCE


async def test_a_wrong_duration_is_refused_in_the_pages_words() -> None:
    session = INFINITYBLUE.session()
    for body, words in (
        (SEEDANCE, "Invalid duration. Supported range is 4 to 15 seconds."),
        (GROK, "Invalid duration. The supported range is 1 to 15 seconds."),
    ):
        answer = await post(session, **{**body, "seconds": "99"})
        assert answer.json()["error"]["message"] == words


async def test_each_route_takes_the_ids_that_its_pages_name() -> None:
    session = INFINITYBLUE.session(balance="1000")
    refused = await post(session, **{**SEEDANCE, "model": "kling-v2-5-turbo"})
    assert said(refused) == (404, "not_found_error", "model_not_found", "model")
    taken = await session.post("/v1/video/generations", {"model": GROK["model"], "prompt": "p"})
    assert set(taken.json()) == {"task_id", "status"}


async def test_a_task_of_one_family_is_unknown_to_the_other() -> None:
    session = INFINITYBLUE.session()
    task = await create(session, INFINITYBLUE)
    video = (await post(session, **GROK)).json()["id"]
    assert (await session.get(f"/v1/videos/{task}")).status_code == 404
    assert (await session.get(f"/v1/videos/{task}/content")).status_code == 404
    assert (await session.get(INFINITYBLUE.poll + video)).status_code == 404


@pytest.mark.parametrize(
    ("scenario", "code"),
    [("failed", "generation_failed"), ("moderated", "content_policy_violation")],
)
async def test_a_failed_task_says_why_in_a_word_and_gives_the_money_back(
    scenario: str, code: str
) -> None:
    session = INFINITYBLUE.session()
    await session.get("/v1/models")
    await session.scenario(scenario)
    ended = await done(session, **SEEDANCE)
    assert (ended["status"], ended["error"]["code"]) == ("failed", code)
    assert ended["error"]["message"]
    assert await session.balance() == STARTING_BALANCE


async def test_the_older_generation_s_object_is_a_quirk() -> None:
    session = INFINITYBLUE.session(quirks={"videos_object": "generation2"})
    ended = await done(session, **SEEDANCE)
    assert ended["expires_at"] - ended["completed_at"] == 3600
    assert ended["created_at"] < 10**11
    assert (await session.client.get(ended["url"])).status_code == 200
    assert "metadata" not in ended


async def test_answers_name_themselves_and_limited_ones_what_is_left() -> None:
    session = INFINITYBLUE.session(quirks={"creates_per_minute": 2})
    first, second, third = [await post(session, **GROK) for _ in range(3)]
    assert [one.headers["x-ratelimit-remaining-requests"] for one in (first, second, third)] == [
        "1",
        "0",
        "0",
    ]
    assert first.headers["x-request-id"] == first.headers["x-oneapi-request-id"]
    assert said(third)[:3] == (429, "rate_limit_error", "rate_limit_exceeded")
    wait = int(third.headers["x-ratelimit-reset-requests"]) - int(first.json()["created_at"] / 1000)
    assert 0 < wait <= 61  # rounded up
    assert int(third.headers["retry-after"]) <= 60
    assert "x-ratelimit-limit-requests" not in (await session.get("/v1/models")).headers


async def test_the_list_on_google_s_path_has_its_members() -> None:
    session = INFINITYBLUE.session()
    models = (await session.get("/v1beta/models")).json()["models"]
    assert {tuple(one) for one in models} == {
        (
            "name",
            "version",
            "displayName",
            "description",
            "inputTokenLimit",
            "outputTokenLimit",
            "supportedGenerationMethods",
        )
    }
    assert "models/doubao-seedance-2-0-260128" in [one["name"] for one in models]
    owners = {one["owned_by"] for one in (await session.get("/v1/models")).json()["data"]}
    assert owners == {"kling", "google", "bytedance", "xai"}


async def test_an_empty_account_may_answer_in_the_older_page_s_words() -> None:
    session = INFINITYBLUE.session(balance="0", quirks={"empty_wallet_status": 429})
    answer = await post(session, **SEEDANCE)
    assert said(answer)[:3] == (429, "rate_limit_error", "insufficient_quota")


async def test_the_stock_wire_has_no_channel_for_these_models() -> None:
    session = INFINITYBLUE.session(stock=True)
    listed = [one["id"] for one in (await session.get("/v1/models")).json()["data"]]
    assert len(listed) == 4
    assert (await post(session, **SEEDANCE)).status_code == 503
