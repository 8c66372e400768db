"""Web pages of other origins: what lets their scripts read an answer, and what keeps them out.

A page of this machine, or of an origin the server was started with, is answered in the vendor's own
headers; any other finds nothing that its browser would let it read, and its requests are marked, so
that it cannot have us call this machine. The control plane never says a word to another origin.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bodydouble.core.cors import Cors, Headers, Origins
from bodydouble.core.wire import Call
from bodydouble.web.http.messages import dated
from bodydouble.web.http.unread import transport_of

log = logging.getLogger("bodydouble")

_TOLD_MAX = 100
_SHARED = ("/cdn/", "/uploads/")
_ANYBODY: Headers = ((b"access-control-allow-origin", b"*"),)
_UPLOAD = Cors(
    headers=_ANYBODY,
    preflight=(
        (b"access-control-allow-methods", b"POST"),
        (b"access-control-allow-headers", b"*"),
        (b"access-control-max-age", b"3000"),
    ),
    preflight_status=200,
)
_NOBODY: Headers = ((b"cross-origin-resource-policy", b"same-origin"),)


class CrossOrigin:
    """The policy of one server, applied to requests that name an ``Origin``."""

    def __init__(self, allowed: Iterable[str]) -> None:
        self._origins = Origins(tuple(allowed))
        self._told: set[str] = set()

    async def admit(self, call: Call, cors: Cors | None, send: Send) -> Send | None:
        """What the vendor's answer to a page is sent by; None for a preflight, answered here."""
        origin = call.named[b"origin"].decode("latin-1")
        call.foreign = not self._origins.trusts(origin)
        read = cors is not None and self._may_read(origin)
        if cors is not None and call.method == "OPTIONS":
            await _send_preflight(send, cors if read else None, call.named)
            return None
        return _Headed(send, cors.headers if cors is not None and read else ()).send

    def around(self, app: ASGIApp) -> ASGIApp:
        """``app`` with media and uploads open to the same pages as the vendors are."""

        async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] == "http" and scope["path"].startswith(_SHARED):
                named: dict[bytes, bytes] = dict(reversed(scope["headers"]))
                page = _page_of(named)
                if page is not None and not self._may_read(page):
                    if scope["method"] not in ("GET", "HEAD"):
                        await _send_preflight(send, None, named)
                        return
                    send = _Headed(send, _NOBODY).send
                elif page is not None and scope["path"].startswith("/uploads/"):
                    if scope["method"] == "OPTIONS":
                        await _send_preflight(send, _UPLOAD, named)
                        return
                    send = _Headed(send, _UPLOAD.headers).send
            await app(scope, receive, send)

        return guarded

    def _may_read(self, origin: str) -> bool:
        if self._origins.may_read(origin):
            return True
        if origin not in self._told and len(self._told) < _TOLD_MAX:
            self._told.add(origin)
            text = "a web page of %s was kept out: --cors-origin lets pages of an origin in"
            log.warning(text, ascii(origin[:200]))
        return False


def _page_of(named: Mapping[bytes, bytes]) -> str | None:
    """The origin of the page that asks; None where no page of another origin does.

    A picture or video in a page is asked for without ``Origin``, but with the page's address.
    """
    origin = named.get(b"origin")
    if origin is not None:
        return origin.decode("latin-1")
    address = named.get(b"referer", b"").decode("latin-1")
    if not address or named.get(b"sec-fetch-site") != b"cross-site":
        return None
    return "/".join(address.split("/", 3)[:3])


async def _send_preflight(send: Send, cors: Cors | None, named: Mapping[bytes, bytes]) -> None:
    """The answer to a preflight; without ``cors`` a refusal of whatever was asked."""
    status, headers = 403, [(b"content-length", b"0")]
    if cors is not None:
        status, headers = cors.preflight_status, [*cors.headers, *cors.preflight]
        if status != 204:
            headers.append((b"content-length", b"0"))
        if named.get(b"access-control-request-private-network") == b"true":
            headers.append((b"access-control-allow-private-network", b"true"))
    await dated(send)({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b""})


class _Headed:
    """An ASGI ``send`` with other words to web pages than the application's own."""

    def __init__(self, send: Send, added: Headers) -> None:
        self._send = send
        self._added = added
        # Whoever cuts a connection on purpose looks for it here.
        self.transport = transport_of(send)

    async def send(self, message: Message) -> None:
        """Sends the message; a response's start with these words."""
        if message["type"] == "http.response.start":
            kept = [
                pair
                for pair in message["headers"]
                if not pair[0].startswith((b"access-control-", b"cross-origin-"))
            ]
            message = {**message, "headers": [*kept, *self._added]}
        await self._send(message)
