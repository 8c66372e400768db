"""HTTP/1 by uvicorn and httptools, with bounds on what stands before a body and on patience.

Neither bounds a request's head, how long a client may take over it, or how many connect. A longer
head is answered 431, as bytes that are no HTTP are 400, one that does not come to its end 408, and
a connection too many 503; the answer arrives: what still comes is thrown away for a while before
the connection ends. Whoever says nothing at all is let go of.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from functools import partial
from typing import Any

from starlette.types import Send
from uvicorn.protocols.http.httptools_impl import (
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)

from bodydouble.web.http.messages import HEAD_BYTES_MAX, HEAD_TOO_LONG, WHOLE
from bodydouble.web.http.unread import DISCARDED_BYTES_MAX, DISCARDING_S

CONNECTIONS_MAX = 10_000
# What files, stores and receivers need beside connections.
_DESCRIPTORS_LEFT = 256
SILENT_S = 60.0
"""A new connection says something within this long."""
HEAD_S = 30.0
"""A head that is begun is whole after this long, however steadily it trickles."""
BODY_IDLE_S = 60.0
"""Of a body something comes within this long, unless the server itself holds it up."""
BODY_S = 900.0
"""A body is whole after this long."""
_ANSWERS = {
    400: b"400 Bad Request",
    408: b"408 Request Timeout",
    431: b"431 Request Header Fields Too Large",
    503: b"503 Service Unavailable",
}


def connections_max() -> int:
    """How many may be open at once: as many as there are descriptors for, and no more than ours."""
    try:
        import resource
    except ImportError:  # no descriptors are counted there
        return CONNECTIONS_MAX
    descriptors, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if descriptors == resource.RLIM_INFINITY:
        return CONNECTIONS_MAX
    return max(1, min(CONNECTIONS_MAX, descriptors - _DESCRIPTORS_LEFT))


def ask_for_descriptors() -> None:
    """Has the system let this process open as many files as it ever will, up to what we need."""
    with suppress(ImportError, OSError, ValueError):
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = CONNECTIONS_MAX + _DESCRIPTORS_LEFT
        if soft != resource.RLIM_INFINITY and soft < wanted:
            most = wanted if hard == resource.RLIM_INFINITY else min(hard, wanted)
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def send_whole(
    cycle: RequestResponseCycle,
    send: Send,
    status: int,
    headers: list[tuple[str, str]],
    body: bytes,
) -> bool:
    """Writes an answer in one piece; False where it must go the usual way: nothing is written then.

    ``send`` is what the application was given to answer through: whoever put something before the
    server's own is not passed by.
    """
    head = "".join([f"{name}: {value}\r\n" for name, value in headers])
    if (
        send != cycle.send
        or cycle.response_started
        or cycle.disconnected
        or cycle.flow.write_paused
        or not cycle.keep_alive
        or cycle.access_log
        or cycle.default_headers
        or cycle.scope["method"] == "HEAD"
        # Neither a byte that ends a line nor another that may not stand in a header gets through.
        or not head.replace("\r\n", "", len(headers)).isprintable()
    ):
        return False
    cycle.response_started = cycle.response_complete = True
    cycle.waiting_for_100_continue = False
    cycle.transport.write(b"%b%b\r\n%b" % (STATUS_LINE[status], head.encode("latin-1"), body))
    cycle.message_event.set()
    cycle.on_response()
    return True


class Protocol(HttpToolsProtocol):
    """One connection."""

    scope: Any  # its members come one by one
    # When the last answer was whole.
    _idle_since = 0.0
    # Bytes of a head that is not whole yet.
    _head_bytes = 0
    # Bytes thrown away since the answer that ends this connection; -1 before it.
    _discarded_bytes = -1
    # What is waited for, until when at the longest, and the timer.
    _waiting = ""
    _until = 0.0
    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Takes a client in, if there is room."""
        super().connection_made(transport)
        if len(self.connections) > connections_max():
            self._write(503, "As many clients are connected as this server takes.")
            transport.close()
            return
        self._wait("silent", SILENT_S, SILENT_S)

    def connection_lost(self, exc: Exception | None) -> None:
        """Lets go of a client."""
        self._wait("")
        super().connection_lost(exc)
        if self.timeout_keep_alive_task is not None:
            self.timeout_keep_alive_task.cancel()

    def data_received(self, data: bytes) -> None:
        """Takes what the client sent."""
        if self._discarded_bytes >= 0:
            self._discarded_bytes += len(data)
            if self._discarded_bytes > DISCARDED_BYTES_MAX:
                self.transport.close()
            return
        room = HEAD_BYTES_MAX - self._head_bytes
        super().data_received(data if len(data) <= room else data[:room])
        # What is begun has its method once its head is whole.
        if not self.scope or "method" in self.scope:
            self._head_bytes = 0
            if self._waiting or (self.cycle is not None and self.cycle.more_body):
                self._wait_for_the_body()
            if len(data) > room and not self.transport.is_closing():
                self.data_received(data[room:])
        elif self._discarded_bytes < 0:
            self._head_bytes += len(data)
            self._wait("head", HEAD_S, HEAD_S)
            if self._head_bytes > HEAD_BYTES_MAX:
                self._refuse(431, HEAD_TOO_LONG)

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        scope: Any = cycle.scope
        scope["extensions"] = {WHOLE: partial(send_whole, cycle)}
        super()._start_asgi_task(cycle, app)

    def on_response_complete(self) -> None:
        """Goes on with what was asked meanwhile, or begins to wait for the next request."""
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        self._idle_since = self.loop.time()
        if self.pipeline:
            cycle, app = self.pipeline.pop()
            self._start_asgi_task(cycle, app)
        elif self.timeout_keep_alive_task is None:
            self._wait_for_the_next(self.timeout_keep_alive)

    def _unset_keepalive_if_required(self) -> None:
        # An alarm for each answer would be set and put off a thousand times before it rings once.
        # There is one, which looks when it rings how long nothing was asked.
        pass

    def _wait_for_the_next(self, seconds: float) -> None:
        self.timeout_keep_alive_task = self.loop.call_later(
            seconds, self.timeout_keep_alive_handler
        )

    def timeout_keep_alive_handler(self) -> None:
        """Ends a connection on which nothing was asked for long."""
        self.timeout_keep_alive_task = None
        if self._waiting or self.cycle is None or not self.cycle.response_complete:
            return  # something is being asked or answered
        left = self._idle_since + self.timeout_keep_alive - self.loop.time()
        if left > 0:
            self._wait_for_the_next(left)
        else:
            super().timeout_keep_alive_handler()

    def _unsupported_upgrade_warning(self) -> None:
        # Whoever offers another protocol is answered in this one, as HTTP has it. uvicorn would
        # tell whoever watches the server to install a WebSocket library, which nobody needs here.
        pass

    def send_400_response(self, msg: str) -> None:
        """Answers bytes that are no HTTP."""
        self._refuse(400, msg)

    # Patience ----------------------------------------------------------------------------------

    def _wait_for_the_body(self) -> None:
        cycle = self.cycle
        more = cycle is not None and cycle.more_body and not cycle.response_complete
        self._wait("body" if more else "", BODY_IDLE_S, BODY_S)

    def _wait(self, what: str, idle_s: float = 0.0, longest_s: float = 0.0) -> None:
        """Has the connection end unless something comes in time; nothing is waited for by ""."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if what != self._waiting:
            self._waiting, self._until = what, self.loop.time() + longest_s
        if what:
            at = min(self._until, self.loop.time() + idle_s)
            self._timer = self.loop.call_at(at, self._waited)

    def _waited(self) -> None:
        self._timer = None
        if self._waiting == "body" and self.flow.read_paused:
            self._wait_for_the_body()  # nobody reads what came: that is our fault, not the client's
        elif self._waiting == "silent" or self.transport.is_closing():
            self.transport.close()
        else:
            self._refuse(408, f"The request's {self._waiting} did not come to its end in time.")

    def _refuse(self, status: int, text: str) -> None:
        self._wait("")
        if self.cycle is not None and not self.cycle.response_complete:
            if status == 408 and not self.cycle.response_started:
                # Whoever waits for the rest of the body is told that it does not come.
                self.cycle.disconnected = True
                self.cycle.message_event.set()
            else:
                # Another answer is on its way, and this would stand in the middle of it.
                self.transport.close()
                return
        self._write(status, text)
        self._discarded_bytes = 0
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self.loop.call_later(DISCARDING_S, self.transport.close)

    def _write(self, status: int, text: str) -> None:
        self.transport.write(
            b"HTTP/1.1 %b\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: %d\r\n"
            b"connection: close\r\n\r\n%b" % (_ANSWERS[status], len(text), text.encode("ascii"))
        )
