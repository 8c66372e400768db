"""Bytes that no client library would send, over a real socket: the server answers and lives on.

Requests cut short, lengths that lie, headers without end, and paths that try to climb out of the
media folder. After each, the next honest request is answered, nothing was charged, and the log has
no crash.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from bodydouble.testing import Emulator
from tests.hostile.targets import TARGETS, Target

MEGABYTE = 1024 * 1024
WAIT_S = 20
FIRST = TARGETS[0]


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    media = tmp_path_factory.mktemp("media")
    (media.parent / "secret.mp4").write_bytes(b"secret")
    with Emulator(seed=1, media_dir=media) as running:
        yield running


@pytest.fixture(autouse=True)
def no_crash(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    yield
    crashed = [one.getMessage() for one in caplog.records if one.levelname == "ERROR"]
    assert crashed == []


def port_of(emulator: Emulator) -> int:
    return int(emulator.url.rpartition(":")[2])


def exchange(emulator: Emulator, *parts: bytes, shut: bool = True) -> bytes:
    """What comes back when these bytes are sent and no more; empty if it hangs up."""
    with socket.create_connection(("127.0.0.1", port_of(emulator)), WAIT_S) as link:
        try:
            for part in parts:
                link.sendall(part)
            if shut:
                link.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # it has refused already, and closed
        return _all(link)


def _all(link: socket.socket) -> bytes:
    answer = b""
    try:
        while chunk := link.recv(65_536):
            answer += chunk
    except ConnectionResetError:
        pass
    return answer


def head(target: Target, *lines: str, method: str = "POST", path: str = "") -> bytes:
    """A request's head, with the key and without a length."""
    first = f"{method} /{target.name}{path or target.path} HTTP/1.1"
    constant = [f"{name}: {value}" for name, value in (target.key() | target.headers).items()]
    fixed = ("Host: localhost", "Connection: close", *constant)
    text = "\r\n".join((first, *fixed, *lines)) + "\r\n\r\n"
    return text.encode("latin-1")


def status(answer: bytes) -> int:
    """The status of a raw answer; 0 if there was none."""
    return int(answer.split(b" ", 2)[1]) if answer.startswith(b"HTTP/1.1 ") else 0


def jobs(emulator: Emulator, target: Target) -> int:
    """How many jobs the key's sandbox holds; none where no request got as far as opening one."""
    answer = httpx.get(f"{emulator.url}/_bodydouble/sandboxes/{target.sandbox()}/jobs")
    return 0 if answer.status_code == 404 else len(answer.json()["jobs"])


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_a_body_cut_short_is_no_order(emulator: Emulator, target: Target) -> None:
    typed = "Content-Type: application/json"
    chunked = head(target, typed, "Transfer-Encoding: chunked")
    for parts in (
        (head(target, typed, "Content-Length: 500"), b'{"model": "kling'),
        (chunked, b"20\r\n{"),
        (chunked, b'5\r\n{"a":\r\n'),
        (chunked, b"ZZ\r\n{}\r\n0\r\n\r\n"),
        (chunked, b"-1\r\n{}\r\n"),
        (chunked, b"ffffffffffffffffffff\r\n{}"),
    ):
        assert status(exchange(emulator, *parts)) in (0, 400), parts[1]
    assert httpx.get(emulator.url).status_code == 200
    assert jobs(emulator, target) == 0


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_seventeen_megabytes_are_refused_before_they_are_read(
    emulator: Emulator, target: Target
) -> None:
    typed = "Content-Type: application/json"
    announced = head(target, typed, f"Content-Length: {17 * MEGABYTE}")
    assert status(exchange(emulator, announced, shut=False)) == 413
    chunk = b"100000\r\n" + b" " * MEGABYTE + b"\r\n"
    chunks = [head(target, typed, "Transfer-Encoding: chunked"), *[chunk] * 17, b"0\r\n\r\n"]
    # A client that is still sending may see the connection end before it sees why.
    assert status(exchange(emulator, *chunks)) in (413, 0)


