"""A server that is told to stop: what is under way ends, nothing due is lost, and it ends in time.

The servers are processes, as a user or a container starts them.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.cli.shell import BODYDOUBLE, START_S
from tests.vendors.asking import asking
from tests.webhooks.session import Receiver, receiving

KEY = "sqk_live_stopping"
WAY = asking("smartlyq")
LONG = "600"
ALONE: tuple[str, ...] = ()
Words = tuple[str, ...]


@dataclass(frozen=True)
class Served:
    """A running server, and what it said of itself."""

    process: subprocess.Popen[str]
    facts: dict[str, Any]

    @property
    def url(self) -> str:
        return str(self.facts["url"])

    def refuses(self) -> None:
        """Waits until nobody is taken in any more."""
        until(lambda: not self._connects())

    def _connects(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.facts["port"]), timeout=5).close()
        except OSError:
            return False
        return True

    def ended(self) -> tuple[int, str]:
        """Its exit status and what it wrote to standard error."""
        _, wrong = self.process.communicate(timeout=START_S)
        return self.process.returncode, wrong


def until(true: Callable[[], Any]) -> None:
    """Asks again until it is true; half a minute without is a failure."""
    deadline = time.monotonic() + START_S
    while not true():
        assert time.monotonic() < deadline, "it has not come to be"


@contextmanager
def served(ready: Path, *words: str) -> Iterator[Served]:
    """A server, once its file is there; it is killed at the end if nobody has stopped it."""
    process = subprocess.Popen(
        [BODYDOUBLE, "serve", "--port", "0", "--quiet", "--ready-file", str(ready), *words],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        until(lambda: ready.exists() or process.poll() is not None)
        assert process.poll() is None, process.communicate()
        yield Served(process, json.loads(ready.read_text()))
    finally:
        process.kill()
        process.communicate()


def two(tmp_path: Path) -> Words:
    """Two workers and what they share."""
    return ("--workers", "2", "--store", f"sqlite:{tmp_path}/shared.db")


def sandbox(one: Served, **fault: Any) -> dict[str, str]:
    """A sandbox where every order meets the fault; headers that lead into it."""
    made = httpx.post(f"{one.url}/_bodydouble/sandboxes", json={}).json()
    armed = httpx.post(f"{one.url}/_bodydouble/sandboxes/{made['id']}/faults", json=fault)
    assert armed.status_code == 201, armed.text
    return WAY.headers(made["keys"]["smartlyq"])


def asked(one: Served, method: str, path: str, headers: dict[str, str]) -> socket.socket:
    """A request that was sent; whoever asks afterwards has an answer after it has begun."""
    link = socket.create_connection(("127.0.0.1", one.facts["port"]), timeout=START_S)
    body = json.dumps(WAY.body("a fox")) if method == "POST" else ""
    named = {**headers, "host": "localhost", "content-length": str(len(body))}
    head = "".join(f"{name}: {value}\r\n" for name, value in named.items())
    link.sendall(f"{method} {path} HTTP/1.1\r\n{head}\r\n{body}".encode())
    return link


def heard(link: socket.socket) -> bytes:
    """All that still comes."""
    said = b""
    while chunk := link.recv(65_536):
        said += chunk
    link.close()
    return said


@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("workers", [1, 2])
def test_a_request_under_way_is_answered_and_the_status_is_0(
    tmp_path: Path, told: signal.Signals, workers: int
) -> None:
    ready = tmp_path / "ready.json"
    with served(ready, *(ALONE if workers == 1 else two(tmp_path)), "--drain", LONG) as one:
        headers = sandbox(one, point="departure", kind="latency", latency={"ms": 700})
        link = asked(one, "POST", WAY.submit_path, headers)
        # The order is there, so its answer is what is waited for.
        box = httpx.get(f"{one.url}/_bodydouble/sandboxes").json()["sandboxes"][0]["id"]
        until(lambda: httpx.get(f"{one.url}/_bodydouble/sandboxes/{box}/jobs").json()["jobs"])
        one.process.send_signal(told)
        assert heard(link).startswith(b"HTTP/1.1 202")
        assert one.ended() == (0, "")
        assert not ready.exists()


@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGINT])
def test_streams_of_several_workers_end_and_are_not_cut(
    tmp_path: Path, told: signal.Signals
) -> None:
    with served(tmp_path / "ready.json", *two(tmp_path), "--drain", LONG) as one:
        links = [asked(one, "GET", "/_bodydouble/ui/changes", {}) for _ in range(4)]
        said = [b""] * len(links)
        for place, link in enumerate(links):
            while b"event: hello" not in said[place]:
                said[place] += link.recv(65_536)
        one.process.send_signal(told)
        # The last chunk of a whole answer.
        assert all(heard(link).endswith(b"0\r\n\r\n") for link in links)
        assert one.ended() == (0, "")


@pytest.mark.parametrize("workers", [1, 2])
def test_what_does_not_end_in_time_is_cut(tmp_path: Path, workers: int) -> None:
    words = ALONE if workers == 1 else two(tmp_path)
    with served(tmp_path / "ready.json", *words, "--drain", "0", "--log-format", "json") as one:
        link = asked(one, "POST", WAY.submit_path, sandbox(one, point="arrival", kind="hang"))
        until(lambda: faults_struck(one))
        one.process.send_signal(signal.SIGTERM)
        assert heard(link).startswith(b"HTTP/1.1 500")
        status, wrong = one.ended()
        assert status == 0
        told = [json.loads(line)["message"] for line in wrong.splitlines()]
        assert sum("Cancel 1 running task" in one for one in told) == 1
        assert len(told) == workers


def faults_struck(one: Served) -> int:
    """How often the fault of the only sandbox has struck."""
    box = httpx.get(f"{one.url}/_bodydouble/sandboxes").json()["sandboxes"][0]["id"]
    faults = httpx.get(f"{one.url}/_bodydouble/sandboxes/{box}/faults").json()["faults"]
    return sum(fault["injected"] for fault in faults)


@pytest.mark.parametrize("workers", [1, 2])
def test_a_second_signal_ends_it_at_once(tmp_path: Path, workers: int) -> None:
    ready = tmp_path / "ready.json"
    with served(ready, *(ALONE if workers == 1 else two(tmp_path)), "--drain", LONG) as one:
        link = asked(one, "POST", WAY.submit_path, sandbox(one, point="arrival", kind="hang"))
        until(lambda: faults_struck(one))
        one.process.send_signal(signal.SIGTERM)
        one.refuses()
        assert one.process.poll() is None
        one.process.send_signal(signal.SIGTERM)
        assert one.ended()[0] == -signal.SIGTERM
        link.close()
        one.refuses()
        assert not ready.exists()


def test_workers_end_when_whoever_started_them_is_gone(tmp_path: Path) -> None:
    with served(tmp_path / "ready.json", *two(tmp_path)) as one:
        one.process.kill()
        one.process.wait()
        one.refuses()


def test_workers_that_cannot_start_say_so_once_and_nothing_is_announced(tmp_path: Path) -> None:
    ready = tmp_path / "ready.json"
    words = ("--workers", "2", "--store", "redis://127.0.0.1:1", "--ready-file", str(ready))
    done = subprocess.run(
        [BODYDOUBLE, "serve", "--port", "0", *words],
        capture_output=True,
        text=True,
        check=False,
        timeout=START_S,
    )
    assert (done.returncode, done.stdout) == (3, "")
    assert not ready.exists()


def test_a_film_that_is_being_made_is_given_up(tmp_path: Path) -> None:
    pytest.importorskip("av")
    with served(tmp_path / "ready.json", "--speed", "1000000", "--drain", LONG) as one:
        headers = WAY.headers(KEY)
        order = {**WAY.body("a fox"), "duration": 10}
        made = httpx.post(f"{one.url}{WAY.submit_path}", json=order, headers=headers)
        link = result_of(one, WAY.job(made), headers)
        waiting = asked(one, "GET", link.removeprefix(one.url), {})
        one.process.send_signal(signal.SIGTERM)
        said = heard(waiting)
        assert said == b"" or b" 503 " in said.partition(b"\r\n")[0]
        assert one.ended() == (0, "")


def result_of(one: Served, job: str, headers: dict[str, str]) -> str:
    """The address of a job's film, once it has ended."""
    shown: list[Any] = []

    def ended() -> bool:
        answer = httpx.get(f"{one.url}{WAY.poll_path.format(job=job)}", headers=headers)
        shown.append(WAY.shown("result", answer))
        return isinstance(shown[-1], str)

    until(ended)
    return str(shown[-1])


