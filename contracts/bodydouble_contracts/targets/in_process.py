"""An ASGI app in this process as a target: stepped by hand, or run on a loop of its own.

An exception that escapes the app is the 500 that a server makes of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, MutableMapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from bodydouble_contracts.history.exchanges import Headers, Reply, Request
from bodydouble_contracts.targets.target import (
    MAX_REPLY_BYTES,
    App,
    Lost,
    TargetError,
    TooSlow,
    decoded,
    outcome,
)


@dataclass(slots=True)
class Sent:
    """One request on its way through an app: feed it with `step` until it is done."""

    app: App
    request: Request
    status: int = 0
    headers: Headers = ()
    chunks: list[bytes] = field(default_factory=list)
    done: bool = False
    whole: bool = False
    size: int = 0
    _coro: Any = None
    _read: bool = False
    _over: asyncio.Event | None = None

    def step(self) -> bool:
        """Run the app to its next bare yield; say whether it has finished."""
        if self._coro is None:
            self._coro = self.app(scope_of(self.request), self._receive, self._take)
        try:
            self._coro.send(None)
        except StopIteration:
            self.done = True
        except Exception as error:
            self.done = True
            self._fail(error)
        return self.done

    async def run(self) -> None:
        """Run the app to its end on the running loop."""
        self._over = asyncio.Event()
        try:
            await self.app(scope_of(self.request), self._receive, self._take)
        except Exception as error:
            self._fail(error)

    def reply(self) -> Reply:
        """Return the whole reply. Raises Lost if the app ended before it was complete."""
        if not self.status or not self.whole:
            raise Lost("the app ended without a whole reply")
        cut = self.size > MAX_REPLY_BYTES
        return decoded(self.status, self.headers, b"".join(self.chunks), cut)

    def _fail(self, error: Exception) -> None:
        if self.status:
            return
        if isinstance(error, ConnectionError):
            return  # the app tears the connection on purpose: the reply is lost
        # An exception that escapes the app is what a server turns into a bare 500.
        self.status, self.whole = 500, True
        self.headers = (("content-type", "text/plain"), ("x-judge-exception", type(error).__name__))
        self.chunks = [f"{type(error).__name__}: {error}".encode()]

    async def _receive(self) -> dict[str, Any]:
        if self._read:
            # A client that reads its answer leaves after it: an app may give up for one that left.
            if self._over is not None:
                await self._over.wait()
            return {"type": "http.disconnect"}
        self._read = True
        return {"type": "http.request", "body": self.request.body, "more_body": False}

    async def _take(self, message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            pairs = message.get("headers", ())
            self.headers = tuple((k.decode("latin-1"), v.decode("latin-1")) for k, v in pairs)
        elif message["type"] == "http.response.body":
            chunk = message.get("body", b"")
            self.size += len(chunk)
            if self.size <= MAX_REPLY_BYTES:
                self.chunks.append(bytes(chunk))
            self.whole = self.whole or not message.get("more_body", False)
            if self.whole and self._over is not None:
                self._over.set()


def scope_of(request: Request) -> dict[str, Any]:
    """Return the ASGI scope of a request."""
    raw = request.path.encode("utf-8", "surrogatepass")
    headers = [
        (k.lower().encode("latin-1", "replace"), v.encode("latin-1", "replace"))
        for k, v in request.headers
    ]
    if request.body or request.method in ("POST", "PUT", "PATCH"):
        headers.append((b"content-length", str(len(request.body)).encode()))
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": request.method,
        "path": unquote(request.path),
        "raw_path": raw,
        "root_path": "",
        "scheme": "http",
        "query_string": request.query.encode("utf-8", "surrogatepass"),
        "client": ("127.0.0.1", 50000),
        "server": ("127.0.0.1", 8750),
        "headers": [(b"host", b"127.0.0.1:8750"), *headers],
        "state": {},
    }


@dataclass(slots=True)
class InProcess:
    """The fast driver: no socket, no loop, no thread. It fails loudly if the app really waits.

    `fresh` makes another app like this one, for hosting: locks and workers of an app belong to
    the loop it was first served on. `suspect` is the family of contracts a mutant breaks: the
    scripts about it are played first, which saves time and changes no verdict.
    """

    app: App
    name: str = "in process"
    max_steps: int = 10_000
    fresh: Callable[[], App] | None = None
    suspect: str = ""

    def send(self, request: Request) -> Reply:
        """Run the app to its end. Raises Lost for a broken reply, TargetError if it waits."""
        sent = Sent(self.app, request)
        for _ in range(self.max_steps):
            if sent.step():
                return sent.reply()
        raise TargetError(
            f"{self.name} waited for real input or output on {request.method} {request.path}: "
            "serve it and name its URL instead"
        )

    def start(self, request: Request) -> Sent:
        """Return a request that has not yet run, for interleaving by hand."""
        return Sent(self.app, request)

    def close(self) -> None:
        """Nothing to let go of."""


class InLoop:
    """An app in this process run on one event loop of its own: slower, for apps that wait."""

    def __init__(
        self, app: App, name: str = "in process, on a loop", fresh: Callable[[], App] | None = None
    ) -> None:
        """Take the app; the loop is kept until `close`. `fresh` makes another one to be hosted."""
        self.app = app
        self.fresh = fresh
        self.name = name
        self._loop = asyncio.new_event_loop()

    def send(self, request: Request) -> Reply:
        """Run the app to its end. Raises Lost for a broken reply or after a minute."""
        sent = Sent(self.app, request)
        try:
            self._loop.run_until_complete(asyncio.wait_for(sent.run(), 60))
        except TimeoutError as error:
            raise TooSlow("no reply within a minute") from error
        return sent.reply()

    def together(self, requests: list[Request]) -> list[Reply | str]:
        """Run several requests at once; a lost reply is the reason as text."""
        running = [Sent(self.app, r) for r in requests]

        async def all_of_them() -> None:
            await asyncio.gather(*(s.run() for s in running))

        try:
            self._loop.run_until_complete(asyncio.wait_for(all_of_them(), 60))
        except TimeoutError:
            late = str(TooSlow("no reply within a minute"))
            return [outcome(s.reply) if s.whole else late for s in running]
        return [outcome(s.reply) for s in running]

    def close(self) -> None:
        """Close the loop."""
        self._loop.close()
