"""A Redis Cluster of our own: three servers on this machine that share the slots between them.

Each can be killed and started again with what it had kept; a fourth may stand by for one of them.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from redis import Redis, RedisError

from tests.contracts.third_party.programs import free_port

SLOTS = 16384
_PATIENCE_S = 30.0


def server_program() -> str:
    """redis-server; without it the test is skipped, but not in CI, which installs it."""
    program = shutil.which("redis-server")
    if program is None:
        if os.environ.get("CI"):
            pytest.fail("redis-server is not installed, and CI must not skip what needs it")
        pytest.skip("redis-server is not installed (apt-get install redis-server)")
    return program


class Cluster:
    """Servers by their number; the first three share the slots."""

    def __init__(self, folder: Path, program: str) -> None:
        self.folder, self.program = folder, program
        self.ports: list[int] = []
        self.buses: list[int] = []
        self.running: dict[int, subprocess.Popen[bytes]] = {}

    @property
    def url(self) -> str:
        """The cluster, by its first server."""
        return f"redis+cluster://127.0.0.1:{self.ports[0]}"

    def client(self, number: int) -> Any:
        """A client of one server alone."""
        return Redis(port=self.ports[number], socket_timeout=5)

    def start(self, number: int) -> None:
        """Starts a server (again)."""
        if number == len(self.ports):
            self.ports.append(free_port())
            self.buses.append(free_port())
        own = self.folder / str(number)
        own.mkdir(exist_ok=True)
        options = {
            "port": self.ports[number], "cluster-port": self.buses[number], "bind": "127.0.0.1",
            "cluster-enabled": "yes", "cluster-node-timeout": 1000, "appendonly": "yes",
            "cluster-require-full-coverage": "no", "save": "", "dir": own,
            "cluster-replica-validity-factor": 0,
        }  # fmt: skip
        words = [word for name, value in options.items() for word in (f"--{name}", str(value))]
        self.running[number] = subprocess.Popen([self.program, *words], stdout=subprocess.DEVNULL)
        until(lambda: answers(self.client(number)), "a server of the cluster answers")

    def kill(self, number: int) -> None:
        """Ends a server on the spot."""
        server = self.running.pop(number)
        server.kill()
        server.wait()

    def begin(self) -> None:
        """Starts three servers and gives each its third of the slots."""
        bounds = [SLOTS * part // 3 for part in range(4)]
        for number in range(3):
            self.start(number)
            with self.client(number) as client:
                last = bounds[number + 1] - 1
                client.execute_command("CLUSTER ADDSLOTSRANGE", bounds[number], last)
                # So that no two think they are the same age.
                client.execute_command("CLUSTER SET-CONFIG-EPOCH", number + 1)
            self.meet(number)
        until(self.whole, "the cluster is whole")

    def meet(self, number: int) -> None:
        """Has a server know the first one."""
        if number:
            with self.client(number) as client:
                known = "127.0.0.1", self.ports[0], self.buses[0]
                client.execute_command("CLUSTER MEET", *known)

    def whole(self) -> bool:
        """Whether all that run say so."""
        return all(self._told(number) for number in self.running)

    def _told(self, number: int) -> bool:
        with self.client(number) as client:
            told = client.execute_command("CLUSTER INFO")
            nodes = len(client.execute_command("CLUSTER NODES"))
        return (
            told["cluster_state"] == "ok"
            and told["cluster_slots_ok"] == str(SLOTS)
            and nodes == len(self.ports)
        )

    def serving(self, key: str) -> int:
        """The number of the server that holds a key."""
        with self.client(0) as client:
            slot = int(client.execute_command("CLUSTER KEYSLOT", key))
        return next(part for part in range(3) if slot < SLOTS * (part + 1) // 3)

    def stand_by(self, number: int) -> None:
        """Starts one more, which follows the server ``number``."""
        spare = len(self.ports)
        self.start(spare)
        self.meet(spare)
        until(self.whole, "the one that stands by is known")
        with self.client(number) as client:
            id = client.execute_command("CLUSTER MYID").decode()
        with self.client(spare) as client:
            client.execute_command("CLUSTER REPLICATE", id)
            until(lambda: followed(client), "the one that stands by has everything")


def answers(client: Any) -> bool:
    """Whether a server does."""
    try:
        return bool(client.ping())
    except RedisError:
        return False


def followed(client: Any) -> bool:
    """Whether a replica has caught up."""
    return bool(client.info("replication").get("master_link_status") == "up")


def until(holds: Callable[[], bool], what: str) -> None:
    """Waits for what comes by itself; AssertionError if it does not."""
    end = time.monotonic() + _PATIENCE_S
    while not holds():
        assert time.monotonic() < end, f"not in {_PATIENCE_S:.0f} s: {what}"
        time.sleep(0.02)


@contextmanager
def cluster() -> Iterator[Cluster]:
    """A cluster that is whole, gone at the end."""
    folder = Path(tempfile.mkdtemp(prefix="cluster"))
    made = Cluster(folder, server_program())
    try:
        made.begin()
        yield made
    finally:
        for number in [*made.running]:
            made.kill(number)
        shutil.rmtree(folder)
