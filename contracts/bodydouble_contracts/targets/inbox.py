"""A receiver of webhooks on loopback: it keeps what arrives and answers as it is told to.

Each inbox is a path of one small server. Bodies are bounded; it verifies nothing, because
contracts do. A mutant's `egress` may stand between the wire and the inbox.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any

from bodydouble_contracts.history.exchanges import Delivery

MAX_BODY_BYTES = 1024 * 1024
MAX_KEPT = 1000

Egress = Callable[[Callable[[Any], Awaitable[int]]], Callable[[Any], Awaitable[int]]]


@dataclass(frozen=True, slots=True)
class Parcel:
    """One delivery on its way, as a mutant sees it. Header names are lower case."""

    url: str
    headers: dict[str, str]
    body: bytes
    siblings: tuple[str, ...] = ()

    def copy(self, **changes: Any) -> Parcel:
        """Return a copy with some parts changed."""
        return replace(self, **changes)


@dataclass(slots=True)
class Box:
    """One inbox: its secret, and the answers still to give (the last one repeats)."""

    name: str
    answers: list[int] = field(default_factory=lambda: [204])
    secret: str = ""

    def answer(self) -> int:
        """Return the next answer."""
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


class Inbox:
    """The server with its boxes; use it as a context manager."""

    def __init__(self, egress: Egress | None = None) -> None:
        """Take a mutant's wrapper of senders, if there is one."""
        self.boxes: dict[str, Box] = {}
        self._kept: list[tuple[Parcel, int, Box]] = []
        self._lock = threading.Lock()
        self._send = egress(self._arrive) if egress else self._arrive
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True

    def __enter__(self) -> Inbox:
        """Start receiving."""
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        """Stop receiving."""
        self._server.shutdown()
        self._server.server_close()

    def open(self, name: str, answers: list[int] | None = None) -> str:
        """Open a box and return its URL."""
        self.boxes[name] = Box(name, answers or [204])
        return self.url(name)

    def url(self, name: str) -> str:
        """Return a box's URL."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/{name}"

    def take(self, session: Any) -> list[Delivery]:
        """Return and forget what has arrived, dated by the session's clock."""
        with self._lock:
            kept, self._kept = self._kept, []
        return [
            Delivery(
                tuple(p.headers.items()), p.body, answered, session.now_us, box.name, box.secret
            )
            for p, answered, box in kept
        ]

    async def _arrive(self, parcel: Parcel) -> int:
        name = parcel.url.rpartition("/")[2]
        with self._lock:
            box = self.boxes.get(name)
            if box is None or len(self._kept) >= MAX_KEPT:
                return 404
            answered = box.answer()
            self._kept.append((parcel, answered, box))
        return answered

    def receive(self, name: str, headers: dict[str, str], body: bytes) -> int:
        """Take one delivery off the wire and return the status to answer with."""
        siblings = tuple(self.url(n) for n in self.boxes)
        parcel = Parcel(self.url(name), headers, body, siblings)
        return asyncio.run(_awaited(self._send(parcel)))

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        inbox = self

        class Handler(BaseHTTPRequestHandler):
            """Reads one POST, answers, keeps quiet."""

            def do_POST(self) -> None:
                """Receive."""
                length = min(int(self.headers.get("content-length") or 0), MAX_BODY_BYTES)
                body = self.rfile.read(length)
                heads = {k.lower(): v for k, v in self.headers.items()}
                status = inbox.receive(self.path.strip("/"), heads, body)
                self.send_response(status)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                """Say nothing."""

        return Handler


async def _awaited(coming: Awaitable[int]) -> int:
    return await coming
