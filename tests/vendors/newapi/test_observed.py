"""What the real program was seen to do, beyond the usual: forms, codings, redirects, limits.

Source: the observations at commit 823e2630 (2026-08-08).
"""

from __future__ import annotations

import gzip
import json
from typing import Any

import brotli
import pytest
from backports import zstd

from tests.vendors.newapi.gateways import BOTH, UNKNOWN_TASK, Gateway, create, job_of, refused

each = pytest.mark.parametrize("gateway", BOTH, ids=lambda gateway: gateway.name)
PATHS = ("/v1/video/generations", "/v1/videos")
FOLD: dict[str, Any] = {"gzip": gzip.compress, "br": brotli.compress, "zstd": zstd.compress}
JSON_UTF8 = "application/json; charset=utf-8"


def fields(gateway: Gateway, **more: str) -> dict[str, str]:
    return {"model": str(gateway.body["model"]), "prompt": "p", **more}


@each
@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("form", ["data", "files"])
async def test_a_create_may_be_a_form(gateway: Gateway, path: str, form: str) -> None:
    session = gateway.session(stock=True)
    sent = fields(gateway, seconds="4", size="1280x720")
    body: dict[str, Any] = {"data": sent}
    if form == "files":
        body["files"] = {"input_reference": ("a.png", b"no picture at all", "image/png")}
    answer = await session.send("POST", path, **body)
    assert answer.status_code == 200, answer.text
    made = (await job_of(session, answer.json()["id"])).submission
    # A form's seconds are sent on, its pictures are not.
    assert (made.duration_ms, made.width, made.first_frame) == (4000, 1280, None)


@each
@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("coding", FOLD)
async def test_a_body_may_be_compressed(gateway: Gateway, path: str, coding: str) -> None:
    session, fold = gateway.session(stock=True), FOLD[coding]
    packed = {**session.headers, "content-encoding": coding, "content-type": "application/json"}
    body = fold(json.dumps(gateway.body).encode())
    assert (await session.send("POST", path, content=body, headers=packed)).status_code == 200
    answer = await refused(session, gateway, content=fold(b" " * 40_000_000), headers=packed)
    assert answer.status_code == 400
    strange = {**packed, "content-encoding": "deflate"}
    assert (await refused(session, gateway, content=body, headers=strange)).status_code == 400


@each
async def test_a_broken_form_is_told_in_the_gates_words(gateway: Gateway) -> None:
    session = gateway.session(stock=True)
    kind = {**session.headers, "content-type": "multipart/form-data; boundary=b"}
    answer = await refused(session, gateway, content=b"--b\r\nnothing", headers=kind)
    assert "multipart: NextPart: EOF" in answer.json()["error"]["message"]


@each
async def test_the_documented_wire_reads_neither_forms_nor_codings(gateway: Gateway) -> None:
    session = gateway.session()
    assert (await refused(session, gateway, data=fields(gateway))).status_code == 400
    packed = {**session.headers, "content-encoding": "gzip", "content-type": "application/json"}
    body = gzip.compress(json.dumps(gateway.body).encode())
    assert (await refused(session, gateway, content=body, headers=packed)).status_code == 400


@each
async def test_the_gate_reads_the_first_of_two_models(gateway: Gateway) -> None:
    session = gateway.session(stock=True)
    known = gateway.body["model"]
    kind = {**session.headers, "content-type": "application/json"}
    for first, second, status in ((known, "none", 200), ("none", known, 503)):
        raw = f'{{"model": "{first}", "prompt": "p", "model": "{second}"}}'
        answer = await session.send("POST", PATHS[0], content=raw.encode(), headers=kind)
        assert answer.status_code == status


@each
@pytest.mark.parametrize("depth", [900, 990, 1020, 5000])
async def test_a_deep_body_with_two_models_is_read_or_refused(gateway: Gateway, depth: int) -> None:
    session = gateway.session(stock=True)
    known = gateway.body["model"]
    deep = "[" * depth + "]" * depth
    raw = f'{{"model": "{known}", "prompt": "p", "model": "{known}", "x": {deep}}}'
    kind = {**session.headers, "content-type": "application/json"}
    answer = await session.send("POST", PATHS[0], content=raw.encode(), headers=kind)
    assert answer.status_code in (200, 400)


@each
async def test_types_are_told_as_gos_decoder_tells_them(gateway: Gateway) -> None:
    session = gateway.session(stock=True)
    answer = await refused(session, gateway, json={**gateway.body, "prompt": 5})
    text = "json: cannot unmarshal number into Go struct field .Alias.prompt of type string"
    assert answer.json()["message"] == text
    answer = await refused(session, gateway, json={**gateway.body, "metadata": {"cfg_scale": "x"}})
    assert "Go struct field requestPayload.cfg_scale of type float64" in answer.json()["message"]


@each
async def test_redirects_leave_before_anything_is_looked_at(gateway: Gateway) -> None:
    session = gateway.session(stock=True)
    moved = await session.post("/v1/video/generations/?a=b", gateway.body)
    assert (moved.status_code, moved.content) == (307, b"")
    assert moved.headers["location"].endswith("/v1/video/generations?a=b")
    assert "x-oneapi-request-id" not in moved.headers
    moved = await session.get("/api/usage/token")
    assert (moved.status_code, moved.headers["content-type"]) == (301, "text/html; charset=utf-8")
    followed = await session.client.get(moved.headers["location"], headers=session.headers)
    assert followed.status_code == 200


