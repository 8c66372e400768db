"""httpx transports that reach an application without a socket, and fail as a socket would.

A cut connection is a ReadError, a body shorter than announced a RemoteProtocolError, and a reply
later than the client's read timeout a ReadTimeout. Bodies are whole on both sides.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, TypeAlias

import httpx

from bodydouble.testing.serving import Engine
from bodydouble.web.app import LISTENING

App: TypeAlias = Callable[[Any, Any, Any], Awaitable[None]]
Promise: TypeAlias = Callable[[], str]
HTTPX_S = 5.0
FILM_S = 120.0
Answer: TypeAlias = tuple[int, list[tuple[bytes, bytes]], bytes]


class Transport(httpx.BaseTransport):
    """For `httpx.Client`: ``httpx.Client(transport=emulator.transport)``."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        body = request.read()
        engine = self._engine
        exchange = partial(_exchange, engine.app, request, body, engine.promise)
        return _response(request, engine.run(exchange))


class ThreadedTransport(httpx.AsyncBaseTransport):
    """For `httpx.AsyncClient`, where the application runs in a thread of its own."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        body = await request.aread()
        engine = self._engine
        exchange = partial(_exchange, engine.app, request, body, engine.promise)
        return _response(request, await engine.arun(exchange))


class LoopTransport(httpx.AsyncBaseTransport):
    """For `httpx.AsyncClient`, where the application runs in the caller's own loop."""

    def __init__(self, app: App, promise: Promise) -> None:
        self._app = app
        self._promise = promise

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        body = await request.aread()
        exchange = _exchange(self._app, request, body, self._promise)
        return _response(request, await exchange)


async def _exchange(app: App, request: httpx.Request, body: bytes, promise: Promise) -> Answer:
    """One exchange over ASGI; a link in the answer leads to the address that is promised."""
    left: list[dict[str, Any]] = [{"type": "http.request", "body": body, "more_body": False}]
    over = asyncio.Event()
    status, headers, chunks = 0, [], []

    async def receive() -> dict[str, Any]:
        if left:
            return left.pop()
        await over.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        nonlocal status, headers
        if message["type"] == "http.response.start":
            status, headers = message["status"], list(message["headers"])
        elif message["type"] == "http.response.body":
            chunks.append(message.get("body", b""))
            if not message.get("more_body", False):
                over.set()

    wait_s = request.extensions.get("timeout", {}).get("read")
    # A film is drawn when it is asked for; who never thought of a timeout shall not meet httpx's.
    if wait_s == HTTPX_S and request.url.path.startswith("/cdn/"):
        wait_s = FILM_S
    try:
        async with asyncio.timeout(wait_s):
            await app({**_scope(request), LISTENING: promise}, receive, send)
    except TimeoutError:
        raise httpx.ReadTimeout(f"no answer within {wait_s:g} s", request=request) from None
    except ConnectionResetError as error:
        raise httpx.ReadError(str(error), request=request) from None
    return status, headers, b"".join(chunks)


def _response(request: httpx.Request, answer: Answer) -> httpx.Response:
    status, headers, body = answer
    announced = dict(headers).get(b"content-length")
    if announced is not None and request.method != "HEAD" and int(announced) > len(body):
        raise httpx.RemoteProtocolError(
            f"the connection ended after {len(body)} of {int(announced)} bytes", request=request
        )
    # As a stream, so that httpx reads, decodes and times it like any other.
    return httpx.Response(status, headers=headers, stream=httpx.ByteStream(body))


def _scope(request: httpx.Request) -> dict[str, Any]:
    url = request.url
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": request.method,
        "scheme": url.scheme,
        "path": url.path,
        "raw_path": url.raw_path.partition(b"?")[0],
        "query_string": url.query,
        "root_path": "",
        "headers": [(name.lower(), value) for name, value in request.headers.raw],
        "server": (url.host, url.port),
        "client": None,
    }
