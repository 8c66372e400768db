"""Targets: whole replies, lost ones, and programs that are no targets at all."""

from __future__ import annotations

import asyncio
import gzip
from typing import Any

import pytest

from bodydouble_contracts.history.exchanges import Request
from bodydouble_contracts.targets.addresses import resolve
from bodydouble_contracts.targets.http import Hosted, Url
from bodydouble_contracts.targets.in_process import InLoop, InProcess
from bodydouble_contracts.targets.target import MAX_REPLY_BYTES, Lost, Target, TargetError

ASK = Request("GET", "/x?a=%20b")


async def plain(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "lifespan":
        while True:
            message = await receive()
            await send({"type": message["type"] + ".complete"})
            if message["type"] == "lifespan.shutdown":
                return
    await receive()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"a", b"b")]})
    await send({"type": "http.response.body", "body": scope["query_string"]})


async def silent(scope: Any, receive: Any, send: Any) -> None:
    await receive()


async def halved(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"half", "more_body": True})


async def torn(scope: Any, receive: Any, send: Any) -> None:
    raise ConnectionResetError


async def crash(scope: Any, receive: Any, send: Any) -> None:
    raise ValueError("oops")


async def huge(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    for _ in range(20):
        await send({"type": "http.response.body", "body": b"x" * 1024 * 1024, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


async def coded(scope: Any, receive: Any, send: Any) -> None:
    """Answer what was asked for, in a coding; what is no such coding as it stands."""
    await receive()
    body = scope["query_string"]
    body = body if body == b"no" else gzip.compress(body * (10_000_000 if body == b"much" else 1))
    heads = [(b"content-encoding", b"gzip"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": heads})
    await send({"type": "http.response.body", "body": body})


async def waiting(scope: Any, receive: Any, send: Any) -> None:
    await asyncio.sleep(0)
    await plain(scope, receive, send)


def test_an_app_answers_in_process_and_on_a_loop_alike() -> None:
    for target in (InProcess(plain), InLoop(waiting)):
        reply = target.send(ASK)
        assert (reply.status, reply.body, reply.header("A")) == (200, b"a=%20b", "b")


@pytest.mark.parametrize("app", [silent, halved, torn])
def test_a_reply_that_is_not_whole_is_lost(app: Any) -> None:
    with pytest.raises(Lost):
        InProcess(app).send(ASK)


def test_an_exception_that_escapes_is_a_bare_500() -> None:
    assert InProcess(crash).send(ASK).status == 500


def test_a_reply_without_end_is_cut() -> None:
    reply = InProcess(huge).send(ASK)
    assert reply.cut
    assert len(reply.body) == MAX_REPLY_BYTES


def test_a_coded_reply_is_read_alike_in_process_and_over_http() -> None:
    with Hosted(coded) as hosted:
        for target in (InProcess(coded), InLoop(coded), Url(hosted.url)):
            reply = target.send(Request("GET", "/x?plain"))
            assert (reply.body, reply.header("content-encoding")) == (b"plain", None)
            assert reply.header("content-length") is None
            lie = target.send(Request("GET", "/x?no"))
            assert (lie.body, lie.header("content-encoding")) == (b"no", "gzip")
            bomb = target.send(Request("GET", "/x?much"))
            assert (len(bomb.body), bomb.cut) == (MAX_REPLY_BYTES, True)
            target.close()


def test_an_app_served_on_loopback_answers_over_http() -> None:
    with Hosted(plain) as hosted:
        target: Target = Url(hosted.url)
        assert target.send(ASK).body == b"a=%20b"
        target.close()


def test_a_target_that_is_down_is_one_sentence() -> None:
    with pytest.raises(TargetError, match="is it running"):
        Url("http://127.0.0.1:9").send(ASK)


@pytest.mark.parametrize(
    ("spec", "told"),
    [("nowhere:app", "installed"), ("json:nothing", "no 'nothing'"), ("json", "module:app")],
)
def test_what_is_no_target_is_refused_with_what_to_do(spec: str, told: str) -> None:
    with pytest.raises(TargetError, match=told):
        resolve(spec)
