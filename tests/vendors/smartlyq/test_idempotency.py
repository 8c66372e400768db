"""What SmartlyQ's idempotency leaves behind: nothing that no longer counts."""

from __future__ import annotations

import pytest

from bodydouble.core.idempotency import Remembered
from bodydouble.sandbox import answers
from tests.vendors.session import Session
from tests.vendors.smartlyq.test_videos import BODY


async def test_answers_that_no_longer_count_are_not_kept() -> None:
    play = Session(
        "/smartlyq/v1",
        "sqk_live_abc",
        balance="1000.0000",
        quirks={"smartlyq.requests_per_minute": 1_000},
    )
    for day in range(4):
        for number in range(5):
            headers = {**play.headers, "X-Idempotency-Key": f"{day}-{number}"}
            assert (await play.post("/videos/generate", BODY, headers=headers)).is_success
        await play.advance(24 * 3600)

    assert await play.count(Remembered) == 5


async def test_a_long_key_is_kept_as_a_digest_and_counts_as_itself() -> None:
    play = Session("/smartlyq/v1", "sqk_live_abc")
    keys = ["k" * 200, "k" * 201, "k" * 60_000, "k" * 59_999 + "l"]
    made = []
    for key in [*keys, *keys]:
        headers = {**play.headers, "X-Idempotency-Key": key}
        told = await play.post("/videos/generate", BODY, headers=headers)
        made.append(told.json()["data"]["job_uid"])

    assert made[:4] == made[4:]
    assert len(set(made)) == 4
    async with play.app.store.transaction(play.sandbox) as tx:
        kept = await tx.list(Remembered)
    assert max(len(one.id) for one in kept) < 250


async def test_answers_that_made_no_job_are_so_many_at_most(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(answers, "REMEMBERED_PER_SANDBOX_MAX", 3)
    play = Session("/smartlyq/v1", "sqk_live_abc")
    for number in range(6):
        headers = {**play.headers, "X-Idempotency-Key": str(number)}
        assert (await play.post("/webhooks", HOOK, headers=headers)).is_success

    assert await play.count(Remembered) == 3


HOOK = {"url": "https://example.com/hook", "events": ["job.completed"]}


async def test_a_key_that_another_endpoint_used_is_a_conflict_for_a_webhook_too() -> None:
    play = Session("/smartlyq/v1", "sqk_live_abc")
    headers = {**play.headers, "X-Idempotency-Key": "one"}
    assert (await play.post("/videos/generate", BODY, headers=headers)).status_code == 202

    told = await play.post("/webhooks", HOOK, headers=headers)

    assert (told.status_code, told.json()["error"]["code"]) == (409, "CONFLICT")
    listed = await play.get("/webhooks")
    assert listed.json()["data"]["webhooks"] == []


async def test_a_repeated_webhook_is_the_first_one_and_its_secret_stays_out_of_the_log() -> None:
    play = Session("/smartlyq/v1", "sqk_live_abc")
    headers = {**play.headers, "X-Idempotency-Key": "one"}

    first = await play.post("/webhooks", HOOK, headers=headers)
    again = await play.post("/webhooks", HOOK, headers=headers)

    assert first.json()["data"] == again.json()["data"]
    assert len((await play.get("/webhooks")).json()["data"]["webhooks"]) == 1
    where = {"host": "127.0.0.1:8750"}
    log = await play.client.get(f"/_bodydouble/sandboxes/{play.sandbox}/requests", headers=where)
    assert log.status_code == 200
    assert "/v1/webhooks" in log.text
    assert first.json()["data"]["secret"] not in log.text
