"""SmartlyQ as a client meets it: catalogue, acceptance, jobs, videos, wallet, lists and logs.

Expected values are the fact sheet's; the emulator's own catalogue is only walked, never believed
for a price that is documented.
"""

from __future__ import annotations

import re
from typing import Any

import pytest

from bodydouble.core.jobs import Job
from tests.vendors.session import Session

BODY: dict[str, Any] = {
    "model": "kling-v2-1",
    "type": "text_to_video",
    "prompt": "A lone astronaut walks across a crimson desert at sunset",
    "duration": 10,
    "mode": "Professional",
    "aspect_ratio": "16:9",
}
LISTS = ("duration", "resolution", "mode", "aspect_ratio", "style", "movement")


def session(**options: Any) -> Session:
    return Session("/smartlyq/v1", "sqk_live_abc", **options)


async def submit(session: Session, **changes: Any) -> str:
    reply = await session.post("/videos/generate", BODY | changes)
    assert reply.status_code == 202, reply.text
    return str(reply.json()["data"]["job_uid"])


async def test_the_seed_page_s_example_costs_what_it_says() -> None:
    play = session()

    reply = await play.post("/videos/generate", BODY)

    assert reply.status_code == 202
    body = reply.json()
    assert body["usage"] == {"units": 1, "cost": "0.2800", "balance_remaining": "14.7200"}
    assert body["data"]["status"] == "queued"
    assert re.fullmatch(r"job_[0-9a-f]{12}", body["data"]["job_uid"])
    wallet = (await play.get("/me/balance")).json()["data"]
    assert wallet["balance"] == "14.7200"
    parts = (float(wallet["purchased_balance"]), float(wallet["monthly_balance"]))
    assert sum(parts) == pytest.approx(14.72)


async def test_the_same_key_and_body_give_the_same_bytes_and_one_charge() -> None:
    play = session()
    for header in ("X-Idempotency-Key", "Idempotency-Key"):
        headers = {**play.headers, header: f"once-{header}"}
        first = await play.post("/videos/generate", BODY, headers=headers)
        again = await play.post("/videos/generate", BODY, headers=headers)
        other = await play.post("/videos/generate", BODY | {"duration": 5}, headers=headers)

        assert again.content == first.content
        assert other.status_code == 409
    assert await play.count(Job, "smartlyq/main") == 2
    assert (await play.get("/me/balance")).json()["data"]["balance"] == "14.4400"


async def test_an_idempotency_key_counts_for_24_hours_and_no_longer() -> None:
    play = session()
    headers = {**play.headers, "X-Idempotency-Key": "day"}
    first = await play.post("/videos/generate", BODY, headers=headers)

    await play.advance(24 * 3600 - 1)
    assert (await play.post("/videos/generate", BODY, headers=headers)).content == first.content
    await play.advance(1)
    late = await play.post("/videos/generate", BODY, headers=headers)

    assert late.status_code == 202
    assert late.json()["data"]["job_uid"] != first.json()["data"]["job_uid"]


async def test_a_job_walks_from_pending_through_processing_to_a_video() -> None:
    play = session()
    job = await submit(play)
    seen = []
    for _ in range(12):
        body = (await play.get(f"/jobs/{job}")).json()["data"]
        seen.append(body["status"])
        await play.advance(0.5)
    done = (await play.get(f"/jobs/{job}")).json()["data"]

    assert list(dict.fromkeys(seen)) == ["pending", "processing", "completed"]
    assert done["error"] == {}
    video = (await play.get(f"/videos/{done['result']['video_id']}")).json()["data"]
    assert video["status"] == 1
    assert video["url"] == done["result"]["url"]


async def test_a_provider_failure_gives_the_money_back_to_its_buckets() -> None:
    play = session()
    before = (await play.get("/me/balance")).json()["data"]
    await play.scenario("failed")
    job = await submit(play)
    await play.advance(60)

    body = (await play.get(f"/jobs/{job}")).json()["data"]

    assert body["status"] == "failed"
    assert set(body["error"]) == {"code", "message"}
    assert (await play.get("/me/balance")).json()["data"] == before


