"""An answer that is known goes out in one piece, and nothing that stands between is passed by."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from types import SimpleNamespace
from typing import Any

import pytest
from uvicorn.server import ServerState

from bodydouble.core.wire import Call, Reply
from bodydouble.web.http.messages import send_reply
from bodydouble.web.http.protocol import Protocol
from bodydouble.web.server import config_for

GET = b"GET /x HTTP/1.1\r\nHost: a\r\n\r\n"
HEADERS = (("x-one", "1"), ("x-two", "deux \u00e0"))


class Task:
    """What uvicorn keeps of a task."""

    def add_done_callback(self, done: object) -> None:
        pass


class Time:
    """A loop whose time stands still until it is moved, and whose tasks are done when asked."""

    def __init__(self) -> None:
        self.now = 0.0
        self.alarms: list[tuple[float, Callable[..., object]]] = []
        self.tasks: list[Coroutine[Any, Any, None]] = []

    def time(self) -> float:
        return self.now

    def call_later(self, seconds: float, ring: Callable[..., object]) -> Any:
        return self.call_at(self.now + seconds, ring)

    def call_at(self, at: float, ring: Callable[..., object]) -> Any:
        alarm = (at, ring)
        self.alarms.append(alarm)
        return SimpleNamespace(cancel=lambda: self.alarms.remove(alarm))

    def create_task(self, work: Coroutine[Any, Any, None]) -> Any:
        self.tasks.append(work)
        return Task()

    def work(self) -> None:
        while self.tasks:
            with pytest.raises(StopIteration):
                self.tasks.pop(0).send(None)

    def move(self, seconds: float) -> None:
        until = self.now + seconds
        while due := [alarm for alarm in self.alarms if alarm[0] <= until]:
            alarm = min(due, key=lambda one: one[0])
            self.alarms.remove(alarm)
            self.now = alarm[0]
            alarm[1]()
        self.now = until


class Link(asyncio.Transport):
    """The client's end."""

    def __init__(self) -> None:
        super().__init__()
        self.written: list[bytes] = []
        self.closed = False

    def write(self, data: Any) -> None:
        self.written.append(bytes(data))

    def is_closing(self) -> bool:
        return self.closed

    def close(self) -> None:
        self.closed = True

    def can_write_eof(self) -> bool:
        return False

    def resume_reading(self) -> None:
        pass

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return default


def connected(
    reply: Reply, time: Time, around: Callable[[Any], Any] | None = None
) -> tuple[Callable[[bytes], None], Link, Protocol]:
    """A connection to an application that always gives ``reply``."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send_reply(around(send) if around else send, reply, Call("GET", "/x"), scope)

    config = config_for(app)
    config.load()
    config.loaded_app = app
    one = Protocol(config, ServerState(), {}, time)  # type: ignore[arg-type]
    link = Link()
    one.connection_made(link)

    def ask(data: bytes) -> None:
        one.data_received(data)
        time.work()

    return ask, link, one


def test_an_answer_is_one_write_and_says_what_two_would() -> None:
    ask, link, _ = connected(Reply(200, b'{"a":1}', HEADERS), Time())
    ask(GET)
    (whole,) = link.written
    head, _, body = whole.partition(b"\r\n\r\n")
    assert head.split(b"\r\n")[0] == b"HTTP/1.1 200 OK"
    assert b"x-two: deux \xe0" in head.split(b"\r\n")
    assert b"content-length: 7" in head.split(b"\r\n")
    assert body == b'{"a":1}'
    ask(GET)
    assert link.written[1:] == [whole]


def test_a_line_end_in_a_value_is_not_written() -> None:
    for value in ("a\r\nset-cookie: b", "a\nb", "a\0b", "a\rb"):
        ask, link, _ = connected(Reply(200, b"{}", (("x-one", value), ("x-two", "b"))), Time())
        ask(GET)
        assert not link.written
        assert link.closed


def test_whoever_stands_before_the_server_sees_the_answer() -> None:
    seen = []

    def watched(send: Any) -> Any:
        async def watching(message: Any) -> None:
            seen.append(message["type"])
            await send(message)

        return watching

    ask, link, _ = connected(Reply(200, b"{}", HEADERS), Time(), watched)
    ask(GET)
    assert seen == ["http.response.start", "http.response.body"]
    assert b"".join(link.written).endswith(b"{}")


@pytest.mark.parametrize(
    "request_", [b"HEAD /x HTTP/1.1\r\n\r\n", b"GET /x HTTP/1.1\r\nConnection: close\r\n\r\n"]
)
def test_a_request_that_ends_otherwise_goes_the_usual_way(request_: bytes) -> None:
    ask, link, _ = connected(Reply(200, b"{}", HEADERS), Time())
    ask(request_)
    written = b"".join(link.written)
    assert written.endswith(b"{}") is not request_.startswith(b"HEAD")
    assert link.closed is (b"close" in request_)


def test_an_idle_connection_ends_after_its_last_answer_not_its_first() -> None:
    time = Time()
    ask, link, _ = connected(Reply(200, b"{}", HEADERS), time)
    ask(GET)
    time.move(70)
    ask(GET)
    time.move(70)
    assert not link.closed
    time.move(6)
    assert link.closed


def test_a_request_begun_is_not_cut_by_the_alarm_of_the_last() -> None:
    time = Time()
    ask, link, _ = connected(Reply(200, b"{}", HEADERS), time)
    ask(GET)
    time.move(74)
    ask(GET[:10])
    time.move(2)
    assert not link.closed
    ask(GET[10:])
    assert len(link.written) == 2
    time.move(76)
    assert link.closed


def test_who_leaves_leaves_no_alarm_behind() -> None:
    time = Time()
    ask, _, one = connected(Reply(200, b"{}", HEADERS), time)
    ask(GET)
    assert time.alarms
    one.connection_lost(None)
    assert not time.alarms


def test_an_offer_of_another_protocol_is_answered_in_this_one_and_said_to_nobody(
    caplog: pytest.LogCaptureFixture,
) -> None:
    ask, link, _ = connected(Reply(200, b"{}", HEADERS), Time())
    ask(b"GET /x HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
    assert b"".join(link.written).startswith(b"HTTP/1.1 200 ")
    assert caplog.records == []
