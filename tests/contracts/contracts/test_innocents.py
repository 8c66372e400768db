"""Programs that keep a promise in other words than the judge expects: none of them is accused.

Every history here is written by hand after what somebody else's program answered.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bodydouble_contracts.vendors.parts import Rule
from tests.contracts.contracts.story import BLUE, SAMPLE, Story

CREATE, TASK, TOKEN = "/v1/video/generations", "/v1/video/generations/{}", "/api/usage/token/"
JOB = "task_0123456789abcdef0123456789abcdef"
POOR = {
    "code": "insufficient_user_quota",
    "message": "预扣费额度失败, 用户剩余额度: ＄0.002000, 需要预扣费额度: ＄0.350000",
}


def balance(units: int, **more: Any) -> dict[str, Any]:
    return {"code": True, "message": "ok", "data": {"total_available": units, **more}}


@pytest.mark.parametrize("doc", [POOR, {"error": {"message": POOR["message"], "type": "x"}}])
def test_a_refusal_for_money_is_one_wherever_it_says_so(doc: dict[str, Any]) -> None:
    story = Story().then("GET", TOKEN, 200, balance(1000), "empty")
    story.then("GET", TOKEN, 200, balance(0), "empty")
    broken = story.then("POST", CREATE, 403, doc, "empty", intent=SAMPLE).broken()
    assert "RES-05" in broken  # how it is written is no secret either
    assert not {"ACC-08", "VAL-09", "BIL-07"} & broken


def test_a_refusal_for_rights_is_still_no_refusal_for_money() -> None:
    refused = {"error": {"message": "insufficient permissions", "type": "permission_error"}}
    broken = Story().then("POST", CREATE, 403, {**refused, "code": "no_access"}).broken()
    assert "ACC-08" not in Story().then("POST", CREATE, 403, POOR).broken()
    assert "ACC-08" in Story().then("GET", "/v1/models", 403, {"code": "no_access"}).broken()
    assert broken


def test_a_server_error_on_odd_input_is_told_once() -> None:
    doc = {"error": {"message": "No available channel", "type": "new_api_error"}}
    story = Story().then("POST", CREATE, 503, doc, body={"model": None}, intent={"odd": "value"})
    story.then("POST", CREATE, 503, doc, intent={"hostile_text": "1"})
    broken = story.broken()
    assert "RES-01" in broken
    assert not {"VAL-11", "VAL-06"} & broken


def test_another_routes_limiter_waits_as_long_as_it_likes() -> None:
    slow: dict[str, Any] = {"headers": {"Retry-After": "1200"}}
    assert "LIM-06" not in Story().then("GET", TOKEN, 429, None, **slow).broken()
    assert "LIM-06" in Story().then("POST", CREATE, 429, POOR, **slow).broken()


def test_a_route_that_is_not_there_answers_nobody() -> None:
    missing = {"error": {"message": "Invalid URL (GET /v1/models)", "type": "x"}}
    story = Story().then("GET", "/v1/models", 404, missing)
    assert "ACC-01" not in story.then("GET", "/v1/models", 404, missing, "unissued").broken()
    there = Story().then("GET", "/v1/models", 200, {"data": []})
    assert "ACC-01" in there.then("GET", "/v1/models", 404, missing, "unissued").broken()


def test_what_is_refused_for_its_form_whoever_sends_it_says_nothing_of_money() -> None:
    doc = {"error": {"message": "no", "type": "invalid_request_error", "code": "x", "param": None}}
    story = Story().then("POST", CREATE, 400, doc, intent=SAMPLE)
    story.then("GET", TOKEN, 200, balance(0), "empty")
    assert "BIL-07" not in story.then("POST", CREATE, 400, doc, "empty", intent=SAMPLE).broken()
    alone = Story().then("GET", TOKEN, 200, balance(0), "empty")
    assert "BIL-07" in alone.then("POST", CREATE, 400, doc, "empty", intent=SAMPLE).broken()


def test_a_key_without_a_limit_may_owe_and_still_buy() -> None:
    made = {"task_id": JOB, "status": "queued"}
    for endless in (True, False):
        story = Story().then("GET", TOKEN, 200, balance(-725000, unlimited_quota=endless))
        broken = story.then("POST", CREATE, 200, made, intent=SAMPLE).broken()
        assert ({"BIL-01", "BIL-07"} <= broken) is not endless


@pytest.mark.parametrize(
    ("status", "doc", "found"),
    [
        (200, {"code": "success", "data": {"task_id": JOB, "status": "IN_PROGRESS"}}, True),
        (200, {"code": "success", "data": {}}, False),
        (400, {"code": "task_not_exist", "data": None}, False),
    ],
)
def test_a_job_that_is_there_under_another_pointer_is_found(
    status: int, doc: dict[str, Any], found: bool
) -> None:
    story = Story().then("POST", CREATE, 200, {"task_id": JOB, "status": "queued"}, intent=SAMPLE)
    broken = story.then("GET", TASK.format(JOB), status, doc).broken()
    assert ("JOB-03" in broken) is not found
    assert "RES-03" in broken or not found


SPENT = {"error": {"message": "Invalid token", "type": "new_api_error", "code": ""}}


def test_a_key_that_is_used_up_may_count_as_none_where_the_profile_says_so() -> None:
    told = replace(BLUE, refused={**BLUE.refused, "unauthorized.spent": Rule((401,))})
    for profile in (BLUE, told):
        story = Story(profile).then("GET", TOKEN, 200, balance(0), "empty")
        story.then("GET", "/v1/models", 401, SPENT, "empty")
        broken = story.then("POST", CREATE, 401, SPENT, "empty", intent=SAMPLE).broken()
        accused = {"ACC-08", "BIL-07"} if profile is BLUE else set()
        assert {"ACC-08", "BIL-07"} & broken == accused
    assert "ACC-08" in Story(told).then("GET", "/v1/models", 401, SPENT).broken()
    poor = Story(told).then("GET", TOKEN, 200, balance(0), "empty")
    made = {"task_id": JOB, "status": "queued"}
    assert "BIL-07" in poor.then("POST", CREATE, 200, made, "empty", intent=SAMPLE).broken()


def test_an_expired_key_may_look_where_the_profile_says_so_and_nowhere_else() -> None:
    usage = BLUE.operations["balance"]
    opened = replace(usage, open_to=("expired",))
    told = replace(BLUE, operations={**BLUE.operations, "balance": opened})
    assert {"revoked", "expired"} <= BLUE.roles.keys()
    for profile, role in ((BLUE, "expired"), (told, "expired"), (told, "revoked")):
        broken = Story(profile).then("GET", TOKEN, 200, balance(5), role).broken()
        assert ("ACC-07" in broken) is not (profile is told and role == "expired")
    assert "ACC-07" in Story(told).then("GET", "/v1/models", 200, {}, "expired").broken()