@pytest.mark.parametrize(
    "lines",
    [
        ("Content-Length: -1",),
        ("Content-Length: 1e3",),
        ("Content-Length: 5", "Content-Length: 6"),
        ("Content-Length: 5", "Transfer-Encoding: chunked"),
        ("Transfer-Encoding: gzip, chunked",),
        ("X-Null: a\x00b",),
        ("No colon here",),
        ("X-Big: " + "x" * 300_000,),
        (": empty",),
        ("Expect: 200-maybe", "Content-Length: 0"),
        ("Upgrade: websocket", "Content-Length: 0"),
    ],
    ids=lambda lines: lines[-1][:24],
)
def test_heads_that_lie_are_refused(emulator: Emulator, lines: tuple[str, ...]) -> None:
    answer = exchange(emulator, head(FIRST, "Content-Type: application/json", *lines))
    assert status(answer) in (0, 400, 413, 415, 422, 431), answer[:300]
    assert jobs(emulator, FIRST) == 0


def test_bytes_that_are_no_http_are_no_crash(emulator: Emulator) -> None:
    for text in (b"\x16\x03\x01\x02\x00", b"GET\r\n\r\n", b"\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n"):
        assert status(exchange(emulator, text)) in (0, 400, 505)
    assert httpx.get(emulator.url).status_code == 200


PLACES = [
    "/cdn/../../../../etc/passwd",
    "/cdn/%2e%2e/%2e%2e/etc/passwd",
    "/cdn/..%2f..%2f..%2fsecret.mp4/x/video.mp4",
    "/cdn/{sandbox}/../secret.mp4",
    "/cdn/{sandbox}/%2e%2e/secret.mp4",
    "/cdn/{sandbox}/{job}/..%2f..%2f..%2fsecret.mp4",
    "/cdn/{sandbox}/{job}/%2fetc%2fpasswd.mp4",
    "/cdn/{sandbox}/{job}/video.mp4%00.jpg",
    "/cdn/{sandbox}/{job}%00/video.mp4",
    "/cdn/{sandbox}/seeded/..%2f..%2fsecret.jpg",
    "/cdn/{sandbox}/blob/..%2f..%2fsecret.jpg",
    "/cdn/{sandbox}/blob/%00.jpg",
    "/cdn/{sandbox}~/{job}/video.mp4",
    "/cdn//{job}/video.mp4",
    "/cdn/{sandbox}/{job}/",
    "/cdn/{sandbox}/{job}/video.mp4/..",
    "/cdn/\\..\\..\\secret.mp4/x/video.mp4",
    "/cdn/%ff/%fe/video.mp4",
    "/cdn/{sandbox}/" + "x" * 5_000 + "/video.mp4",
    f"/{FIRST.name}/../cdn/x",
    f"/{FIRST.name}/v1/../../etc/passwd",
]


@pytest.mark.parametrize("place", PLACES, ids=[place[:44] for place in PLACES])
def test_no_media_address_leads_out_of_the_folder(emulator: Emulator, place: str) -> None:
    sandboxes = f"{emulator.url}/_bodydouble/sandboxes"
    made = httpx.post(sandboxes, json={}).json()
    headers = {**FIRST.carrying(made["keys"][FIRST.name]), **FIRST.headers}
    address = f"{emulator.url}/{FIRST.name}{FIRST.path}"
    assert httpx.post(address, json=FIRST.order, headers=headers).status_code < 300
    (job,) = httpx.get(f"{sandboxes}/{made['id']}/jobs").json()["jobs"]
    path = place.replace("{sandbox}", made["id"]).replace("{job}", job["id"])
    text = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    answer = exchange(emulator, text.encode("latin-1"))
    assert status(answer) in (400, 401, 403, 404), answer[:300]
    assert b"secret" not in answer.partition(b"\r\n\r\n")[2]
    assert b"root:" not in answer
    assert b"Traceback" not in answer


def test_the_secret_was_there_to_be_found(emulator: Emulator) -> None:
    folder = emulator.settings.media_dir
    assert folder is not None
    assert Path(folder.parent, "secret.mp4").read_bytes() == b"secret"
