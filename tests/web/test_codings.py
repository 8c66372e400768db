"""Bodies in content codings: what a vendor reads is undone within bounds, what asks is folded."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Callable

import brotli
import httpx
import pytest
from backports import zstd

from bodydouble.core.bodies import BODY_BYTES_MAX, CODINGS
from bodydouble.web.http.codings import WORTH_BYTES, asks_for_gzip
from tests.hostile.targets import JSON, TARGETS, Session, Target

FOLD: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": brotli.compress,
    "zstd": zstd.compress,
}
BOMB = b'{"prompt": "' + b" " * (3 * BODY_BYTES_MAX) + b'"}'
EVERY = pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
CODED = pytest.mark.parametrize("coding", CODINGS)


def test_every_coding_is_tried() -> None:
    assert set(FOLD) == set(CODINGS)


def sent(session: Session, coding: str, body: bytes) -> httpx.Response:
    headers = {**JSON, "content-encoding": coding}
    return session.ask("POST", session.target.path, content=body, headers=headers)


@EVERY
@CODED
def test_an_order_in_a_coding_is_taken_where_the_vendor_reads_it(
    target: Target, coding: str
) -> None:
    session = Session(target)
    before = session.kept()
    answer = sent(session, coding, FOLD[coding](json.dumps(target.order).encode()))
    if coding in target.provider.reads.codings:
        assert answer.status_code < 300, answer.text
        assert session.kept() != before
    else:
        session.refusal(answer, before)
        assert answer.status_code in (400, 415)
    session.close()


@pytest.mark.sampled(3)
@EVERY
@CODED
def test_a_bomb_in_a_coding_is_refused_and_leaves_nothing(target: Target, coding: str) -> None:
    session = Session(target)
    before = session.kept()
    known = coding in target.provider.reads.codings
    session.refusal(answer := sent(session, coding, FOLD[coding](BOMB)), before)
    assert answer.status_code == 413 if known else answer.status_code in (400, 415)
    for broken in (b"", b"x", FOLD[coding](b"{}")[:-1], b'{"prompt": "plain"}'):
        session.refusal(answer := sent(session, coding, broken), before)
        assert answer.status_code in (400, 415)
    session.close()


def long_reply(session: Session, **headers: str) -> httpx.Response:
    """A list that is worth folding, as it came."""
    for _ in range(12):
        session.order()
    gets = [one.path for one in session.operations("GET") if "{" not in one.path]
    found = [session.ask("GET", path, headers={"accept-encoding": "identity"}) for path in gets]
    path = gets[max(range(len(gets)), key=lambda place: len(found[place].content))]
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return session.ask("GET", path, headers=named)


@EVERY
def test_a_long_reply_is_folded_for_whoever_asks(
    target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Some vendors' replies are never so long.
    monkeypatch.setattr("bodydouble.web.http.messages.WORTH_BYTES", 10)
    session = Session(target)
    plain = long_reply(session, accept_encoding="identity")
    assert "content-encoding" not in plain.headers
    folded = long_reply(session, accept_encoding="br, gzip;q=0.5")
    assert folded.headers["content-encoding"] == "gzip"
    # Of a very short reply the coding's own head is most.
    assert int(folded.headers["content-length"]) < max(len(folded.content), 200)
    assert folded.json().keys() == plain.json().keys()
    assert "accept-encoding" in plain.headers["vary"].lower()
    assert "accept-encoding" in folded.headers["vary"].lower()
    session.close()


def test_a_short_reply_is_left_alone() -> None:
    session = Session(TARGETS[0])
    answer = session.ask("GET", "/no/such/path", headers={"accept-encoding": "gzip"})
    assert len(answer.content) < WORTH_BYTES
    assert "content-encoding" not in answer.headers
    assert "vary" not in answer.headers
    session.close()


def test_documents_are_folded_too() -> None:
    session = Session(TARGETS[0])
    name = TARGETS[0].name
    gets = {"accept-encoding": "gzip"}
    for path in ("openapi.json", "docs"):
        answer = session.send("GET", f"/{name}/{path}", headers=gets)
        assert answer.headers["content-encoding"] == "gzip"
    session.close()


@pytest.mark.parametrize(
    ("header", "asks"),
    [
        ("gzip", True),
        ("GZIP", True),
        ("x-gzip", True),
        ("deflate, gzip;q=1.0, *;q=0.5", True),
        ("*", True),
        ("br;q=1.0, gzip; q=0.001", True),
        ("gzip;q=0", False),
        ("gzip;q=0, *", False),
        ("identity", False),
        ("br", False),
        ("", False),
        ("gzip;q=high", False),
        ("*;q=0", False),
    ],
)
def test_only_who_asks_for_gzip_gets_it(header: str, asks: bool) -> None:
    assert asks_for_gzip(header.encode()) is asks
