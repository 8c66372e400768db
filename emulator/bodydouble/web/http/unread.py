"""Answers to requests that nobody read to their end, so that they arrive all the same.

A connection that is closed while the client still sends is reset, and the client never sees why it
was refused. So the rest is read and thrown away after the answer, within a bound of bytes and of
seconds, and only then the connection ends.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

from starlette.types import Message, Receive, Send

DISCARDED_BYTES_MAX = 64 * 1024 * 1024
DISCARDING_S = 10.0
# A rest that is shorter is under way already, and the connection may as well be kept.
_SHORT_BYTES = 64 * 1024


class Unread:
    """Both halves of an ASGI exchange; ``length`` is that of the request as far as it is told."""

    def __init__(self, receive: Receive, send: Send, length: bytes | None) -> None:
        self._receive = receive
        self._send = send
        short = length is not None and length.isdigit() and int(length) <= _SHORT_BYTES
        self._done = short
        self.transport = transport_of(send)

    async def receive(self) -> Message:
        """The next part of the request."""
        message = await self._receive()
        if message["type"] == "http.disconnect" or not message.get("more_body", False):
            self._done = True
        return message

    async def send(self, message: Message) -> None:
        """Sends a part of the answer; behind the last, reads on what is left of the request."""
        if self._done:
            await self._send(message)
        elif message["type"] == "http.response.start":
            kept = [pair for pair in message["headers"] if pair[0].lower() != b"connection"]
            await self._send({**message, "headers": [*kept, (b"connection", b"close")]})
        elif message.get("more_body", False):
            await self._send(message)
        else:
            await self._send({**message, "more_body": True})
            await self._end()

    async def _end(self) -> None:
        link = self.transport
        half = link is not None and not link.is_closing() and link.can_write_eof()
        if half:
            link.write_eof()
        # Who drives an application without a loop has no connection that could be reset.
        if asyncio._get_running_loop() is not None:
            with suppress(TimeoutError):
                async with asyncio.timeout(DISCARDING_S):
                    size = 0
                    while not self._done and size < DISCARDED_BYTES_MAX:
                        size += len((await self.receive()).get("body", b""))
        if half:
            link.close()
            await gone(self._receive)
        else:
            await self._send({"type": "http.response.body", "body": b""})


async def gone(receive: Receive) -> None:
    """Waits until the server has seen the end, or it would answer a 500 of its own."""
    while (await receive())["type"] != "http.disconnect":
        continue


def transport_of(send: Send) -> Any:
    """The connection behind ``send``; None where there is none, or the server hides it."""
    # ASGI has no word for it: uvicorn's send is a method of the cycle that owns the transport.
    transport = getattr(getattr(send, "__self__", None), "transport", None)
    return transport if hasattr(transport, "abort") else None
