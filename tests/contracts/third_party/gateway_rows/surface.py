"""Sections 1 to 3 of the sheet: headers, routing, keys."""

from __future__ import annotations

import gzip
import json
import re

from tests.contracts.third_party.gateway_rows.caller import (
    ADDRESS,
    DOUBAO,
    KLING,
    PATHS,
    SORA,
    VEO,
    Caller,
    error,
)
from tests.contracts.third_party.gateway_rows.sheet import row

OURS = ("x-oneapi-request-id", "x-new-api-version")
CREATE, VIDEOS = PATHS
INVALID = {"code": "", "message": "Invalid token"}
JSON = "application/json; charset=utf-8"


@row("1.1")
def known_routes(c: Caller) -> None:
    for reply in (c.create(), c.create(""), c.get("/v1/models"), c.get(f"{CREATE}/task_0")):
        assert all(name in reply.headers for name in OURS)


@row("1.2")
def request_id(c: Caller) -> None:
    told = c.get("/v1/models", x_oneapi_request_id="mine").headers["x-oneapi-request-id"]
    assert re.fullmatch(r"20260921\d{15}8268d9d6[0-9A-Za-z]{8}", told)
    assert len(told) == 39


@row("1.3")
def content_types(c: Caller) -> None:
    task = c.task()
    polls = (f"{CREATE}/{task}", f"{VIDEOS}/{task}", f"/kling/v1/videos/text2video/{task}")
    assert {c.get(p).headers["content-type"] for p in polls} == {"application/json"}
    others = (c.create(), c.create(""), c.get(f"{CREATE}/task_0"), c.get("/v1/nothing"),
              c.get("/v1/models"), c.get("/api/usage/token/"))  # fmt: skip
    assert {r.headers["content-type"] for r in others} == {JSON}


@row("1.4")
def other_ratios(c: Caller) -> None:
    sora = '{"seconds":5,"size":1}'
    ratios = {KLING: "{}", DOUBAO: "{}", SORA: sora, "openai-video": sora,
              VEO: '{"resolution":1,"seconds":8}'}  # fmt: skip
    for model, told in ratios.items():
        body = {"seconds": "5"} if told == sora else {}
        assert c.create(model, "main", **body).headers["x-new-api-other-ratios"] == told


@row("1.5")
def cached_404(c: Caller) -> None:
    for path in ("/v1/nothing", "/api/nothing"):
        reply = c.get(path)
        assert reply.status_code == 404
        assert reply.headers["cache-control"] == "max-age=604800"
        assert re.fullmatch("[0-9a-f]{64}", reply.headers["cache-version"])


@row("1.6")
def dashboard(c: Caller) -> None:
    for path in ("/", "/nothing"):
        reply = c.get(path, None)
        assert reply.status_code == 200
        assert reply.headers["content-type"] == "text/html; charset=utf-8"
        assert reply.headers["cache-control"] == "no-cache"
        assert "cache-version" in reply.headers


@row("1.7")
def cors(c: Caller) -> None:
    reply = c.get("/v1/models", Origin="https://site.example")
    assert reply.headers["access-control-allow-origin"] == "*"
    assert reply.headers["access-control-allow-credentials"] == "true"
    assert "access-control-allow-origin" not in c.get("/v1/models").headers


@row("1.8")
def preflight(c: Caller) -> None:
    reply = c.ask("OPTIONS", CREATE, None, {"Origin": "https://site.example"})
    assert (reply.status_code, reply.content) == (204, b"")
    assert reply.headers["access-control-allow-headers"] == "*"
    assert reply.headers["access-control-allow-methods"] == "GET,POST,PUT,DELETE,OPTIONS"
    assert reply.headers["access-control-max-age"] == "43200"


@row("1.9")
def options(c: Caller) -> None:
    reply = c.ask("OPTIONS", CREATE)
    assert reply.status_code == 404
    assert reply.json()["error"]["message"] == f"Invalid URL (OPTIONS {CREATE})"


@row("1.10")
def compressed(c: Caller) -> None:
    reply = c.get("/dashboard/billing/usage", Accept_Encoding="gzip")
    assert reply.headers["content-encoding"] == "gzip"
    assert reply.headers["vary"] == "Accept-Encoding"
    assert reply.json()["total_usage"] == 0
    plain = c.get("/dashboard/billing/usage", Accept_Encoding="identity")
    assert "content-encoding" not in plain.headers


@row("1.11")
def compressed_order(c: Caller) -> None:
    body = gzip.compress(json.dumps({"model": "kling-v2-5-turbo", "prompt": "a fox"}).encode())
    heads = {"Content-Encoding": "gzip", "Content-Type": "application/json"}
    assert c.ask("POST", CREATE, head=heads, content=body).status_code == 200


@row("2.1")
def slash_too_many(c: Caller) -> None:
    reply = c.ask("POST", f"{CREATE}/", json={})
    assert (reply.status_code, reply.content) == (307, b"")
    assert reply.headers["location"].endswith(CREATE)
    assert not any(name in reply.headers for name in OURS)


@row("2.2")
def slash_too_few(c: Caller) -> None:
    reply = c.get("/api/usage/token")
    assert reply.status_code == 301
    assert reply.headers["content-type"].startswith("text/html")
    assert reply.headers["location"].endswith("/api/usage/token/")
    assert not any(name in reply.headers for name in OURS)


