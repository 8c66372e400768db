"""What the stock wire refuses, at both gateways: task errors, gate errors, an empty wallet."""

from __future__ import annotations

from typing import Any

import pytest

from tests.vendors.newapi.gateways import BOTH, Gateway, changed, create, refused

each = pytest.mark.parametrize("gateway", BOTH, ids=lambda gateway: gateway.name)


@each
@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"prompt": None}, 400, "invalid_request"),
        ({"prompt": 5}, 400, "invalid_request"),
        ({"images": "x"}, 400, "invalid_request"),
        ({"images": ["x", 5]}, 400, "invalid_request"),
        ({"seconds": 5}, 400, "invalid_request"),
        ({"size": 5}, 400, "invalid_request"),
        ({"duration": 3601}, 400, "invalid_seconds"),
        ({"duration": -1}, 400, "invalid_seconds"),
        ({"duration": 61}, 400, "task_failed"),
        ({"mode": "turbo"}, 400, "task_failed"),
        ({"image": "ftp://x"}, 400, "task_failed"),
        ({"image": "not base64!"}, 400, "task_failed"),
        ({"metadata": {"cfg_scale": 2}}, 400, "task_failed"),
        ({"metadata": {"aspect_ratio": "4:3"}}, 400, "task_failed"),
        ({"metadata": {"aspect_ratio": ["16:9"]}}, 500, "build_request_failed"),
        ({"metadata": {"prompt": {}}}, 500, "build_request_failed"),
        ({"metadata": {"cfg_scale": "x"}}, 500, "build_request_failed"),
        ({"metadata": {"image_tail": "https://example.com/z.png"}}, 400, "task_failed"),
    ],
)
async def test_bad_tasks_are_task_errors(
    gateway: Gateway, changes: dict[str, Any], status: int, code: str
) -> None:
    session = gateway.session(stock=True)
    answer = await refused(session, gateway, json=changed(gateway.body, changes))
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert list(answer.json()) == ["code", "message", "data"]


@each
@pytest.mark.parametrize(
    ("model", "status", "code", "text"),
    [
        (None, 400, "", "Model name not specified, model name cannot be empty"),
        (5, 400, "", "field model must be a string"),
        ("nope", 503, "model_not_found", "No available channel for model nope under group default"),
    ],
)
async def test_bad_models_are_gate_errors(
    gateway: Gateway, model: Any, status: int, code: str, text: str
) -> None:
    session = gateway.session(stock=True)
    answer = await refused(session, gateway, json={**gateway.body, "model": model})
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["type"]) == (status, code, "new_api_error")
    assert text in error["message"]
    assert answer.headers["x-oneapi-request-id"] in error["message"]


@each
@pytest.mark.parametrize(("balance", "text"), [("0", "用户额度不足"), ("0.1", "预扣费额度失败")])
async def test_a_short_wallet_is_403(gateway: Gateway, balance: str, text: str) -> None:
    session = gateway.session(stock=True, balance=balance)
    answer = await refused(session, gateway, json=gateway.body)
    assert (answer.status_code, answer.json()["code"]) == (403, "insufficient_user_quota")
    assert answer.json()["message"].startswith(text)


@each
async def test_a_key_needs_no_scheme_word_but_must_be_a_key(gateway: Gateway) -> None:
    session = gateway.session(stock=True)
    bare = await session.get("/v1/models", headers={"authorization": session.secret})
    wrong = await session.get("/v1/models", headers={"authorization": "nonsense"})
    assert (bare.status_code, wrong.status_code) == (200, 401)
    assert wrong.json()["error"]["message"].startswith("Invalid token")


@each
async def test_there_is_no_limit_on_creates(gateway: Gateway) -> None:
    session = gateway.session(stock=True, balance="1000")
    for _ in range(61):
        await create(session, gateway)
