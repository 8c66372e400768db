"""An inbox for webhooks: a receiver on the loopback interface that keeps and verifies what comes.

It takes no part in sending, and can give an address to an ASGI application instead. The test
chooses what it answers, or a handler does: the program's own receiver, called with each delivery.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import TYPE_CHECKING, Any, Protocol

from bodydouble.core.webhooks import Registration
from bodydouble.testing.controls import Clock
from bodydouble.testing.vendor import Vendor

if TYPE_CHECKING:
    import httpx

BODY_BYTES_MAX = 1 << 20
KEPT_MAX = 10_000
_NUMBERS = count(1)


@dataclass(frozen=True, slots=True)
class Received:
    """One request to the inbox: header names in lower case, the body as it came.

    ``verified`` is None where the inbox knows no secret to verify it with.
    """

    headers: Mapping[str, str]
    body: bytes
    verified: bool | None

    @property
    def json(self) -> Any:
        """The body, decoded."""
        return json.loads(self.body)

    @property
    def event(self) -> str:
        """Its event, whatever the vendor calls that field; empty where there is none."""
        body = self.json
        return str(body.get("event") or body.get("type") or "") if isinstance(body, dict) else ""


Handler = Callable[[Received], int | None]


class WebhookSource(Protocol):
    """What an inbox needs of its sandbox."""

    keys: dict[str, str]

    @property
    def clock(self) -> Clock[Any]: ...
    @property
    def receivers(self) -> dict[str, httpx.AsyncBaseTransport]: ...

    def vendor(self, name: str, /) -> Vendor: ...
    def add_key(self, vendor: str, **fields: Any) -> Any: ...


class _Inbox:
    """What both kinds of inbox share; see `Inbox`."""

    def __init__(self, sandbox: WebhookSource) -> None:
        self._sandbox = sandbox
        self._server: ThreadingHTTPServer | None = None
        self._mounted: list[str] = []
        self._verifiers: list[tuple[Callable[[str, Mapping[str, str], bytes], bool], str]] = []
        self._lock = threading.Lock()
        self.received: list[Received] = []
        self.answers: Sequence[int] = (200,)
        self.handler: Handler | None = None

    @property
    def url(self) -> str:
        """Where it listens."""
        if self._server is None:
            self._server = _Server(self)
            threading.Thread(
                target=self._server.serve_forever, args=(0.02,), name="inbox", daemon=True
            ).start()
        return f"http://127.0.0.1:{self._server.server_port}/"

    def mount(self, app: Any, path: str = "/") -> str:
        """An address at which an ASGI application receives without a socket, for `subscribe`.

        It is called on the emulator's event loop, and its lifespan is its owner's. What comes is
        the application's alone: the inbox keeps none of it.
        """
        import httpx

        host = f"app-{next(_NUMBERS)}.example"  # a name that nobody else ever answers to
        self._sandbox.receivers[host] = httpx.ASGITransport(app)
        self._mounted.append(host)
        return f"https://{host}/{path.lstrip('/')}"

    def trust(self, vendor: str, secret: str) -> str:
        """Verifies from now on what ``vendor`` sends by ``secret``; the secret."""
        webhooks = self._sandbox.vendor(vendor).webhooks
        verify = webhooks.signature.verify if webhooks is not None else None
        if verify is None:
            raise ValueError(f"{vendor} says no way to verify its webhooks")
        self._verifiers.append((verify, secret))
        return secret

    def close(self) -> None:
        """Stops listening."""
        for host in self._mounted:
            self._sandbox.receivers.pop(host, None)
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def take(self, headers: Mapping[str, str], body: bytes) -> int:
        """Keeps one request and gives the status to answer with."""
        known = [verify(secret, headers, body) for verify, secret in self._verifiers]
        one = Received(headers, body, any(known) if known else None)
        with self._lock:
            if len(self.received) < KEPT_MAX:
                self.received.append(one)
            status = self.answers[min(len(self.received), len(self.answers)) - 1]
        if self.handler is not None:
            return self.handler(one) or 200
        return status

    def _offer(self, vendor: str) -> tuple[str, Registration]:
        names = [vendor] if vendor else list(self._sandbox.keys)
        # However many vendors there are, the same one is meant.
        for name in sorted(names, key=lambda name: not self._sandbox.vendor(name).usual):
            offer = self._sandbox.vendor(name).webhooks
            if offer is not None and offer.registration is not None:
                return name, offer.registration
        raise ValueError(f"{' or '.join(names)} has no API to register webhooks: use callback_key")

    def _expected(self, event: str, times: int) -> Received:
        __tracebackhide__ = True
        came = list(self.received)
        of_it = [one for one in came if one.event == event]
        if len(of_it) != times:
            listed = ", ".join(one.event for one in came) or "nothing"
            raise AssertionError(
                f"expected {event} {times} times, and it came {len(of_it)} times; came: {listed}"
            )
        if any(one.verified is False for one in of_it):
            raise AssertionError(f"a delivery of {event} does not carry a right signature")
        return of_it[-1]


class Inbox(_Inbox):
    """``bodydouble.webhooks``: it begins to listen when something is to be sent to it.

    ``answers`` are the statuses given in turn, the last of them from then on; a ``handler`` gives
    the status instead (None: 200).
    """

    def subscribe(self, events: Sequence[str] = (), *, vendor: str = "", url: str = "") -> str:
        """Registers an address by a vendor's own API; the secret its deliveries are signed with.

        Without ``vendor`` it is the first of the usual ones whose clients register addresses (those
        of the demo), without ``events`` those of the end of a job, without ``url`` this inbox.
        ValueError if the vendor has no API for it.
        """
        name, how = self._offer(vendor)
        asked = how.body(url or self.url, list(events or how.events))
        with self._sandbox.vendor(name).client() as client:
            told = client.post(how.path, json=asked).raise_for_status().json()
        return self.trust(name, how.secret(told))

    def callback_key(self, vendor: str, secret: str = "callback-secret", *, url: str = "") -> str:
        """A key of ``vendor`` whose jobs are announced here, or at ``url``, when they end."""
        self.trust(vendor, secret)
        told = {"callback_url": url or self.url, "callback_secret": secret}
        return str(self._sandbox.add_key(vendor, **told)["key"])

    def settle(self) -> None:
        """Waits until everything that is due has been sent."""
        self._sandbox.clock.advance(0)

    def events(self) -> list[str]:
        """What came, by event, in order; everything due has been sent by then."""
        self.settle()
        return [one.event for one in list(self.received)]

    def expect(self, event: str, times: int = 1) -> Received:
        """The last delivery of ``event``; AssertionError unless ``times`` came, all verified."""
        __tracebackhide__ = True
        self.settle()
        return self._expected(event, times)


class AsyncInbox(_Inbox):
    """`Inbox` of an `AsyncSandbox`: what asks the emulator is awaited."""

    async def subscribe(
        self, events: Sequence[str] = (), *, vendor: str = "", url: str = ""
    ) -> str:
        """See `Inbox.subscribe`."""
        name, how = self._offer(vendor)
        asked = how.body(url or self.url, list(events or how.events))
        async with self._sandbox.vendor(name).async_client() as client:
            told = (await client.post(how.path, json=asked)).raise_for_status().json()
        return self.trust(name, how.secret(told))

    async def callback_key(
        self, vendor: str, secret: str = "callback-secret", *, url: str = ""
    ) -> str:
        """See `Inbox.callback_key`."""
        self.trust(vendor, secret)
        told = {"callback_url": url or self.url, "callback_secret": secret}
        return str((await self._sandbox.add_key(vendor, **told))["key"])

    async def settle(self) -> None:
        """See `Inbox.settle`."""
        await self._sandbox.clock.advance(0)

    async def events(self) -> list[str]:
        """See `Inbox.events`."""
        await self.settle()
        return [one.event for one in list(self.received)]

    async def expect(self, event: str, times: int = 1) -> Received:
        """See `Inbox.expect`."""
        __tracebackhide__ = True
        await self.settle()
        return self._expected(event, times)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, inbox: _Inbox) -> None:
        self.inbox = inbox
        super().__init__(("127.0.0.1", 0), _Request)


class _Request(BaseHTTPRequestHandler):
    server: _Server

    def do_POST(self) -> None:
        """Takes one delivery."""
        size = int(self.headers.get("content-length") or 0)
        status = 413
        if size <= BODY_BYTES_MAX:
            headers = {name.lower(): value for name, value in self.headers.items()}
            status = self.server.inbox.take(headers, self.rfile.read(size))
        self.send_response(status)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing: a test's output is the test's."""
