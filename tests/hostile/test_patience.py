"""Who says nothing, or half a thing, is let go of; a crowd is told that there is no room."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack
from http.client import HTTPConnection

import httpx
import pytest

from bodydouble.testing import Emulator
from bodydouble.web.http import protocol
from tests.hostile.targets import TARGETS
from tests.hostile.test_wire import WAIT_S, head, port_of

SOON_S = 0.05
TARGET = TARGETS[0]


@pytest.fixture
def emulator(monkeypatch: pytest.MonkeyPatch) -> Iterator[Emulator]:
    for name in ("SILENT_S", "HEAD_S", "BODY_IDLE_S"):
        monkeypatch.setattr(protocol, name, SOON_S)
    with Emulator(seed=1) as running:
        running.url  # noqa: B018
        yield running


def connected(emulator: Emulator) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port_of(emulator)), WAIT_S)


def read_to_the_end(link: socket.socket) -> bytes:
    answer = b""
    while part := link.recv(65_536):
        answer += part
    return answer


@pytest.mark.parametrize(
    ("sent", "answered"),
    [
        (b"", b""),
        (b"GET /", b"HTTP/1.1 408 "),
        (b"GET / HTTP/1.1\r\nHost: x\r\nX-A: ", b"HTTP/1.1 408 "),
        (head(TARGET, "Content-Type: application/json", "Content-Length: 900"), b"HTTP/1.1 408 "),
        (
            head(TARGET, "Content-Type: application/json", "Content-Length: 900") + b'{"a',
            b"HTTP/1.1 408 ",
        ),
        (
            head(TARGET, "Content-Type: application/json", "Transfer-Encoding: chunked")
            + b'4\r\n{"a"\r\n',
            b"HTTP/1.1 408 ",
        ),
    ],
    ids=["nothing", "a line", "a header", "no body", "half a body", "a chunk"],
)
def test_who_stops_in_the_middle_is_let_go_of(
    emulator: Emulator, sent: bytes, answered: bytes
) -> None:
    with connected(emulator) as link:
        link.sendall(sent)
        assert read_to_the_end(link)[: len(answered) or None] == answered
    assert httpx.get(f"{emulator.url}/").status_code == 200


def trickled(link: socket.socket) -> bytes:
    """What comes back, at last, while header after header is sent."""
    link.sendall(b"GET / HTTP/1.1\r\n")
    link.settimeout(SOON_S / 5)
    while True:
        try:
            link.sendall(b"X-A: b\r\n")
            return link.recv(12)
        except TimeoutError:
            continue


def test_a_head_that_trickles_is_whole_in_time_or_never(emulator: Emulator) -> None:
    with connected(emulator) as link:
        assert trickled(link) == b"HTTP/1.1 408"


def test_a_connection_that_was_answered_waits_for_the_next_request(emulator: Emulator) -> None:
    link = HTTPConnection("127.0.0.1", port_of(emulator), timeout=WAIT_S)
    link.request("GET", "/")
    assert link.getresponse().read()
    kept = link.sock
    kept.settimeout(SOON_S * 4)
    with pytest.raises(TimeoutError):
        kept.recv(1)
    kept.settimeout(WAIT_S)
    link.request("GET", "/")
    assert link.getresponse().status == 200
    assert link.sock is kept
    link.close()


def test_a_body_that_goes_on_is_waited_for(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "BODY_IDLE_S", WAIT_S)
    with connected(emulator) as link:
        link.sendall(head(TARGET, "Content-Type: application/json", "Content-Length: 4"))
        for letter in b"nope":
            link.sendall(bytes([letter]))
        assert not link.recv(65_536).startswith(b"HTTP/1.1 408 ")


def test_one_connection_too_many_is_told_so_and_there_is_room_again(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "SILENT_S", WAIT_S)
    monkeypatch.setattr(protocol, "CONNECTIONS_MAX", 8)
    with ExitStack() as crowd:
        links = [crowd.enter_context(connected(emulator)) for _ in range(12)]
        refused = [read_to_the_end(link) for link in links[8:]]
        assert all(one.startswith(b"HTTP/1.1 503 ") for one in refused)
        links[0].sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert links[0].recv(65_536).startswith(b"HTTP/1.1 200 ")
    assert httpx.get(f"{emulator.url}/").status_code == 200
