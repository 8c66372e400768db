"""UniAll's refusals: each validation rule, each cause, both envelopes, and no trace left."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from bodydouble.core.errors import Cause, Refusal
from bodydouble.core.wire import Call
from bodydouble.providers.uniall import PROVIDER
from tests.vendors.newapi.gateways import UNIALL, UNKNOWN_TASK, changed, create, png, refused

URL = "https://example.com/a.png"


def extra(**fields: Any) -> dict[str, Any]:
    return {"extra_body": fields}


def shots(*lengths: Any, text: str = "x") -> dict[str, Any]:
    listed = [{"prompt": text, "duration": length} for length in lengths]
    return {"prompt": None, "image": URL, **extra(multi_prompt=listed)}


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        # V2, V3
        ({"image": URL, **extra(multi_prompt=[{"prompt": "x"}])}, "exclude"),
        ({"image": URL, "prompt": None}, "prompt is required"),
        ({"image": URL, "prompt": None, **extra(multi_prompt=[])}, "prompt is required"),
        ({"prompt": " "}, "prompt is required"),
        ({"prompt": None, **extra(multi_prompt=[{"prompt": "x"}])}, "requires image"),
        # V4
        ({"duration": 2}, "between 3 and 15"),
        ({"duration": 16}, "between 3 and 15"),
        ({"duration": 5.5}, "duration"),
        ({"duration": "abc"}, "duration"),
        ({"duration": "٥"}, "duration"),
        ({"duration": "5.5"}, "duration"),
        ({"duration": True}, "duration"),
        ({"duration": 10**40}, "between 3 and 15"),
        # V6
        ({"aspect_ratio": "4:3"}, "16:9, 9:16, 1:1"),
        ({"aspect_ratio": "4:3", "image": URL}, "16:9, 9:16, 1:1"),
        ({"aspect_ratio": ""}, "16:9, 9:16, 1:1"),
        ({"aspect_ratio": "", "image": URL}, "16:9, 9:16, 1:1"),
        ({"aspect_ratio": "16:9 "}, "16:9, 9:16, 1:1"),
        ({"aspect_ratio": 1}, "aspect_ratio"),
        # V8, V9
        ({"last_image": URL}, "requires image"),
        ({**shots(None), "last_image": URL}, "exclude"),
        # V10
        (extra(cfg_scale=1.1), "between 0 and 1"),
        (extra(cfg_scale="0.5"), "cfg_scale"),
        (extra(negative_prompt="x" * 2501), "2500"),
        ({"prompt": "x" * 2501}, "2500"),
        (shots(*[None] * 7), "more than 6 shots"),
        (shots(None, text="x" * 513), "512"),
        (shots(None, text=" "), "no prompt"),
        ({"image": png(299, 400)}, "300 pixels"),
        ({"image": png(300, 751)}, "2.5 times"),
        ({"image": "data:image/webp;base64,UklGRgAAAABXRUJQVlA4IA=="}, "JPEG or PNG"),
        ({"image": "data:image/png;base64,QUJD"}, "not a PNG"),
        ({"image": "/etc/passwd"}, "image"),
        ({"image": URL, "last_image": "file:///etc/passwd"}, "last_image"),
        ({"image": 1}, "image"),
        # V11
        (shots(2, 2), "together"),
        (shots(0, 5), "at least 1 second"),
        (shots("x", 5), "integer"),
        # the container
        (extra(shot_type="intelligence"), "customize, intelligent"),
        (extra(multi_prompt="x"), "multi_prompt"),
        (extra(multi_prompt=[{}]), "multi_prompt.0.prompt"),
        (extra(element_list={}), "element_list"),
        ({"extra_body": []}, "extra_body"),
        ({"prompt": {}}, "prompt"),
    ],
)
async def test_a_broken_rule_is_a_task_error_that_names_it(
    changes: dict[str, Any], word: str
) -> None:
    session = UNIALL.session()
    answer = await refused(session, UNIALL, json=changed(UNIALL.body, changes))
    assert answer.status_code == 400
    assert list(answer.json()) == ["code", "message", "data"]
    assert (answer.json()["code"], answer.json()["data"]) == ("invalid_request", None)
    assert word in answer.json()["message"]


@pytest.mark.parametrize("name", ["duration", "extra_body"])
async def test_what_only_the_table_demands_is_demanded_under_its_quirk(name: str) -> None:
    body = {**UNIALL.body, "extra_body": {"cfg_scale": 0.5}}
    del body[name]
    strict = UNIALL.session(quirks={"required_fields": "table"})
    answer = await refused(strict, UNIALL, json=body)
    assert (answer.status_code, answer.json()["message"]) == (400, f"{name} is required")
    assert (await UNIALL.session().post("/v1/video/generations", body)).status_code == 200


def gate(answer: httpx.Response) -> tuple[int, str]:
    """Status and code of a gate error; its message ends with the request id."""
    error = answer.json()["error"]
    assert list(error) == ["code", "message", "type"]
    assert error["type"] == "new_api_error"
    assert answer.headers["x-oneapi-request-id"] in error["message"]
    return answer.status_code, error["code"]


@pytest.mark.parametrize(
    "headers",
    [{}, {"authorization": "Bearer x"}, {"authorization": "sk-" + "a" * 48}],
    ids=["none", "malformed", "bare"],
)
async def test_a_bad_key_is_a_gate_error(headers: dict[str, str]) -> None:
    assert gate(await UNIALL.session().get("/v1/models", headers=headers)) == (401, "")


async def test_an_unknown_key_is_a_gate_error() -> None:
    assert gate(await UNIALL.session(strict_keys=True).get("/v1/models")) == (401, "")


@pytest.mark.parametrize("model", [None, "", 5, []])
async def test_a_missing_model_is_refused_at_the_gate(model: Any) -> None:
    session = UNIALL.session()
    assert gate(await refused(session, UNIALL, json={**UNIALL.body, "model": model})) == (400, "")


async def test_an_unknown_model_has_no_channel() -> None:
    session = UNIALL.session()
    answer = await refused(session, UNIALL, json={**UNIALL.body, "model": "kling-v9"})
    assert gate(answer) == (503, "model_not_found")
    assert "kling-v9" in answer.json()["error"]["message"]


async def test_an_empty_wallet_is_403_with_both_amounts() -> None:
    session = UNIALL.session(balance="0.1")
    answer = await refused(session, UNIALL, json=UNIALL.body)
    assert (answer.status_code, answer.json()["code"]) == (403, "insufficient_user_quota")
    assert "＄0.100000" in answer.json()["message"]
    assert "＄0.420000" in answer.json()["message"]


@pytest.mark.parametrize(
    "path", ["/v1/videos/", "/v1/videos/generations/", "/v1/video/generations/"]
)
async def test_an_unknown_task_is_a_bad_request(path: str) -> None:
    answer = await UNIALL.session().get(path + UNKNOWN_TASK)
    assert answer.status_code == 400
    assert answer.json() == {"code": "task_not_exist", "message": "task_not_exist", "data": None}


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/v1/nowhere"), ("DELETE", "/v1/videos/x"), ("POST", "/v1/videos/x/cancel")],
)
async def test_an_unknown_route_or_method_is_an_invalid_url(method: str, path: str) -> None:
    answer = await UNIALL.session().send(method, path)
    assert answer.status_code == 404
    assert answer.json()["error"]["message"] == f"Invalid URL ({method} {path})"


async def test_the_content_of_an_unfinished_or_unknown_task_is_a_proxy_error() -> None:
    session = UNIALL.session()
    task = await create(session, UNIALL)
    early = await session.get(f"/v1/videos/{task}/content")
    unknown = await session.get(f"/v1/videos/{UNKNOWN_TASK}/content")
    assert (early.status_code, unknown.status_code) == (400, 404)
    assert early.json()["error"]["message"].endswith("current status: SUBMITTED")
    kind = "invalid_request_error"
    assert unknown.json() == {"error": {"message": "Task not found", "type": kind}}


async def test_a_cap_on_unfinished_tasks_refuses_until_one_ends() -> None:
    session = UNIALL.session(quirks={"concurrent_tasks": 2})
    await create(session, UNIALL)
    await create(session, UNIALL)
    answer = await refused(session, UNIALL, json=UNIALL.body)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "5")
    assert answer.json()["data"] is None
    await session.advance(60)
    await create(session, UNIALL)


@pytest.mark.parametrize(
    ("status", "kind", "code", "param", "request_"),
    [
        (401, "authentication_error", None, None, {"headers": {}}),
        (400, "invalid_request_error", "invalid_request", "prompt", {"prompt": None}),
        (400, "invalid_request_error", None, "model", {"model": None}),
        (503, "server_error", "model_not_found", None, {"model": "x"}),
    ],
)
async def test_by_quirk_every_error_is_wrapped_as_openai_does(
    status: int, kind: str, code: str | None, param: str | None, request_: dict[str, Any]
) -> None:
    session = UNIALL.session(quirks={"error_envelope": "openai"})
    headers = {"headers": request_.pop("headers")} if "headers" in request_ else {}
    answer = await session.post("/v1/video/generations", changed(UNIALL.body, request_), **headers)
    error = answer.json()["error"]
    assert (answer.status_code, error["type"], error["code"], error["param"]) == (
        status,
        kind,
        code,
        param,
    )


@pytest.mark.parametrize("wire", ["documented", "newapi"])
@pytest.mark.parametrize("envelope", ["newapi", "openai"])
@pytest.mark.parametrize("cause", Cause)
def test_every_cause_has_words_in_every_profile(cause: Cause, envelope: str, wire: str) -> None:
    call = Call("GET", "/v1/x")
    chosen = {"uniall.error_envelope": envelope, "uniall.wire": wire}
    call.quirks = {**PROVIDER.quirk_defaults, **chosen}
    data = {"balance": 0, "required": 1, "model": "m", "retry_after_s": 3}
    reply = PROVIDER.refuse(Refusal(cause, data=data), call)
    assert reply.status >= 400
    wrapped = reply.body.get("error", reply.body)
    assert wrapped["message"]
    documented_429 = reply.status == 429 and wire == "documented"
    told = {name: value for name, value in reply.headers if not name.startswith("cache-")}
    assert told == ({"retry-after": "3"} if documented_429 else {})
    # What the stock program's router adds where it knows no path.
    nowhere = reply.status == 404 and wire == "newapi"
    assert (len(reply.headers) - len(told)) == (2 if nowhere else 0)
