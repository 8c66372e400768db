"""Servers that are killed in the middle of their work, again and again: nothing is lost.

Clients order with idempotency keys while a process gets SIGKILL at a moment that is drawn: the only
one of its store, or one of several. Each time: every order that was answered is there under its id,
an order whose answer was lost is made once however often it is repeated, each job is charged once,
the ledger adds up, and in the end each job's webhook has come at least once.
`python -m tests.soak.kills --store sqlite:F --cycles N`, `--workers 2 --store redis://HOST`.
"""

from __future__ import annotations

import argparse
import json
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path
from typing import Any

import httpx

from bodydouble.web.webhooks.dispatcher import CLAIM_US
from tests.contracts.third_party.programs import free_port
from tests.soak.memory import tell

BALANCE = "100000"
CLIENTS = 3
ORDERS_MAX = 60
BODY = {"model": "kling-v2-5-turbo", "type": "text_to_video", "prompt": "A fox"}
TIMEOUT_S = 60.0


class Receiver:
    """A receiver of webhooks on a port of its own; the jobs it was told of."""

    def __init__(self) -> None:
        told: set[str] = set()
        self.told = told

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers["content-length"])
                body = self.rfile.read(length)
                if len(body) < length:
                    return  # its sender was killed in the middle of it
                told.add(json.loads(body)["data"]["job_id"])
                self.send_response(204)
                self.end_headers()

            def log_message(self, *of: object) -> None:
                """Says nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/"


@contextmanager
def serving(store: str, port: int, folder: str = "") -> Iterator[subprocess.Popen[str]]:
    """A server process that answers; it is killed at the end if nobody did before.

    What it complains of is in the file ``log`` of ``folder``, if one is given.
    """
    words = [sys.executable, "-m", "bodydouble", "serve", "--port", str(port), "--store", store]
    words += ["--log-format", "none"]
    with (
        Path(folder, "log").open("w") if folder else nullcontext() as log,
        subprocess.Popen(words, stdout=subprocess.PIPE, stderr=log, text=True) as server,
    ):
        try:
            assert server.stdout is not None
            assert "stands in" in server.stdout.readline(), "the server did not start"
            yield server
        finally:
            server.kill()


@dataclass
class Trial:
    """One store through all its kills. ``jobs`` are ids by key; ``lost`` keys nobody answered."""

    store: str
    rng: random.Random
    ports: list[int]
    orders_max: int = ORDERS_MAX
    port: int = 0  # the one that is asked; each client has its own
    jobs: dict[str, str] = field(default_factory=dict)
    lost: set[str] = field(default_factory=set)
    numbers: Iterator[int] = field(default_factory=count)
    plane: str = ""
    key: str = ""
    kills: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """A verb of the control plane that must succeed."""
        reply = httpx.request(
            method, f"{self.url}{path}", json=body, timeout=TIMEOUT_S, verify=False
        )
        reply.raise_for_status()
        return reply.json()

    def open(self, receiver: Receiver) -> None:
        """Make the sandbox, a key that nothing limits, and a webhook."""
        made = self.ask("POST", "/_bodydouble/sandboxes", {"balance": BALANCE, "speed": 1000})
        self.plane = f"/_bodydouble/sandboxes/{made['id']}"
        wanted = {"provider": "smartlyq", "rate_limit": 10**9}
        self.key = self.ask("POST", f"{self.plane}/keys", wanted)["key"]
        hook = {"url": receiver.url, "events": ["job.completed", "job.failed"]}
        headers = {"authorization": f"Bearer {self.key}"}
        address = f"{self.url}/smartlyq/v1/webhooks"
        httpx.post(address, json=hook, headers=headers, timeout=TIMEOUT_S).raise_for_status()

    def order(self, client: httpx.Client, key: str) -> None:
        """Order under an idempotency key; the id must be the one that was given before."""
        headers = {"authorization": f"Bearer {self.key}", "x-idempotency-key": key}
        made = client.post("/smartlyq/v1/videos/generate", json=BODY, headers=headers)
        assert made.status_code == 202, made.text
        job = made.json()["data"]["job_uid"]
        assert self.jobs.setdefault(key, job) == job, f"{key} made {job} and {self.jobs[key]}"

    def client(self, port: int, enough: threading.Event) -> None:
        """Order at one server until it is gone."""
        url = f"http://127.0.0.1:{port}"
        with httpx.Client(base_url=url, timeout=TIMEOUT_S, verify=False) as client:
            while not enough.is_set():
                key = f"order-{next(self.numbers)}"
                self.lost.add(key)
                try:
                    self.order(client, key)
                except httpx.HTTPError:
                    return
                self.lost.discard(key)

    def disturbed(self, server: subprocess.Popen[str]) -> None:
        """Have clients order, and kill the server when so many were answered."""
        goal = len(self.jobs) + self.rng.randrange(1, self.orders_max)
        enough = threading.Event()
        spread = [self.ports[number % len(self.ports)] for number in range(CLIENTS)]
        crowd = [threading.Thread(target=self.client, args=(port, enough)) for port in spread]
        for one in crowd:
            one.start()
        while len(self.jobs) < goal and any(one.is_alive() for one in crowd):
            crowd[0].join(self.rng.random() / 1000)
        server.send_signal(signal.SIGKILL)
        enough.set()
        for one in crowd:
            one.join(TIMEOUT_S)
        server.wait(TIMEOUT_S)

    def checked(self) -> None:
        """Repeat what was lost, and hold jobs and ledger against what clients know."""
        with httpx.Client(base_url=self.url, timeout=TIMEOUT_S, verify=False) as client:
            for key in sorted(self.lost):
                self.order(client, key)
                self.order(client, key)
        self.lost.clear()
        there = {one["id"] for one in self.rows("jobs", "jobs")}
        assert there == set(self.jobs.values()), there ^ set(self.jobs.values())
        entries = self.rows("accounts/smartlyq/main/entries", "entries")
        charged = [one["job"] for one in entries if one["kind"] == "charge"]
        assert sorted(charged) == sorted(there), "a job was charged twice, or not at all"
        balance = Decimal(self.ask("GET", f"{self.plane}/accounts/smartlyq/main")["balance"])
        assert sum(Decimal(one["amount"]) for one in entries) == balance

    def rows(self, path: str, pick: str) -> list[Any]:
        """Every row of a list of the control plane."""
        rows: list[Any] = []
        while True:
            page = f"{self.plane}/{path}?limit=1000&offset={len(rows)}"
            found = self.ask("GET", page)[pick]
            rows += found
            if len(found) < 1000:
                return rows

    def delivered(self, receiver: Receiver) -> None:
        """Move time until every job's end was told at least once.

        What a killed process had claimed is free for others when the claim is a minute old.
        """
        for _ in range(CLAIM_US // 1_000_000 + 30):
            self.ask("PATCH", f"{self.plane}/clock", {"advance_s": 60})
            if set(self.jobs.values()) <= receiver.told:
                return
            threading.Event().wait(1)
        missing = set(self.jobs.values()) - receiver.told
        raise AssertionError(f"{len(missing)} webhooks never came: {sorted(missing)[:5]}")


def kills(  # the knobs of one trial
    store: str,
    cycles: int,
    seed: int,
    *,
    workers: int = 1,
    minutes: float = 60,
    orders_max: int = ORDERS_MAX,
    to_the_last_webhook: bool = True,
) -> Trial:
    """Run so many kills on one store, or for so long; AssertionError names what did not hold.

    With several workers, those that live answer for the one that was killed before it is back.
    """
    ports = [free_port() for _ in range(workers)]
    trial, receiver = Trial(store, random.Random(seed), ports, orders_max, ports[0]), Receiver()
    until = time.monotonic() + minutes * 60
    with ExitStack() as stack:
        lives = {port: stack.enter_context(ExitStack()) for port in ports}
        running = {port: lives[port].enter_context(serving(store, port)) for port in ports}
        trial.open(receiver)
        while trial.kills < cycles and time.monotonic() < until:
            victim = trial.rng.choice(ports)
            trial.disturbed(running[victim])
            lives[victim].close()
            if workers > 1:
                trial.port = trial.rng.choice([port for port in ports if port != victim])
                trial.checked()
            running[victim] = lives[victim].enter_context(serving(store, victim))
            if workers == 1:
                trial.checked()
            trial.kills += 1
        if to_the_last_webhook:
            trial.delivered(receiver)
    receiver.server.shutdown()
    return trial


def main() -> int:
    """Kill so often, and say what was held against what."""
    wanted = argparse.ArgumentParser(description=__doc__)
    wanted.add_argument("--store", default="")
    wanted.add_argument("--cycles", type=int, default=50)
    wanted.add_argument("--workers", type=int, default=1)
    wanted.add_argument("--seed", type=int, default=1)
    given = wanted.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        store = given.store or f"sqlite:{folder}/killed.db"
        trial = kills(store, given.cycles, given.seed, workers=given.workers)
    tell(f"kills: {given.cycles}, orders: {len(trial.jobs)}; nothing lost, nothing twice")
    return 0


if __name__ == "__main__":
    sys.exit(main())
