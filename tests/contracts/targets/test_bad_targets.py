"""Targets that are down, slow or strange, and files that are broken: one sentence and a code."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from bodydouble_contracts.cli.app import app
from bodydouble_contracts.targets import http as targets_http
from bodydouble_contracts.targets.http import Hosted
from tests.contracts.toy import PROFILE

Json = Any
MAIN = b"content-type"


def app_of(status: int, kind: bytes, body: bytes, *more: tuple[bytes, bytes]) -> Any:
    async def answer(scope: Json, receive: Json, send: Json) -> None:
        if scope["type"] != "http":
            raise RuntimeError("no lifespan")
        heads = [(MAIN, kind), *more]
        await send({"type": "http.response.start", "status": status, "headers": heads})
        for _ in range(100 if kind == b"application/octet-stream" else 1):
            await send({"type": "http.response.body", "body": body, "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    return answer


@contextmanager
def closed_port() -> Iterator[str]:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    yield f"http://127.0.0.1:{port}"


@contextmanager
def silent() -> Iterator[str]:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        s.listen(64)
        stop = threading.Event()
        yield f"http://127.0.0.1:{s.getsockname()[1]}"
        stop.set()


@contextmanager
def hosted(made: Any) -> Iterator[str]:
    with Hosted(made) as server:
        yield server.url


HTML = app_of(200, b"text/html", b"<html>It works!</html>")
ELSEWHERE = app_of(302, b"text/html", b"", (b"location", b"https://elsewhere.example/"))
HUGE = app_of(200, b"application/octet-stream", b"x" * 1_000_000)
TARGETS: dict[str, Callable[[], Any]] = {
    "down": closed_port,
    "silent": silent,
    "html": lambda: hosted(HTML),
    "redirects": lambda: hosted(ELSEWHERE),
    "100 MB": lambda: hosted(HUGE),
}


def judge(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, list(words))
    return done.exit_code, done.stderr


@pytest.mark.parametrize("name", TARGETS)
def test_a_bad_target_is_one_sentence_and_a_4(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(targets_http, "TIMEOUT_S", 0.3)
    with TARGETS[name]() as url:
        code, told = judge("run", url, "--provider", "smartlyq")
    assert code == 4, told
    assert len(told.strip().splitlines()) == 1
    assert len(told) < 600


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (("run", "no_such_module:app"), "cannot import"),
        (("run", "bodydouble_contracts.cli.app:nothing"), "has no 'nothing'"),
        (("run", "https://api.smartlyq.com"), "--live"),
        (("run", "http://example.com"), "leaves this machine"),
        (("run", "c.jsonl"), "rejudge"),
    ],
)
def test_a_target_that_is_none_is_one_sentence_and_a_4(words: tuple[str, ...], part: str) -> None:
    code, told = judge(*words)
    assert (code, part in told) == (4, True), told


@pytest.mark.parametrize(
    "words",
    [
        ("explain", "BIL-99"),
        ("run", "--contracts", "NOPE-1"),
        ("run", "--tier", "7"),
        ("run", "--effort", "heroic"),
        ("plan", "nobody"),
        ("plan", "smartlyq", "--tier", "E"),
        ("rejudge", "absent.jsonl"),
        ("drift", "smartlyq", "--cassette", "absent.jsonl"),
        ("replay", "absent.jsonl"),
        ("report", "absent.json"),
    ],
)
def test_what_was_misspelled_is_a_2(words: tuple[str, ...]) -> None:
    code, told = judge(*words)
    assert code == 2
    assert told.strip()
    assert "Traceback" not in told


@pytest.mark.parametrize(
    "text", ["{", "[]", "provider: x", "provider: [", "states: {a: b}", "\x00", "- 1"]
)
def test_a_broken_profile_is_one_sentence_and_a_2(tmp_path: Path, text: str) -> None:
    (tmp_path / "p.yaml").write_text(text)
    code, told = judge("plan", str(tmp_path / "p.yaml"))
    assert code == 2, told
    assert "p.yaml" in told


@pytest.mark.parametrize("text", ["{", "[]", "openapi: 3.1.0", "paths: 3"])
def test_a_broken_document_is_one_sentence_and_a_2(tmp_path: Path, text: str) -> None:
    toy = Path(PROFILE).read_text()
    (tmp_path / "p.yaml").write_text(toy + "\ndocument: d.yaml\n")
    (tmp_path / "d.yaml").write_text(text)
    code, told = judge("run", "tests.contracts.toy:app", "--provider", str(tmp_path / "p.yaml"))
    assert (code, "d.yaml" in told) == (2, True), told
    assert "judge itself" not in told
