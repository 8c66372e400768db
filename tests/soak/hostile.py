"""A live server under nonsense: cut, endless, lying and random requests from many connections.

In the end it answers as before, holds little more memory, and has crashed nowhere.
"""

from __future__ import annotations

import random
import socket
import tempfile
import threading
import time
from pathlib import Path

import httpx

from tests.contracts.third_party.programs import free_port
from tests.soak.kills import serving
from tests.soak.memory import PAGE_BYTES, tell

CROWD = 16
ANSWER_S = 2.0
GROWTH_MAX_MB = 400.0


def nonsense(rng: random.Random) -> bytes:
    """One thing that no honest client sends."""
    kind = rng.randrange(6)
    key = f"authorization: Bearer sqk_live_{rng.randrange(10**12):032d}"
    line = b"POST /smartlyq/v1/videos/generate HTTP/1.1\r\nhost: localhost\r\n" + key.encode()
    if kind == 0:
        return rng.randbytes(rng.randrange(1, 2_000))
    if kind == 1:
        return line + b"\r\ncontent-length: 999999\r\n\r\n" + rng.randbytes(3_000)
    if kind == 2:
        heads = b"".join(b"\r\nx-%d: %b" % (n, b"v" * 4_000) for n in range(rng.randrange(30)))
        return line + heads + b"\r\n\r\n"
    if kind == 3:
        return line + b"\r\ntransfer-encoding: chunked\r\n\r\nfffffff\r\n" + rng.randbytes(9_000)
    if kind == 4:
        body = b"[" * rng.randrange(1, 60_000)
        return line + b"\r\ncontent-length: %d\r\n\r\n%b" % (len(body), body)
    path = "".join(chr(rng.randrange(33, 127)) for _ in range(rng.randrange(1, 3_000)))
    return f"GET /{path} HTTP/1.1\r\nhost: localhost\r\n{key}\r\n\r\n".encode()


def attack(port: int, until: float, rng: random.Random, sent: list[int]) -> None:
    """Send nonsense until the time is over."""
    while time.monotonic() < until:
        try:
            with socket.create_connection(("127.0.0.1", port), ANSWER_S) as link:
                link.sendall(nonsense(rng))
                if rng.random() < 0.5:
                    link.settimeout(0.05)
                    link.recv(65_536)
        except OSError:
            pass
        sent.append(1)


def memory_mb(pid: int) -> float:
    """What another process holds of memory."""
    pages = int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1])
    return pages * PAGE_BYTES / 1e6


def hostile(seconds: float, seed: int) -> None:
    """Attack for so long; AssertionError names what did not hold."""
    port, sent = free_port(), list[int]()
    with tempfile.TemporaryDirectory() as folder, serving("memory:", port, folder) as server:
        before = memory_mb(server.pid)
        until = time.monotonic() + seconds
        crowd = [
            threading.Thread(target=attack, args=(port, until, random.Random(seed + n), sent))
            for n in range(CROWD)
        ]
        for one in crowd:
            one.start()
        for one in crowd:
            one.join()
        ready = httpx.get(f"http://127.0.0.1:{port}/_bodydouble/ready", timeout=30)
        assert ready.json() == {"status": "ready"}
        after = memory_mb(server.pid)
        log = Path(folder, "log").read_text("utf-8", "replace")
        assert "Traceback" not in log, log[-2_000:]
        assert after - before < GROWTH_MAX_MB, f"{before:.0f} MB grew to {after:.0f} MB"
    tell(f"hostile: {len(sent)} requests, {before:.0f} MB before and {after:.0f} MB after")