@each
async def test_a_keys_usage_is_told_twenty_times_in_twenty_minutes(gateway: Gateway) -> None:
    session = gateway.session(stock=True)
    body = (await session.get("/api/usage/token/")).json()
    assert list(body) == ["code", "data", "message"]
    assert list(body["data"]) == sorted(body["data"])
    for _ in range(19):
        assert (await session.get("/api/usage/token/")).status_code == 200
    full = await session.get("/api/usage/token/")
    assert (full.status_code, full.content) == (429, b"")
    assert full.headers["retry-after"] == "1200"
    await session.advance(1200)
    assert (await session.get("/api/usage/token/")).status_code == 200


@each
async def test_the_usage_route_refuses_flatly(gateway: Gateway) -> None:
    session = gateway.session(stock=True, strict_keys=True)
    missing = await session.get("/api/usage/token/", headers={})
    assert missing.json() == {"message": "Token not provided", "success": False}
    unknown = await session.get("/api/usage/token/")
    assert (unknown.status_code, unknown.json()["message"]) == (401, "Invalid token")


@each
async def test_gate_errors_speak_the_callers_language(gateway: Gateway) -> None:
    session = gateway.session(stock=True, strict_keys=True)
    answer = await session.get("/v1/models", headers={"accept-language": "zh-CN"})
    assert answer.json()["error"]["message"].startswith("无效的令牌 (request id: ")


@each
async def test_only_two_spellings_of_the_scheme_are_cut_off(gateway: Gateway) -> None:
    session = gateway.session(stock=True)
    for value, status in (
        ("Bearer {}", 200),
        ("bearer {}", 200),
        ("Bearer  {}", 200),
        ("{}", 200),
        ("BEARER {}", 401),
        ("Basic {}", 401),
        ("Bearer ", 401),
    ):
        headers = {"authorization": value.format(session.secret)}
        assert (await session.get("/v1/models", headers=headers)).status_code == status, value


@each
async def test_content_types_differ_between_polls_and_the_rest(gateway: Gateway) -> None:
    session = gateway.session(stock=True)
    task = await create(session, gateway)
    for path in (f"{PATHS[0]}/{task}", f"{PATHS[1]}/{task}"):
        assert (await session.get(path)).headers["content-type"] == "application/json"
    for path in ("/v1/models", f"{PATHS[0]}/{UNKNOWN_TASK}", "/v1/nowhere", "/api/usage/token/"):
        assert (await session.get(path)).headers["content-type"] == JSON_UTF8
    nowhere = await session.get("/v1/nowhere")
    assert nowhere.headers["cache-control"] == "max-age=604800"


@each
async def test_a_remix_is_refused_or_panics(gateway: Gateway) -> None:
    session = gateway.session(stock=True)
    task = await create(session, gateway)
    known = await session.post(f"/v1/videos/{task}/remix", {"prompt": "again"})
    assert (known.status_code, known.json()["error"]["type"]) == (500, "new_api_panic")
    unknown = await session.post(f"/v1/videos/{UNKNOWN_TASK}/remix")
    assert (unknown.status_code, unknown.json()["message"]) == (400, "task_origin_not_exist")
    calm = gateway.session(stock=True, quirks={"remix": "refused"})
    task = await create(calm, gateway)
    assert (await calm.post(f"/v1/videos/{task}/remix")).status_code == 400


async def test_veo_is_billed_by_what_it_is_not_told() -> None:
    gateway = BOTH[0]
    session = gateway.session(stock=True)
    body = {"model": gateway.live, "prompt": "p", "seconds": "6"}
    answer = await session.post("/v1/videos", body)
    assert answer.headers["x-new-api-other-ratios"] == '{"resolution":1,"seconds":6}'
    made = (await job_of(session, answer.json()["id"])).submission
    assert made.duration_ms == 8000
    fresh = await session.get(f"/v1/videos/{answer.json()['id']}")
    assert (fresh.json()["status"], fresh.json()["progress"]) == ("in_progress", 50)


@pytest.mark.parametrize(("left", "status"), [("0", 403), ("0.01", 403), ("1000", 400)])
@each
async def test_the_wallet_is_asked_before_the_upstream(
    gateway: Gateway, left: str, status: int
) -> None:
    session = gateway.session(stock=True, balance=left)
    answer = await session.post(
        "/v1/video/generations", {"model": gateway.body["model"], "prompt": "p", "duration": 99}
    )
    words = {403: "insufficient_user_quota", 400: "task_failed"}
    assert (answer.status_code, answer.json()["code"]) == (status, words[status])


@pytest.mark.parametrize(
    ("asked", "coding"),
    [("gzip", "gzip"), ("br, gzip;q=0.5", "gzip"), ("gzip;q=0", None), ("", None)],
)
@each
async def test_billing_is_folded_for_who_asks_and_the_pages_wire_folds_nothing_small(
    gateway: Gateway, asked: str, coding: str | None
) -> None:
    path, headers = "/v1/dashboard/billing/usage", {"accept-encoding": asked}
    for stock in (True, False):
        session = gateway.session(stock=stock)
        answer = await session.send("GET", path, headers={**session.headers, **headers})
        assert answer.headers.get("content-encoding") == (coding if stock else None)
        assert answer.json()["object"] == "list"
