"""Event streams (Server-Sent Events) that tell which things have changed, and nothing of them.

A stream looks a few times a second for as long as somebody reads it: who changes something does not
know of it, and pays nothing. How many may be open, how long each lives and when all end is bounded
here; what the things are is the caller's to say.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager

from starlette.types import Message, Receive, Scope, Send

OPEN_MAX = 64
LOOKS_EVERY_S = 0.25
LIFETIME_LOOKS = 3_600
BREATH_LOOKS = 60

Marks = Callable[[], Awaitable[Mapping[str, str] | None]]
"""What each thing is marked with now: another mark, another state. None: there is nothing more."""

_HEADERS = [
    (b"content-type", b"text/event-stream"),
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-accel-buffering", b"no"),
]


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
        self._check()
        return EventStream(self, marks)

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
    """One stream: an event for each thing that changed, coalesced between two looks."""

    def __init__(self, streams: Streams, marks: Marks) -> None:
        self._streams = streams
        self._marks = marks

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends until the reader leaves, the server ends or nothing is left to tell."""
        await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
        if scope["method"] == "HEAD":
            await send({"type": "http.response.body", "body": b""})
            return
        self._streams.open += 1
        gone = asyncio.ensure_future(_left(receive))
        try:
            await self._send_changes(gone, send)
        finally:
            self._streams.open -= 1
            gone.cancel()
            await asyncio.gather(gone, return_exceptions=True)
        await send({"type": "http.response.body", "body": b""})

    async def _send_changes(self, gone: asyncio.Future[None], send: Send) -> None:
        told: Mapping[str, str] = {}
        for look in range(LIFETIME_LOOKS):
            marks = await self._marks()
            if marks is None:
                await send(_body("event: gone\ndata: gone\n\n"))
                return
            changed = [name for name, mark in marks.items() if told.get(name) != mark]
            if changed:
                # What a reader has seen is in the page it read; it is told of what comes after.
                event = "hello" if not told else ""
                named = [event] if event else changed
                data = " ".join(f"{name}={marks[name]}" for name in changed)
                await send(_body("".join(f"event: {one}\ndata: {data}\n\n" for one in named)))
            elif look % BREATH_LOOKS == 0:
                await send(_body(": still here\n\n"))
            told = marks
            await asyncio.wait((gone,), timeout=LOOKS_EVERY_S)
            if gone.done() or self._streams.closing:
                return


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _body(text: str) -> Message:
    return {"type": "http.response.body", "body": text.encode(), "more_body": True}
