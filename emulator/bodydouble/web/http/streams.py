"""Event streams (Server-Sent Events): of which things have changed, or of what a look gives.

A stream looks a few times a second for as long as somebody reads it: who changes something does not
know of it, and pays nothing. How many may be open, how long each lives and when all end is bounded
here; what the things are is the caller's to say.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from starlette.types import Message, Receive, Scope, Send

OPEN_MAX = 64
LOOKS_EVERY_S = 0.25
LIFETIME_LOOKS = 3_600
BREATH_LOOKS = 60

Marks = Callable[[], Awaitable[Mapping[str, str] | None]]
"""What each thing is marked with now: another mark, another state. None: there is nothing more."""
Look = Callable[[], Awaitable[tuple[str, bool]]]
"""What is to be written now (empty: nothing new), and whether nothing comes after it."""

HEADERS = (
    (b"content-type", b"text/event-stream"),
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-accel-buffering", b"no"),
)


class TooMany(Exception):
    """No more may be opened; the text says why."""


class Streams:
    """The event streams of one server."""

    def __init__(self) -> None:
        self.open = 0
        self.closing = False

    def close(self) -> None:
        """Ends every stream at its next look, and refuses new ones. May be called by a signal."""
        self.closing = True

    def of(self, marks: Marks) -> EventStream:
        """A stream of the changes that ``marks`` shows, as an ASGI response. TooMany."""
        return self.looking(_Changes(marks).look)

    def looking(self, look: Look, headers: Sequence[tuple[bytes, bytes]] = HEADERS) -> EventStream:
        """A stream of what ``look`` gives, as an ASGI response. TooMany."""
        self._check()
        return EventStream(self, look, headers)

    @contextmanager
    def place(self) -> Iterator[None]:
        """Takes a place for a request that waits for something, as a stream takes one. TooMany."""
        self._check()
        self.open += 1
        try:
            yield
        finally:
            self.open -= 1

    def _check(self) -> None:
        if self.closing:
            raise TooMany("the server is being stopped")
        if self.open >= OPEN_MAX:
            raise TooMany(f"{OPEN_MAX} requests wait for changes, as many as this server keeps")


class EventStream:
    """One stream: what is new is written at each look; what happens between two is seen as one."""

    def __init__(
        self, streams: Streams, look: Look, headers: Sequence[tuple[bytes, bytes]]
    ) -> None:
        self._streams = streams
        self._look = look
        self._headers = headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends until the reader leaves, the server ends or nothing is left to tell."""
        head = {"type": "http.response.start", "status": 200, "headers": list(self._headers)}
        await send(head)
        if scope["method"] == "HEAD":
            await send({"type": "http.response.body", "body": b""})
            return
        self._streams.open += 1
        gone = asyncio.ensure_future(_left(receive))
        try:
            await self._send_what_is_new(gone, send)
        finally:
            self._streams.open -= 1
            gone.cancel()
            await asyncio.gather(gone, return_exceptions=True)
        await send({"type": "http.response.body", "body": b""})

    async def _send_what_is_new(self, gone: asyncio.Future[None], send: Send) -> None:
        for look in range(LIFETIME_LOOKS):
            text, last = await self._look()
            if text:
                await send(_body(text))
            elif look % BREATH_LOOKS == 0:
                await send(_body(": still here\n\n"))
            if last:
                return
            await asyncio.wait((gone,), timeout=LOOKS_EVERY_S)
            if gone.done() or self._streams.closing:
                return


class _Changes:
    """An event for each thing whose mark is another than at the look before."""

    def __init__(self, marks: Marks) -> None:
        self._marks = marks
        self._told: Mapping[str, str] = {}

    async def look(self) -> tuple[str, bool]:
        """What has changed."""
        marks = await self._marks()
        if marks is None:
            return "event: gone\ndata: gone\n\n", True
        changed = [name for name, mark in marks.items() if self._told.get(name) != mark]
        # What a reader has seen is in the page it read; it is told of what comes after.
        event = "hello" if not self._told else ""
        self._told = marks
        if not changed:
            return "", False
        named = [event] if event else changed
        data = " ".join(f"{name}={marks[name]}" for name in changed)
        return "".join(f"event: {one}\ndata: {data}\n\n" for one in named), False


async def _left(receive: Receive) -> None:
    """Waits until the client has left."""
    while (await receive())["type"] != "http.disconnect":
        pass


def _body(text: str) -> Message:
    return {"type": "http.response.body", "body": text.encode(), "more_body": True}