async def test_cancelling_refunds_while_pending_and_not_once_processing() -> None:
    play = session()
    pending, running = await submit(play), await submit(play)
    reply = await play.post(f"/jobs/{pending}/cancel", {})
    assert reply.json()["data"]["status"] == "cancelled"
    assert (await play.get("/me/balance")).json()["data"]["balance"] == "14.7200"

    await play.advance(1.3)
    assert (await play.get(f"/jobs/{running}")).json()["data"]["status"] == "processing"
    await play.post(f"/jobs/{running}/cancel", {})

    assert (await play.get("/me/balance")).json()["data"]["balance"] == "14.7200"
    assert (await play.post(f"/jobs/{running}/cancel", {})).status_code == 409


async def test_a_cancel_without_a_content_type_is_400() -> None:
    play = session()
    job = await submit(play)

    assert (await play.send("POST", f"/jobs/{job}/cancel")).status_code == 400
    assert (await play.post("/jobs/job_000000000000/cancel", {})).status_code == 404


async def entries() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await session().get("/videos/models")).json()["data"]
    return found


def asking(entry: dict[str, Any]) -> dict[str, Any]:
    body = {"model": entry["model"], "type": entry["type"], "prompt": "x"}
    if entry["type"] == "image_to_video":
        body["image_url"] = "https://example.com/a.jpg"
    return body


async def test_every_listed_value_of_every_model_is_accepted() -> None:
    play = session(balance="1000.0000", quirks={"smartlyq.requests_per_minute": 10_000})
    asked = 0
    for entry in await entries():
        for name in LISTS:
            for value in entry["params"][name]:
                reply = await play.post("/videos/generate", asking(entry) | {name: value})
                assert reply.status_code == 202, (entry["model"], name, value, reply.text)
                asked += 1
        for flag in ("negative_prompt", "seed", "generate_audio", "camera_fixed"):
            value = {"negative_prompt": "blur", "seed": 7}.get(flag, True)
            reply = await play.post("/videos/generate", asking(entry) | {flag: value})
            supported = entry["params"][f"supports_{flag}"]
            assert reply.status_code == (202 if supported else 422), (entry["model"], flag)
    assert asked > 200, "the catalogue is far larger than that"


async def test_a_value_outside_each_list_is_422_naming_the_field() -> None:
    play = session(quirks={"smartlyq.requests_per_minute": 10_000})
    for entry in await entries():
        for name in LISTS:
            wrong = 999 if name == "duration" else "never"
            reply = await play.post("/videos/generate", asking(entry) | {name: wrong})
            assert reply.status_code == 422, (entry["model"], name)
            assert reply.json()["error"]["details"] == {"fields": [name]}
    assert await play.count(Job, "smartlyq/main") == 0


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"model": None}, ["model"]),
        ({"type": None}, ["type"]),
        ({"model": "nobody-knows"}, ["model"]),
        # Where it is not known which model is meant, what none of its kin takes is named, too.
        ({"model": "nobody-knows", "duration": 7, "prompt": None}, ["model", "prompt"]),
        ({"model": "nobody-knows", "duration": 99}, ["model", "duration"]),
        ({"model": "veo2", "type": "image_to_video"}, ["type", "duration", "mode", "image_url"]),
        ({"duration": "10", "style": "Anime"}, ["duration", "style"]),
        ({"model": 5, "seed": "x", "prompt": None}, ["model", "seed", "prompt"]),
        ({"type": "music"}, ["type"]),
        ({"prompt": "  "}, ["prompt"]),
        ({"prompt": "x" * 2501}, ["prompt"]),
        ({"duration": "10"}, ["duration"]),
        ({"duration": True}, ["duration"]),
        ({"duration": 11, "style": "Anime"}, ["duration", "style"]),
        ({"seed": 0}, ["seed"]),
        ({"type": "image_to_video"}, ["aspect_ratio", "image_url"]),
        ({"type": "image_to_video", "aspect_ratio": None, "image_url": "ftp://a/b"}, ["image_url"]),
    ],
)
async def test_a_bad_field_is_named_in_the_order_it_was_sent(
    changes: dict[str, Any], fields: list[str]
) -> None:
    play = session()
    body = {name: value for name, value in (BODY | changes).items() if value is not None}

    reply = await play.post("/videos/generate", body)

    assert reply.status_code == 422
    assert reply.json()["error"]["code"] == "VALIDATION_ERROR"
    assert reply.json()["error"]["details"]["fields"] == fields
    assert await play.count(Job, "smartlyq/main") == 0


