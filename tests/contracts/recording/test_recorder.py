"""The recorder passes on what it hears and keeps everything but the key."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from bodydouble_contracts.history.cassettes import Header, Writer, read_cassette
from bodydouble_contracts.history.masking import Masker
from bodydouble_contracts.recording.recorder import Recorder, joined
from bodydouble_contracts.vendors.reader import load
from tests.contracts.toy import PROFILE

KEY = "toy-secret-key-1234"
PROFILED = replace(load(PROFILE), document="toy.openapi.yaml")


async def upstream(scope: Any, receive: Any, send: Any) -> None:
    heads = [(b"content-type", b"application/json"), (b"x-trace", b"t1")]
    if scope["path"] == "/broken":
        raise httpx.ReadError("cut")
    await receive()
    sent = dict(scope["headers"]).get(b"authorization", b"").decode()
    body = b'{"heard": "%s", "path": "%s"}' % (sent.encode(), scope["path"].encode())
    await send({"type": "http.response.start", "status": 201, "headers": heads})
    await send({"type": "http.response.body", "body": body})


def through(
    path: Path, *calls: tuple[str, str, dict[str, str]], base: str = "http://up"
) -> list[httpx.Response]:
    async def go() -> list[httpx.Response]:
        writer = Writer(path, Header("toy", "http://up", "2026-08-01T00:00:00+00:00"), Masker())
        inner = httpx.AsyncClient(transport=httpx.ASGITransport(upstream))
        proxy = Recorder(base, PROFILED, writer, inner)
        outer = httpx.AsyncClient(transport=httpx.ASGITransport(proxy), base_url="http://proxy")
        got = [await outer.request(m, p, headers=h, content=b"{}") for m, p, h in calls]
        writer.close()
        return got

    return asyncio.run(go())


def test_the_client_gets_what_the_vendor_said(tmp_path: Path) -> None:
    auth = {"Authorization": f"Token {KEY}"}
    (reply,) = through(tmp_path / "c.jsonl", ("POST", "/api/clips?a=1", auth))
    assert reply.status_code == 201
    assert reply.json()["heard"] == f"Token {KEY}"
    assert reply.headers["x-trace"] == "t1"


def test_the_cassette_names_roles_and_holds_no_key(tmp_path: Path) -> None:
    path = tmp_path / "c.jsonl"
    other = {"Authorization": "Token another-key-777"}
    through(
        path,
        ("POST", f"/api/clips?echo={KEY}", {"Authorization": f"Token {KEY}"}),
        ("GET", "/api/wallet", other),
        ("GET", "/api/wallet", {}),
    )
    text = path.read_text()
    assert KEY not in text
    assert "another-key-777" not in text
    _, history = read_cassette(path)
    assert [x.request.role for x in history.exchanges] == ["main", "key2", "nobody"]
    assert history.exchanges[0].request.target == "/api/clips?echo=<key:main>"


def test_an_upstream_that_breaks_is_a_502_and_a_lost_reply(tmp_path: Path) -> None:
    (reply,) = through(tmp_path / "c.jsonl", ("GET", "/broken", {}))
    assert reply.status_code == 502
    _, history = read_cassette(tmp_path / "c.jsonl")
    assert history.exchanges[0].outcome == "indefinite"


@pytest.mark.parametrize(
    ("base", "target", "whole"),
    [
        ("http://up", "/v1/me?a=1", "http://up/v1/me?a=1"),
        ("http://up/v1", "/v1/me", "http://up/v1/me"),
        ("http://up/v1", "/me", "http://up/v1/me"),
        ("http://up/vendor/v1", "/v1/me", "http://up/vendor/v1/me"),
        ("http://up/vendor/v1", "/vendor/v1/me", "http://up/vendor/v1/me"),
        ("http://up/api/rest/v1", "/api/rest/v1/me", "http://up/api/rest/v1/me"),
        ("http://up/v1", "/v10/me", "http://up/v1/v10/me"),
        ("http://up/v1", "/v1", "http://up/v1"),
    ],
)
def test_a_base_url_may_have_the_path_that_clients_send(base: str, target: str, whole: str) -> None:
    assert joined(base, target) == whole


@pytest.mark.parametrize("base", ["http://up", "http://up/api", "http://up/toy/api"])
@pytest.mark.parametrize("sent", ["/api/wallet?a=1", "/wallet?a=1"])
def test_the_cassette_names_the_vendor_s_path_whatever_the_client_was_given(
    base: str, sent: str, tmp_path: Path
) -> None:
    path = tmp_path / "c.jsonl"
    (reply,) = through(path, ("GET", sent, {}), base=base)
    _, history = read_cassette(path)
    reached = reply.json()["path"]
    whole = base != "http://up" or sent.startswith("/api")
    assert reached == (f"{base.removeprefix('http://up') or '/api'}/wallet" if whole else "/wallet")
    assert history.exchanges[0].request.target == ("/api/wallet?a=1" if whole else sent)
