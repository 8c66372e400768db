"""The target behind a URL, spoken to over httpx, and an app served on loopback for the judge.

A request's path leaves byte for byte: a client library would walk up its dots, and ask for
something else than what is judged. Redirects are not followed, cookies are not kept, replies are
bounded in size and time, and whatever keeps one from being whole is `Lost`, our own impatience
`TooSlow`. It refuses to retry: a retried write may buy twice.
"""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Any

import httpx

from bodydouble_contracts.history.exchanges import NOT_SENT, Reply, Request
from bodydouble_contracts.targets.target import (
    MAX_REPLY_BYTES,
    App,
    Lost,
    TargetError,
    TooSlow,
    decoded,
    outcome,
)

TIMEOUT_S = 30.0
WHOLE_S = 120.0
"""A reply that trickles in is given up after this long, however steadily it trickles."""
START_S = 60.0
"""An app that is served by us listens within this long, on the slowest of machines."""


class Url:
    """One base URL with one keep-alive connection pool."""

    def __init__(self, base: str, timeout_s: float = 0.0) -> None:
        """Take the base URL; nothing is sent yet. Without a timeout it is `TIMEOUT_S`."""
        timeout_s = timeout_s or TIMEOUT_S
        self.name = base.rstrip("/")
        self._timeout_s = timeout_s
        self._client = httpx.Client(timeout=timeout_s, follow_redirects=False, trust_env=False)
        self._reached = False

    def send(self, request: Request) -> Reply:
        """Send one request. Raises Lost, or TargetError while the target was never reached."""
        try:
            return self._send(request)
        except (httpx.ConnectError, httpx.UnsupportedProtocol, httpx.InvalidURL) as error:
            if not self._reached:
                raise TargetError(
                    f"{self.name} does not answer ({error}): is it running?"
                ) from error
            raise Lost(f"no connection: {error}") from error
        except httpx.TimeoutException as error:
            raise TooSlow(f"{type(error).__name__} after {self._timeout_s:g} s") from error
        except httpx.LocalProtocolError as error:
            raise Lost(f"{NOT_SENT}{error}") from error
        except httpx.HTTPError as error:
            raise Lost(f"{type(error).__name__}: {error}") from error

    def _send(self, request: Request) -> Reply:
        headers = [(k, v.encode("utf-8")) for k, v in request.headers]
        url = httpx.URL(self.name)
        target = url.raw_path.rstrip(b"/") + request.target.encode("ascii", "replace")
        with self._client.stream(
            request.method,
            url,
            headers=[(k.encode(), v) for k, v in headers],
            content=request.body,
            extensions={"target": target},
        ) as got:
            self._client.cookies.clear()  # a session of one role would answer the next
            self._reached = True
            chunks, size = [], 0
            deadline = time.monotonic() + WHOLE_S
            for chunk in got.iter_raw():
                if time.monotonic() > deadline:
                    raise TooSlow(f"the reply was not whole after {WHOLE_S:g} s")
                size += len(chunk)
                chunks.append(chunk)
                if size > MAX_REPLY_BYTES:
                    break
            pairs = tuple((k.decode("latin-1"), v.decode("latin-1")) for k, v in got.headers.raw)
            return decoded(got.status_code, pairs, b"".join(chunks), size > MAX_REPLY_BYTES)

    def together(self, requests: list[Request]) -> list[Reply | str]:
        """Send several requests at once; a lost reply is the reason as text."""
        with ThreadPoolExecutor(len(requests)) as pool:
            return list(pool.map(lambda r: outcome(lambda: self.send(r)), requests))

    def close(self) -> None:
        """Close the connections."""
        self._client.close()


class Hosted:
    """An ASGI app served by uvicorn on a free loopback port while the context is open."""

    def __init__(self, app: App) -> None:
        """Take the app; the server starts on entering."""
        self._app = app
        self._server: Any = None
        self._thread: threading.Thread | None = None
        self.url = ""

    def __enter__(self) -> Hosted:
        """Start the server and wait until it listens. Raises TargetError after `START_S`."""
        import uvicorn

        config = uvicorn.Config(
            self._app, port=0, log_level="critical", access_log=False, date_header=False
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()
        deadline = time.monotonic() + START_S
        while not self._server.started:
            if time.monotonic() > deadline or not self._thread.is_alive():
                raise TargetError(f"the app could not be served on loopback within {START_S:g} s")
            time.sleep(0.002)
        port = self._server.servers[0].sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        """Stop the server and wait for its thread."""
        self._server.should_exit = True
        if self._thread:
            self._thread.join(timeout=5)