@row("2.3")
def no_lists(c: Caller) -> None:
    for path in (CREATE, f"{CREATE}/", VIDEOS, f"{VIDEOS}/"):
        reply = c.get(path)
        assert reply.status_code == 404
        error = {"message": f"Invalid URL (GET {path})", "type": "invalid_request_error",
                 "param": "", "code": ""}  # fmt: skip
        assert reply.json() == {"error": error}


@row("2.4")
def wrong_verbs(c: Caller) -> None:
    task = c.task()
    asked = [(v, p) for v in ("PUT", "DELETE", "PATCH") for p in (CREATE, f"{VIDEOS}/{task}")]
    asked += [
        ("POST", "/v1/videos/generations"),
        ("GET", "/v1//models"),
        ("GET", "http://gateway.example//v1/models"),
    ]
    assert {c.ask(*a).status_code for a in asked} == {404}
    for path in ("/v1/models", f"{CREATE}/{task}", f"{VIDEOS}/{task}", f"{VIDEOS}/{task}/content"):
        reply = c.ask("HEAD", path)
        assert (reply.status_code, reply.content) == (404, b"")


@row("2.5")
def unknown_path(c: Caller) -> None:
    assert c.get("/v1/x", None).status_code == 404


@row("2.6")
def load_check(c: Caller) -> None:
    for what in ("cpu", "memory", "disk"):
        c.gateway.load = {what: 100.0}
        reply = c.get("/v1/files", None)
        assert reply.status_code == 503
        said = f"system {what} overloaded (current: 100.0%, threshold: 90%)"
        error = {"message": said, "type": "new_api_error", "param": "",
                 "code": f"system_{what}_overloaded"}  # fmt: skip
        assert reply.json() == {"error": error}
        assert c.create().status_code == 200


@row("3.1")
def bad_keys(c: Caller) -> None:
    bearer = [None, "Bearer sk-nobody", "Bearer ", "Basic c2stbWFpbg=="]
    for told in bearer:
        heads = {"Authorization": told} if told is not None else {}
        assert error(c.ask("POST", CREATE, None, heads, json={}), 401) == INVALID
    for member, value in (("enabled", False), ("expires", 1), ("left", 0)):
        before = getattr(c.key, member)
        setattr(c.key, member, value)
        assert error(c.create(), 401) == INVALID
        assert error(c.get("/v1/models"), 401) == INVALID
        setattr(c.key, member, before)


@row("3.2")
def scheme(c: Caller) -> None:
    for word, status in (("BEARER", 401), ("Bearer", 200), ("bearer", 200)):
        reply = c.ask("GET", "/v1/models", None, {"Authorization": f"{word} sk-main"})
        assert reply.status_code == status


@row("3.3")
def key_forms(c: Caller) -> None:
    for told in ("sk-main", "Bearer  sk-main", "Bearer main", "Bearer sk-main\t"):
        assert c.ask("GET", "/v1/models", None, {"Authorization": told}).status_code == 200


@row("3.4")
def x_api_key(c: Caller) -> None:
    body = {"model": "kling-v2-5-turbo", "prompt": "a fox"}
    reply = c.ask("POST", CREATE, None, {"x-api-key": "sk-main"}, json=body)
    assert error(reply, 401) == INVALID


@row("3.5")
def named_channel(c: Caller) -> None:
    assert c.create(key="root-1").status_code == 200
    assert error(c.create(key="main-1"), 403) == {"code": "", "message": "普通用户不支持指定渠道"}


@row("3.6")
def address(c: Caller) -> None:
    c.key.addresses = frozenset({"192.0.2.1"})
    said = {"code": "access_denied", "message": "您的 IP 不在令牌允许访问的列表中"}
    assert error(c.create(), 403) == said
    c.key.addresses = frozenset({ADDRESS})
    assert c.create().status_code == 200


@row("3.7")
def banned(c: Caller) -> None:
    c.key.user.banned = True
    for reply in (c.create(), c.get("/v1/models")):
        assert error(reply, 403) == {"code": "", "message": "User has been banned"}


@row("3.8")
def other_models(c: Caller) -> None:
    c.key.models = frozenset({"sora-2"})
    said = "This token has no access to model kling-v2-5-turbo"
    assert error(c.create(), 403) == {"code": "", "message": said}
    assert c.create("sora-2").status_code == 200


@row("3.9")
def other_models_poll(c: Caller) -> None:
    c.key.models = frozenset({"sora-2"})
    reply = c.get(f"{CREATE}/task_0")
    assert error(reply, 403)["message"] == "This token has no access to model "
    assert "model  (request id" in reply.text
    assert c.get(f"{CREATE}/{c.task('sora-2')}").status_code == 200


@row("3.10")
def chinese(c: Caller) -> None:
    assert (
        error(c.get("/v1/models", "nobody", Accept_Language="zh-CN"), 401)["message"]
        == "无效的令牌"
    )
    heads = {"Accept-Language": "zh-CN"}
    reply = c.ask("POST", CREATE, head=heads, json={})
    assert error(reply, 400)["message"] == "未指定模型名称，模型名称不能为空"


@row("3.11")
def google_key(c: Caller) -> None:
    assert error(c.get("/v1/models", None, x_goog_api_key="sk-main"), 401) == INVALID
    assert error(c.get("/v1/models?key=sk-main", None), 401) == INVALID


@row("3.12")
def query_key(c: Caller) -> None:
    assert c.get("/v1/models/sora-2?key=sk-main", None).status_code == 200
    assert error(c.get("/v1/models/sora-2", None), 401) == INVALID
