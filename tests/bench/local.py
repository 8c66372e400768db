"""The application driven in process: an ASGI call is one `send(None)`, with no socket and no loop.

The control plane may wait for a delivery, so its calls are run on a loop instead.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from typing import Any

from bodydouble.core.keys import Key, digest
from bodydouble.web.app import Application
from bodydouble.web.settings import Settings

KEY = "sqk_live_bench"
SUBMIT = "/smartlyq/v1/videos/generate"
_BATCH = 50


class Local:
    """An application and what it takes to call it."""

    def __init__(self, **settings: Any) -> None:
        self.app = Application(Settings(seed=1, balances={"": "1000000.0000"}, **settings))
        self.runner = asyncio.Runner()
        self.sandbox = "bench"
        self.secret = KEY
        self.runner.run(self.app.store.put_key(unlimited(self.sandbox)))

    def call(self, method: str, path: str, body: bytes = b"") -> Any:
        """One request with the sandbox's key; gives the decoded answer. It must not suspend."""
        sent: list[Any] = []
        request = self.app(_scope(method, path, self.secret, body), _receive(body), _send(sent))
        try:
            request.send(None)
        except StopIteration:
            return _answer(sent)
        raise RuntimeError(f"{method} {path} suspended")

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """One request to the control plane."""
        sent: list[Any] = []
        data = b"" if body is None else json.dumps(body).encode()
        path = f"/_bodydouble{path}"
        scope = _scope(method, path, "", data)

        async def run() -> None:
            await self.app(scope, _receive(data), _send(sent))

        self.runner.run(run())
        return _answer(sent)

    def open(self, fields: dict[str, Any]) -> str:
        """A fresh sandbox, which calls go to from now on."""
        made = self.control("POST", "/sandboxes", fields)
        self.sandbox, self.secret = made["id"], made["keys"]["smartlyq"]
        key = unlimited(self.sandbox, self.secret)
        self.runner.run(self.app.store.put_key(key))
        return self.sandbox


def unlimited(sandbox: str, secret: str = KEY) -> Key:
    """A key that no rate limit stops."""
    return Key(digest(secret), sandbox, "smartlyq", "smartlyq/main", "bench", rate_limit=10**9)


def usual_us(work: Callable[[], object], batches: int) -> list[float]:
    """Microseconds per call of ``work``, one figure per batch."""
    seen = []
    for _ in range(batches):
        started = time.perf_counter()
        for _ in range(_BATCH):
            work()
        seen.append((time.perf_counter() - started) / _BATCH * 1_000_000)
    return seen


def took_ms(work: Callable[[], object]) -> float:
    """Milliseconds one call of ``work`` takes."""
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1000


def _scope(method: str, path: str, secret: str, body: bytes) -> dict[str, Any]:
    headers = [(b"host", b"127.0.0.1:8750"), (b"content-type", b"application/json")]
    if secret:
        headers.append((b"authorization", b"Bearer " + secret.encode()))
    if body:
        headers.append((b"content-length", b"%d" % len(body)))
    return {
        "type": "http",
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": headers,
        "client": ("127.0.0.1", 50000),
        "server": ("127.0.0.1", 8750),
    }


def _receive(body: bytes) -> Callable[[], Any]:
    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


def _send(sent: list[Any]) -> Callable[[Any], Any]:
    async def send(message: Any) -> None:
        sent.append(message)

    return send


def _answer(sent: list[Any]) -> Any:
    status, body = sent[0]["status"], b"".join(part.get("body", b"") for part in sent[1:])
    if status >= 300:
        raise RuntimeError(f"the answer was {status}: {body[:300]!r}")
    return json.loads(body) if body else None