# Webhooks --------------------------------------------------------------------------------------


async def subscribed(client: httpx.AsyncClient, receiver: Receiver) -> None:
    events = {"url": receiver.url, "events": ["job.completed"]}
    answer = await client.post("/smartlyq/v1/webhooks", json=events)
    assert answer.status_code == 201, answer.text


@asynccontextmanager
async def calling(one: Served) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=one.url, headers=WAY.headers(KEY)) as client:
        yield client


async def test_webhooks_that_are_due_are_sent_before_it_ends(tmp_path: Path) -> None:
    words = ("--speed", "1000000", "--drain", "60")
    async with receiving(held=True) as receiver:
        with served(tmp_path / "ready.json", *words) as one:
            async with calling(one) as client:
                await subscribed(client, receiver)
                for _ in range(3):
                    await client.post(WAY.submit_path, json=WAY.body("a fox"))
            await receiver.until(1)
            one.process.send_signal(signal.SIGTERM)
            await asyncio.to_thread(one.refuses)
            receiver.open.set()
            assert await asyncio.to_thread(one.ended) == (0, "")
    assert len(receiver.got) == 3


async def test_a_webhook_that_could_not_be_sent_leaves_at_the_next_start(tmp_path: Path) -> None:
    words = ("--speed", "1000000", "--store", f"sqlite:{tmp_path}/kept.db", "--drain", "0")
    async with receiving(held=True) as receiver:
        with served(tmp_path / "ready.json", *words) as one:
            async with calling(one) as client:
                await subscribed(client, receiver)
                await client.post(WAY.submit_path, json=WAY.body("a fox"))
            await receiver.until(1)
            one.process.send_signal(signal.SIGTERM)
            assert (await asyncio.to_thread(one.ended))[0] == 0
        receiver.open.set()
        with served(tmp_path / "ready.json", *words):
            # In half a minute: what a crash leaves behind would be free after a whole one.
            await receiver.until(2)


def test_the_file_says_where_everything_is(tmp_path: Path) -> None:
    ready = tmp_path / "ready.json"
    with served(ready) as one:
        assert {*one.facts} == {*["url", "seed", "vendors", "environment", "page", "port", "pid"]}
        assert one.facts["pid"] == one.process.pid
        for base in one.facts["vendors"].values():
            assert base.startswith(one.url)
        assert httpx.get(one.facts["page"]).status_code == 200
        assert [path.name for path in ready.parent.iterdir()] == [ready.name]
        # Another server has taken the name over: its file is not ours to remove.
        ready.write_text(json.dumps({**one.facts, "pid": os.getpid()}))
        one.process.send_signal(signal.SIGTERM)
        assert one.ended() == (0, "")
    assert ready.exists()
