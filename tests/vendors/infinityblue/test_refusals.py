"""InfinityBlue's refusals: each row of its error table, in its one envelope, and no trace left."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from bodydouble.core.errors import Cause, Refusal
from bodydouble.core.wire import Call
from bodydouble.providers.infinityblue import PROVIDER
from tests.vendors.newapi.gateways import INFINITYBLUE, UNKNOWN_TASK, changed, create, png, refused

INVALID = "invalid_request_error"


def said(answer: httpx.Response) -> tuple[int, str, str, str | None]:
    error = answer.json()["error"]
    assert set(error) == {"message", "type", "code", "param"}
    assert error["message"]
    return answer.status_code, error["type"], error["code"], error["param"]


@pytest.mark.parametrize(
    ("changes", "code", "param"),
    [
        ({"model": None}, "missing_required_parameter", "model"),
        ({"model": " "}, "missing_required_parameter", "model"),
        ({"model": 7}, "invalid_type", "model"),
        ({"prompt": None}, "missing_required_parameter", "prompt"),
        ({"prompt": "  "}, "missing_required_parameter", "prompt"),
        ({"prompt": ["x"]}, "invalid_type", "prompt"),
        ({"duration": "5"}, "invalid_type", "duration"),
        ({"duration": 0}, "invalid_duration", "duration"),
        ({"duration": 61}, "invalid_duration", "duration"),
        ({"duration": 1e300}, "invalid_duration", "duration"),
        ({"width": 15}, "invalid_value", "width"),
        ({"width": 4097}, "invalid_value", "width"),
        ({"height": 720.5}, "invalid_type", "height"),
        ({"width": 4096, "height": 4096}, "invalid_value", "width"),
        ({"width": 16, "height": None}, "invalid_value", "height"),
        ({"width": None, "height": 4000}, "invalid_value", "width"),
        ({"fps": 0}, "invalid_value", "fps"),
        ({"fps": 61}, "invalid_value", "fps"),
        ({"fps": True}, "invalid_type", "fps"),
        ({"seed": 10**30}, "invalid_value", "seed"),
        ({"n": 0}, "invalid_value", "n"),
        ({"n": 11}, "invalid_value", "n"),
        ({"response_format": "b64_json"}, "invalid_value", "response_format"),
        ({"user": 5}, "invalid_type", "user"),
        ({"metadata": "x"}, "invalid_type", "metadata"),
        ({"image": 5}, "invalid_type", "image"),
        ({"image": "ftp://example.com/a.png"}, "invalid_value", "image"),
        ({"image": "http://"}, "invalid_value", "image"),
        ({"image": "http://[::1/a.png"}, "invalid_value", "image"),
        ({"image": "data:image/png;base64,%%%"}, "invalid_value", "image"),
        ({"image": "data:text/html;base64,QUJD"}, "invalid_value", "image"),
        ({"image": "data:image/png;base64,QUJD"}, "invalid_value", "image"),
        (
            {"image": "data:image/png;base64," + "A" * (16 * 1024 * 1024 - 600)},
            "invalid_value",
            "image",
        ),
    ],
)
async def test_a_bad_field_is_named_by_param(
    changes: dict[str, Any], code: str, param: str
) -> None:
    session = INFINITYBLUE.session()
    answer = await refused(session, INFINITYBLUE, json=changed(INFINITYBLUE.body, changes))
    assert said(answer) == (400, INVALID, code, param)


async def test_a_picture_that_came_along_is_not_kept_when_the_rest_is_wrong() -> None:
    session = INFINITYBLUE.session()
    body = {**INFINITYBLUE.body, "image": png(8, 8), "fps": 0}
    assert said(await refused(session, INFINITYBLUE, json=body))[3] == "fps"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"authorization": "Bearer"},
        {"authorization": "Bearer nonsense"},
        {"authorization": "Basic sk-abc"},
        {"authorization": "sk-" + "a" * 48},
    ],
    ids=["none", "scheme only", "malformed", "basic", "bare"],
)
async def test_a_bad_key_is_401_for_every_operation(headers: dict[str, str]) -> None:
    session = INFINITYBLUE.session()
    for operation in [one for one in PROVIDER.operations if not one.open]:
        path = operation.path.format(task_id="x", model="x")
        answer = await session.send(operation.method, path, headers=headers)
        documented = answer.status_code == 404 and headers.get("authorization", "")[:3] == "sk-"
        assert documented or said(answer) == (401, "authentication_error", "invalid_api_key", None)


async def test_an_unknown_key_is_told_where_keys_are_found() -> None:
    session = INFINITYBLUE.session(strict_keys=True)
    answer = await session.get("/v1/models")
    assert said(answer) == (401, "authentication_error", "invalid_api_key", None)
    assert "getinfinityblue.com" in answer.json()["error"]["message"]


async def test_the_type_of_a_401_can_be_the_samples() -> None:
    session = INFINITYBLUE.session(quirks={"auth_error_type": INVALID})
    assert said(await session.get("/v1/models", headers={}))[1] == INVALID


@pytest.mark.parametrize("status", [403, 402])
async def test_an_empty_wallet_refuses_with_the_status_in_force(status: int) -> None:
    session = INFINITYBLUE.session(balance="0", quirks={"empty_wallet_status": status})
    answer = await refused(session, INFINITYBLUE, json=INFINITYBLUE.body)
    assert said(answer) == (status, "permission_error", "insufficient_user_quota", None)


async def test_a_wallet_one_unit_short_refuses_and_an_exact_one_pays() -> None:
    short = INFINITYBLUE.session(balance="0.349998")
    assert (await refused(short, INFINITYBLUE, json=INFINITYBLUE.body)).status_code == 403
    exact = INFINITYBLUE.session(balance="0.350000")
    await create(exact, INFINITYBLUE)
    assert await exact.balance() == 0


async def test_unknown_models_tasks_and_routes_are_not_found() -> None:
    session = INFINITYBLUE.session()
    body = {**INFINITYBLUE.body, "model": "no-such-model"}
    model = await refused(session, INFINITYBLUE, json=body)
    assert said(model) == (404, "not_found_error", "model_not_found", "model")
    task = await session.get(INFINITYBLUE.poll + UNKNOWN_TASK)
    assert said(task) == (404, "not_found_error", "task_not_exist", None)
    for path in (f"/v1/videos/{UNKNOWN_TASK}", f"/v1/videos/{UNKNOWN_TASK}/content"):
        assert said(await session.get(path)) == said(task)
    for method, path in (
        ("GET", "/v1/nowhere"),
        ("GET", "/"),
        ("DELETE", "/v1/video/generations/x"),
        ("GET", "/v1/video/generations"),
        ("GET", "/v1/videos"),
        ("POST", f"/v1/videos/{UNKNOWN_TASK}/remix"),
        ("POST", "/kling/v1/videos/text2video"),
    ):
        answer = await session.send(method, path)
        assert said(answer) == (404, "not_found_error", "endpoint_not_found", None), path


async def test_the_61st_create_in_a_minute_waits_and_polls_do_not_count() -> None:
    session = INFINITYBLUE.session(balance="1000")
    task = ""
    for _ in range(60):
        task = await create(session, INFINITYBLUE)
    answer = await refused(session, INFINITYBLUE, json=INFINITYBLUE.body)
    assert said(answer) == (429, "rate_limit_error", "rate_limit_exceeded", None)
    assert answer.headers["retry-after"] == "60"
    assert (await session.get(INFINITYBLUE.poll + task)).status_code == 200
    await session.advance(59.5)
    assert (await refused(session, INFINITYBLUE, json=INFINITYBLUE.body)).headers[
        "retry-after"
    ] == "1"
    await session.advance(0.5)
    await create(session, INFINITYBLUE)


async def test_the_limit_can_be_turned_and_turned_off() -> None:
    session = INFINITYBLUE.session(quirks={"creates_per_minute": 1})
    await create(session, INFINITYBLUE)
    assert (await refused(session, INFINITYBLUE, json=INFINITYBLUE.body)).status_code == 429
    free = INFINITYBLUE.session(balance="1000", quirks={"creates_per_minute": 0})
    for _ in range(61):
        await create(free, INFINITYBLUE)


TABLE = {
    400: INVALID,
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    413: INVALID,
    429: "rate_limit_error",
    500: "server_error",
    503: "server_error",
}
DATA = {"balance": 0, "required": 1, "model": "m", "retry_after_s": 3}


@pytest.mark.parametrize("cause", Cause)
def test_every_cause_has_a_row_of_the_documented_table(cause: Cause) -> None:
    call = Call("GET", "/v1/x")
    call.quirks = PROVIDER.quirk_defaults
    reply = PROVIDER.refuse(Refusal(cause, data=DATA), call)
    assert reply.body["error"]["type"] == TABLE[reply.status]
    assert (reply.status == 429) == any(name == "retry-after" for name, _ in reply.headers)


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_trouble_upstream_keeps_its_status_and_is_a_server_error(status: int) -> None:
    call = Call("GET", "/v1/x")
    call.quirks = PROVIDER.quirk_defaults
    reply = PROVIDER.refuse(Refusal(Cause.UNAVAILABLE, data={"status": status}), call)
    assert (reply.status, reply.body["error"]["type"]) == (status, "server_error")
