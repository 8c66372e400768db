"""HTTP/1 by uvicorn and httptools, with a bound on what stands before a body.

Neither bounds a request's head. A longer one is answered 431, as bytes that are no HTTP are 400,
and the answer arrives: what still comes is thrown away for a while before the connection ends.
"""

from __future__ import annotations

from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from bodydouble.web.http.unread import DISCARDED_BYTES_MAX, DISCARDING_S

HEAD_BYTES_MAX = 64 * 1024
_ANSWERS = {400: b"400 Bad Request", 431: b"431 Request Header Fields Too Large"}


class Protocol(HttpToolsProtocol):
    """One connection."""

    scope: Any  # its members come one by one
    # Bytes of a head that is not whole yet.
    _head_bytes = 0
    # Bytes thrown away since the answer that ends this connection; -1 before it.
    _discarded_bytes = -1

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
            if len(data) > room and not self.transport.is_closing():
                self.data_received(data[room:])
        elif self._discarded_bytes < 0:
            self._head_bytes += len(data)
            if self._head_bytes > HEAD_BYTES_MAX:
                self._refuse(431, f"A request's head has at most {HEAD_BYTES_MAX} bytes.")

    def send_400_response(self, msg: str) -> None:
        """Answers bytes that are no HTTP."""
        self._refuse(400, msg)

    def _refuse(self, status: int, text: str) -> None:
        if self.cycle is not None and not self.cycle.response_complete:
            # Another answer is on its way, and this would stand in the middle of it.
            self.transport.close()
            return
        self.transport.write(
            b"HTTP/1.1 %b\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: %d\r\n"
            b"connection: close\r\n\r\n%b" % (_ANSWERS[status], len(text), text.encode("ascii"))
        )
        self._discarded_bytes = 0
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self.loop.call_later(DISCARDING_S, self.transport.close)
