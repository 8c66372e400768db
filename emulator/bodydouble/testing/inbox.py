"""An inbox for webhooks: a receiver on the loopback interface that keeps and verifies what comes.

It takes no part in sending. The test chooses what it answers, or a handler does: the program's own
receiver, called with each delivery.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol

from bodydouble.testing.controls import Clock
from bodydouble.testing.vendor import Vendor

BODY_BYTES_MAX = 1 << 20
KEPT_MAX = 10_000


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

    def vendor(self, name: str, /) -> Vendor: ...
    def add_key(self, vendor: str, **fields: Any) -> Any: ...


class Inbox:
    """``bodydouble.webhooks``: it begins to listen when something is to be sent to it.

    ``answers`` are the statuses given in turn, the last of them from then on; a ``handler`` gives
    the status instead (None: 200).
    """

    def __init__(self, sandbox: WebhookSource) -> None:
        self._sandbox = sandbox
        self._server: ThreadingHTTPServer | None = None
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

    def subscribe(self, events: Sequence[str] = (), *, vendor: str = "") -> str:
        """Registers this address by a vendor's own API; the secret its deliveries are signed with.

        Without ``vendor`` it is the first whose clients register addresses, without ``events``
        those of the end of a job. ValueError if the vendor has no API for it.
        """
        names = [vendor] if vendor else list(self._sandbox.keys)
        offers = {name: self._sandbox.vendor(name).webhooks for name in names}
        for name, offer in offers.items():
            if offer is not None and offer.registration is not None:
                how = offer.registration
                asked = how.body(self.url, list(events or how.events))
                with self._sandbox.vendor(name).client() as client:
                    told = client.post(how.path, json=asked).raise_for_status().json()
                return self.trust(name, how.secret(told))
        raise ValueError(f"{' or '.join(names)} has no API to register webhooks: use callback_key")

    def callback_key(self, vendor: str, secret: str = "callback-secret") -> str:
        """A key of ``vendor`` whose jobs are announced here when they end."""
        self.trust(vendor, secret)
        made = self._sandbox.add_key(vendor, callback_url=self.url, callback_secret=secret)
        return str(made["key"])

    def trust(self, vendor: str, secret: str) -> str:
        """Verifies from now on what ``vendor`` sends by ``secret``; the secret."""
        webhooks = self._sandbox.vendor(vendor).webhooks
        if webhooks is None or webhooks.verify is None:
            raise ValueError(f"{vendor} says no way to verify its webhooks")
        self._verifiers.append((webhooks.verify, secret))
        return secret

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
        came = self.events()
        of_it = [one for one in list(self.received) if one.event == event]
        if len(of_it) != times:
            listed = ", ".join(came) or "nothing"
            raise AssertionError(
                f"expected {event} {times} times, and it came {len(of_it)} times; came: {listed}"
            )
        if any(one.verified is False for one in of_it):
            raise AssertionError(f"a delivery of {event} does not carry a right signature")
        return of_it[-1]

    def close(self) -> None:
        """Stops listening."""
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


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, inbox: Inbox) -> None:
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
