"""Stores to test: each kind as a factory of new, empty ones, on a real database.

The Redis here is a process of our own on a socket in a short temporary folder; where the program is
missing the tests that need it are skipped, but not in CI, which installs it.
"""

import itertools
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bodydouble.core.store import Store
from bodydouble.stores import open_store

MakeStore = Callable[[], Store]


def started(socket: Path) -> "subprocess.Popen[bytes]":
    """A Redis that listens on ``socket`` and keeps nothing on a disk."""
    program = shutil.which("redis-server")
    if program is None:
        if os.environ.get("CI"):
            pytest.fail("redis-server is not installed, and CI must not skip what needs it")
        pytest.skip("redis-server is not installed (apt-get install redis-server)")
    socket.unlink(missing_ok=True)
    folder = str(socket.parent)
    command = [program, "--port", "0", "--unixsocket", str(socket), "--save", "", "--dir", folder]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _wait_for(socket, server)
    return server


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """The URL of a Redis that nobody else uses."""
    # pytest's own folders can be too deep for the 107 bytes a socket's path may have.
    folder = tempfile.mkdtemp(prefix="redis")
    server = started(Path(folder, "s"))
    try:
        yield f"unix://{folder}/s"
    finally:
        server.terminate()
        server.wait(10)
        shutil.rmtree(folder)


def _wait_for(socket: Path, server: "subprocess.Popen[bytes]") -> None:
    for _ in range(500):
        if socket.exists():
            return
        assert server.poll() is None, "redis-server ended before it listened"
        time.sleep(0.01)
    raise AssertionError("redis-server did not open its socket")


def flushed(url: str) -> str:
    """``url``, after everything in that Redis was deleted."""
    from redis import Redis

    with Redis.from_url(url) as client:
        client.flushall()
    return url


@pytest.fixture(params=["memory", "sqlite", pytest.param("redis", marks=pytest.mark.redis)])
def make_store(request: pytest.FixtureRequest, tmp_path: Path) -> MakeStore:
    """A factory of new, empty stores of one kind."""
    if request.param == "memory":
        return lambda: open_store("memory:")
    if request.param == "sqlite":
        numbers = itertools.count()
        return lambda: open_store(f"sqlite:{tmp_path}/{next(numbers)}.db")
    url: str = request.getfixturevalue("redis_url")
    return lambda: open_store(flushed(url))
