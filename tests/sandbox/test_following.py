"""Replies that are streams of events, and jobs that are accepted only to fail.

On a toy vendor that has both; time is moved, and the reader really reads.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import Any

import pytest

from bodydouble.core.account_view import AccountView
from bodydouble.core.jobs import Job, Submission
from bodydouble.core.lifecycle import State
from bodydouble.core.provider import Operation
from bodydouble.core.reasons import Reason
from bodydouble.core.wire import Call, Events, Reply
from bodydouble.web.http import streams
from tests.sandbox.toy import TOY, Toy, found, task


async def follow(call: Call, view: AccountView) -> Reply:
    """A job's state, told anew whenever it is another."""

    async def look(view: AccountView) -> tuple[Any, bool]:
        job = await found(call, view)
        return task(call, view, job), job.final

    return Reply(200, Events(await look(view), look), (("x-told", "yes"),))


async def doom(call: Call, view: AccountView) -> Reply:
    """Accepts what its vendor will find bad only when it runs."""
    submission = Submission(
        operation="doom",
        model="a",
        prompt="",
        price=10,
        names={"job": (await view.job_draw()).uuid4()},
        width=320,
        height=180,
        fps=24,
        duration_ms=1000,
        fails=Reason.BAD_INPUT,
    )
    return Reply(200, {"id": (await view.submit(submission)).id})


FOLLOWED = replace(
    TOY,
    operations=(
        *TOY.operations,
        Operation("follow", "GET", "/v1/tasks/{id}/events", follow),
        Operation("doom", "POST", "/v1/doomed", doom, billed=True),
    ),
    slots=None,
)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "LOOKS_EVERY_S", 0.001)


class Reader:
    """Reads one stream until it ends, or leaves it."""

    def __init__(self, server: Toy, path: str) -> None:
        self.head: Any = None
        self.told: list[Any] = []
        self.ended = False
        self._body = b""
        self._left = asyncio.Event()
        self._news = asyncio.Event()
        scope = {
            "type": "http",
            "scheme": "http",
            "method": "GET",
            "path": f"/toy{path}",
            "query_string": b"",
            "headers": [(b"authorization", server.headers["authorization"].encode())],
            "server": ("toy.test", 80),
        }
        self._asked = False
        self.running = asyncio.create_task(server.app(scope, self._receive, self._send))

    async def _receive(self) -> Any:
        if not self._asked:
            self._asked = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await self._left.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.head = message
        else:
            self._body += message.get("body", b"")
            self.ended = not message.get("more_body")
            lines = self._body.split(b"\n\n")
            self.told = [json.loads(line[6:]) for line in lines if line.startswith(b"data: ")]
        self._news.set()

    async def reads(self, count: int) -> Any:
        """The last of so many events."""
        async with asyncio.timeout(10):
            while len(self.told) < count:
                self._news.clear()
                await self._news.wait()
        return self.told[-1]

    def leave(self) -> None:
        """Goes away."""
        self._left.set()


async def test_a_stream_tells_each_state_once_as_time_moves_and_ends_with_the_last() -> None:
    server = Toy(FOLLOWED)
    id = await server.create()
    reader = Reader(server, f"/v1/tasks/{id}/events")
    assert (await reader.reads(1))["status"] == "PENDING"
    headers = dict(reader.head["headers"])
    assert headers[b"content-type"] == b"text/event-stream"
    assert headers[b"x-told"] == b"yes"
    # Others are served while it is read, and what they do is told.
    await server.advance(3)
    assert (await reader.reads(2))["status"] == "RUNNING"
    await server.advance(60)
    last = await reader.reads(3)
    await reader.running
    assert (last["status"], reader.ended, server.app.streams.open) == ("SUCCEEDED", True, 0)
    assert len(reader.told) == 3


async def test_a_stream_of_what_is_over_ends_at_once_and_of_nothing_never_begins() -> None:
    server = Toy(FOLLOWED)
    id = await server.create()
    await server.advance(60)
    answer = await server.send("GET", f"/v1/tasks/{id}/events")
    event = answer.text.removeprefix("data: ")
    assert json.loads(event)["status"] == "SUCCEEDED"
    assert (await server.send("GET", "/v1/tasks/none/events")).status_code == 404


async def test_a_stream_ends_when_its_reader_leaves_and_when_the_server_stops() -> None:
    server = Toy(FOLLOWED)
    id = await server.create()
    for stop in ("leaves", "closes"):
        reader = Reader(server, f"/v1/tasks/{id}/events")
        await reader.reads(1)
        assert server.app.streams.open == 1
        reader.leave() if stop == "leaves" else server.app.streams.close()
        async with asyncio.timeout(10):
            await reader.running
        assert server.app.streams.open == 0
    refused = await server.send("GET", f"/v1/tasks/{id}/events")
    assert (refused.status_code, refused.json()) == (503, {"error": "unavailable"})


async def test_more_streams_than_may_be_open_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    server = Toy(FOLLOWED)
    id = await server.create()
    monkeypatch.setattr(streams, "OPEN_MAX", 1)
    reader = Reader(server, f"/v1/tasks/{id}/events")
    await reader.reads(1)
    assert (await server.send("GET", f"/v1/tasks/{id}/events")).status_code == 503
    reader.leave()
    await reader.running
    await server.advance(60)
    assert (await server.send("GET", f"/v1/tasks/{id}/events")).status_code == 200


async def test_a_stream_ends_with_its_sandbox_and_after_its_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    server = Toy(FOLLOWED)
    id = await server.create()
    reader = Reader(server, f"/v1/tasks/{id}/events")
    await reader.reads(1)
    await server.client.delete(f"http://localhost/_bodydouble/sandboxes/{server.sandbox}")
    async with asyncio.timeout(10):
        await reader.running
    assert reader.ended
    monkeypatch.setattr(streams, "LIFETIME_LOOKS", 3)
    id = await server.create()
    reader = Reader(server, f"/v1/tasks/{id}/events")
    async with asyncio.timeout(10):
        await reader.running
    assert (len(reader.told), reader.ended) == (1, True)


@pytest.mark.parametrize("scenario", ["normal", "failed", "moderated"])
async def test_what_is_accepted_only_to_fail_fails_for_its_reason_whatever_else_is_asked(
    scenario: str,
) -> None:
    server = Toy(FOLLOWED, scenario=scenario)
    id = (await server.send("POST", "/v1/doomed", json={})).json()["id"]
    assert await server.status(id) == "PENDING"
    await server.advance(60)
    assert await server.status(id) == "FAILED"
    job: Job = await server.job(id)
    assert (job.state, job.reason) == (State.FAILED, Reason.BAD_INPUT)
