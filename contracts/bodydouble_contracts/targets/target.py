"""What a target is: anything with one seam, `send(Request) -> Reply`, so that a budget guard can
stand in front of any of them.

All raise `Lost` when no whole reply came and never judge what came. Replies are bounded.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Protocol

import httpx

from bodydouble_contracts.history.exchanges import TOO_SLOW, Headers, Reply, Request

MAX_REPLY_BYTES = 8 * 1024 * 1024
"""Longer replies are cut: a vendor's API has no reason to send them, a broken target does."""

CODED = ("content-encoding", "content-length")
PIECE_BYTES = 4096

App = Callable[
    [
        MutableMapping[str, Any],
        Callable[[], Awaitable[Any]],
        Callable[[MutableMapping[str, Any]], Awaitable[None]],
    ],
    Awaitable[None],
]


class Lost(Exception):
    """No whole reply arrived: the request may or may not have had its effect."""


class TooSlow(Lost):
    """We stopped waiting: it says something of the machine, and nothing of the target."""

    def __init__(self, told: str) -> None:
        """Take how long was waited for what."""
        super().__init__(TOO_SLOW + told)


class TargetError(Exception):
    """The target cannot be used at all; the text says why and what to do."""


class Target(Protocol):
    """Anything that answers requests."""

    name: str

    def send(self, request: Request) -> Reply:
        """Send one request as it stands, credentials included. Raises Lost or TargetError."""

    def close(self) -> None:
        """Let go of connections."""


def outcome(send: Callable[[], Reply]) -> Reply | str:
    """Return a reply, or why it was lost."""
    try:
        return send()
    except Lost as error:
        return str(error) or "lost"


def decoded(status: int, headers: Headers, raw: bytes, cut: bool = False) -> Reply:
    """Return a reply with the body that its coding stands for, and without the coding's headers.

    What the coding it names cannot have made, and a cut one, stays as it came, for the contracts
    to see.
    """
    if not any(name.lower() == "content-encoding" for name, _ in headers):
        return Reply(status, headers, raw[:MAX_REPLY_BYTES], cut)
    body, size = bytearray(), 0
    try:
        # In small pieces, so that a bomb goes off in small pieces, too.
        pieces = (raw[at : at + PIECE_BYTES] for at in range(0, len(raw), PIECE_BYTES))
        for chunk in httpx.Response(status, headers=list(headers), content=pieces).iter_bytes():
            size += len(chunk)
            body += chunk[: MAX_REPLY_BYTES - len(body)]
            if size > MAX_REPLY_BYTES:
                break
    except httpx.DecodingError:
        return Reply(status, headers, raw[:MAX_REPLY_BYTES], cut)
    kept = tuple(pair for pair in headers if pair[0].lower() not in CODED)
    return Reply(status, kept, bytes(body), cut or size > MAX_REPLY_BYTES)