async def test_a_prompt_at_the_limit_passes_and_a_limit_of_0_is_none() -> None:
    play = session()

    await submit(play, prompt="x" * 2500)
    open_body = {"model": "open-v1", "type": "text_to_video", "prompt": "x" * 50_000}

    assert (await play.post("/videos/generate", open_body)).status_code == 202


async def test_the_omitted_duration_is_the_shortest_and_priced_so() -> None:
    play = session()
    body = {name: BODY[name] for name in ("model", "type", "prompt")}

    assert (await play.post("/videos/generate", body)).json()["usage"]["cost"] == "0.0700"


async def test_the_61st_request_of_a_minute_waits_as_long_as_it_is_told() -> None:
    play = session()
    for left in range(59, -1, -1):
        reply = await play.get("/me")
        assert reply.headers["x-ratelimit-remaining"] == str(left)

    refused = await play.get("/me")

    assert refused.status_code == 429
    assert refused.json()["error"]["code"] == "RATE_LIMIT_EXCEEDED"
    assert refused.headers["retry-after"] == "60"
    await play.advance(int(refused.headers["retry-after"]))
    assert (await play.get("/me")).status_code == 200


async def test_under_rate_tiers_job_polling_is_free_and_says_nothing() -> None:
    play = session(quirks={"smartlyq.rate_tiers": True})
    job = await submit(play)

    replies = [await play.get(f"/jobs/{job}") for _ in range(70)]

    assert {reply.status_code for reply in replies} == {200}
    assert not any("x-ratelimit-limit" in reply.headers for reply in replies)


async def test_lists_page_newest_first_and_count_to_the_end() -> None:
    play = session(quirks={"smartlyq.requests_per_minute": 1_000})
    jobs = [await submit(play, duration=5, prompt=f"take {n}") for n in range(7)]
    seen = []
    for page in (1, 2, 3, 4):
        body = (await play.get("/jobs", params={"page": page, "per_page": 3})).json()
        assert body["pagination"] == {"page": page, "per_page": 3, "total": 7, "pages": 3}
        seen += [job["id"] for job in body["data"]]

    assert seen == jobs[::-1]
    found = (await play.get("/videos", params={"search": "TAKE 3"})).json()["data"]
    assert [video["prompt"] for video in found] == ["take 3"]
    assert (await play.get("/jobs", params={"status": "completed"})).json()["data"] == []
    assert len((await play.get("/jobs", params={"per_page": "500"})).json()["data"]) == 7


async def test_a_deleted_video_is_gone_and_its_job_stays() -> None:
    play = session()
    job = await submit(play)
    await play.advance(60)
    result = (await play.get(f"/jobs/{job}")).json()["data"]["result"]
    path = f"/videos/{result['video_id']}"

    deleted = await play.send("DELETE", path)

    assert (deleted.status_code, deleted.content) == (204, b"")
    assert (await play.get(path)).status_code == 404
    assert (await play.send("DELETE", path)).status_code == 404
    assert (await play.get(f"/jobs/{job}")).status_code == 200
    assert (await play.client.get(result["url"])).status_code == 404


async def test_the_log_tells_what_was_called_and_what_it_cost() -> None:
    play = session()
    await submit(play)
    await play.post("/videos/generate", {})

    rows = (await play.get("/logs", params={"source": "api"})).json()["data"]

    assert [(row["status_code"], row["cost"]) for row in rows] == [
        (422, "0.0000"),
        (202, "0.2800"),
    ]
    errors = (await play.get("/logs", params={"result": "errors"})).json()["data"]
    assert [row["status_code"] for row in errors] == [422]
    assert "sqk_live_abc" not in str(rows)
