"""A refusal is read by whoever is still sending: to its end, by sockets, clients and curl."""

from __future__ import annotations

import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from bodydouble.testing import Emulator
from bodydouble.web.http import messages, unread
from tests.hostile.targets import TARGETS, Target
from tests.hostile.test_wire import FIRST, MEGABYTE, WAIT_S, head, port_of, status

LENGTH = 30 * MEGABYTE
CURL = shutil.which("curl")


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with Emulator(seed=1) as running:
        running.url  # noqa: B018
        yield running


def sent_whole(emulator: Emulator, opening: bytes, length: int = LENGTH) -> bytes:
    """The answer to a client that first sends all it has and then reads to the end."""
    with socket.create_connection(("127.0.0.1", port_of(emulator)), WAIT_S) as link:
        link.sendall(opening)
        chunk = b" " * MEGABYTE
        for _ in range(length // MEGABYTE):
            link.sendall(chunk)
        answer = b""
        while part := link.recv(65_536):
            answer += part
        return answer


def is_cut_off(link: socket.socket) -> bool:
    """Whether somebody ends the connection while a gigabyte is sent."""
    try:
        for _ in range(1_000):
            link.sendall(b" " * MEGABYTE)
    except OSError:
        return True
    return False


def announcing(target: Target, *lines: str, length: int = LENGTH) -> bytes:
    return head(target, "Content-Type: application/json", f"Content-Length: {length}", *lines)


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_thirty_megabytes_are_answered_413(emulator: Emulator, target: Target) -> None:
    answer = sent_whole(emulator, announcing(target))
    assert status(answer) == 413
    assert b"connection: close" in answer.lower()
    assert answer.endswith(b"}")


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_thirty_megabytes_without_a_key_are_answered_as_no_key_is(
    emulator: Emulator, target: Target
) -> None:
    plain = httpx.post(f"{emulator.url}/{target.name}{target.path}", json={})
    kept = announcing(target).split(b"\r\n")
    key = next(iter(target.key())).lower().encode()
    opening = b"\r\n".join(line for line in kept if not line.lower().startswith(key))
    answer = sent_whole(emulator, opening)
    assert status(answer) == plain.status_code
    assert plain.status_code in (401, 403, 500)


def test_thirty_megabytes_in_chunks_are_answered_413(emulator: Emulator) -> None:
    chunk = b"100000\r\n" + b" " * MEGABYTE + b"\r\n"
    with socket.create_connection(("127.0.0.1", port_of(emulator)), WAIT_S) as link:
        link.sendall(head(FIRST, "Content-Type: application/json", "Transfer-Encoding: chunked"))
        for _ in range(30):
            link.sendall(chunk)
        link.sendall(b"0\r\n\r\n")
        assert status(link.recv(65_536)) == 413


@pytest.mark.parametrize("path", ["/uploads/x/y", "/_bodydouble/sandboxes", "/cdn/x/y/z.mp4", "/"])
def test_what_is_no_vendors_answers_as_well(emulator: Emulator, path: str) -> None:
    opening = (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data\r\n"
        f"Content-Length: {LENGTH}\r\n\r\n"
    )
    answer = sent_whole(emulator, opening.encode())
    assert 400 <= status(answer) < 500
    assert b"connection: close" in answer.lower()


@pytest.mark.parametrize(
    "lines",
    [["X-Big: " + "x" * 100_000], [f"X-{number}: {'x' * 1_000}" for number in range(100)]],
    ids=["one long", "many"],
)
def test_a_head_without_end_is_answered_431(emulator: Emulator, lines: list[str]) -> None:
    answer = sent_whole(emulator, announcing(FIRST, *lines))
    assert status(answer) == 431
    assert b"connection: close" in answer


def test_a_head_that_never_ends_is_bounded(emulator: Emulator) -> None:
    with socket.create_connection(("127.0.0.1", port_of(emulator)), WAIT_S) as link:
        link.sendall(b"GET / HTTP/1.1\r\nX-Endless: ")
        for _ in range(messages.HEAD_BYTES_MAX // 1_000 + 1):
            link.sendall(b"x" * 1_000)
        assert status(link.recv(65_536)) == 431


def test_a_head_of_the_longest_length_is_taken(emulator: Emulator) -> None:
    for more in (0, 1):
        opening = b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nX-Big: "
        opening += b"x" * (messages.HEAD_BYTES_MAX - len(opening) - 4 + more) + b"\r\n\r\n"
        with socket.create_connection(("127.0.0.1", port_of(emulator)), WAIT_S) as link:
            link.sendall(opening)
            assert status(link.recv(65_536)) == (431 if more else 200)


def test_bytes_that_are_no_http_are_answered_400(emulator: Emulator) -> None:
    answer = sent_whole(emulator, b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1e3\r\n\r\n")
    assert status(answer) == 400


def test_both_lengths_at_once_are_answered_400(emulator: Emulator) -> None:
    opening = announcing(FIRST, "Transfer-Encoding: chunked", length=5)
    assert status(sent_whole(emulator, opening)) == 400


def test_no_more_is_read_than_the_bound(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unread, "DISCARDED_BYTES_MAX", MEGABYTE)
    endless = announcing(FIRST, length=10**12)
    with socket.create_connection(("127.0.0.1", port_of(emulator)), WAIT_S) as link:
        link.sendall(endless)
        assert is_cut_off(link)


def test_a_client_that_stops_sending_is_not_waited_for_without_end(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unread, "DISCARDING_S", 0.01)
    with socket.create_connection(("127.0.0.1", port_of(emulator)), WAIT_S) as link:
        link.sendall(announcing(FIRST))
        assert status(link.recv(65_536)) == 413
        while link.recv(65_536):
            pass
        # The end of what we read is the end of the connection, too.
        assert is_cut_off(link)


def test_the_next_request_on_a_connection_is_answered(emulator: Emulator) -> None:
    with httpx.Client(base_url=emulator.url) as client:
        for _ in range(2):
            assert client.post("/", content=b"x" * 1_000).status_code == 405
            assert client.post("/", content=b"x" * MEGABYTE).status_code == 405
            assert client.get("/").status_code == 200


@pytest.mark.skipif(CURL is None, reason="curl is not installed")
@pytest.mark.parametrize("expect", ["Expect:", "Expect: 100-continue"])
def test_curl_reads_its_refusal(emulator: Emulator, tmp_path: Path, expect: str) -> None:
    body = tmp_path / "body"
    body.write_bytes(b" " * LENGTH)
    (name, value), *_ = FIRST.key().items()
    run = subprocess.run(
        [
            *("curl", "-sS", "-o", str(tmp_path / "answer"), "-w", "%{http_code}"),
            *("-H", expect, "-H", f"{name}: {value}", "-H", "Content-Type: application/json"),
            *("--data-binary", f"@{body}", f"{emulator.url}/{FIRST.name}{FIRST.path}"),
        ],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (run.returncode, run.stdout) == (0, "413"), run.stderr


def test_many_refusals_at_once_arrive(emulator: Emulator) -> None:
    seen: list[int] = []
    threads = [
        threading.Thread(
            target=lambda: seen.append(status(sent_whole(emulator, announcing(FIRST))))
        )
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [413] * 8
