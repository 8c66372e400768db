"""Bytes in, bytes out: reading a bounded body, sending a finished reply, which host was asked.

It knows sizes and headers, and nothing of vendors.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from email.utils import formatdate
from functools import lru_cache

from starlette.types import Message, Receive, Scope, Send

from bodydouble.core.bodies import BODY_BYTES_MAX
from bodydouble.core.caches import remembered
from bodydouble.core.errors import Cause, Refused
from bodydouble.core.wire import Call, Reply
from bodydouble.web.http.codings import WORTH_BYTES, asks_for_gzip, folded

# In a scope's extensions: the server's offer to write an answer that is known in one piece.
WHOLE = "bodydouble.whole"

HEAD_BYTES_MAX = 64 * 1024
HEAD_TOO_LONG = f"A request's head has at most {HEAD_BYTES_MAX} bytes."


def head_too_long(scope: Scope) -> bool:
    """Whether the head is longer than is kept, where the server in front bounds none itself."""
    if WHOLE in (scope.get("extensions") or ()):
        return False  # our own, which has counted already
    size = len(scope["path"]) + len(scope.get("query_string", b""))
    return size + sum([len(name) + len(value) for name, value in scope["headers"]]) > HEAD_BYTES_MAX


async def refuse_head(send: Send) -> None:
    """Answers a head that is too long."""
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", b"%d" % len(HEAD_TOO_LONG)),
        (b"connection", b"close"),
    ]
    send = dated(send)
    await send({"type": "http.response.start", "status": 431, "headers": headers})
    await send({"type": "http.response.body", "body": HEAD_TOO_LONG.encode()})


async def read_body(call: Call, receive: Receive) -> bytes:
    """The whole body. Refused(TOO_LARGE) past 16 MiB, before the rest is read."""
    length = call.named.get(b"content-length")
    if length is not None and length.isdigit() and int(length) > BODY_BYTES_MAX:
        raise Refused(Cause.TOO_LARGE, limit=BODY_BYTES_MAX)
    message = await receive()
    body: bytes = message.get("body", b"")
    if not message.get("more_body", False):
        return body
    chunks, size = [body], len(body)
    while message.get("more_body", False):
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ConnectionResetError("the client left before its request was whole")
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > BODY_BYTES_MAX:
            raise Refused(Cause.TOO_LARGE, limit=BODY_BYTES_MAX)
        chunks.append(chunk)
    return b"".join(chunks)


@lru_cache(maxsize=256)
def http_date(instant_s: int) -> str:
    """An instant as HTTP writes it."""
    return formatdate(instant_s, usegmt=True)


def dated(send: Send) -> Send:
    """``send`` that says the time of day where an answer says none."""

    async def send_dated(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = list(message.get("headers", ()))
            if not any(name == b"date" for name, _ in headers):
                headers.append((b"date", http_date(int(time.time())).encode()))
            message = {**message, "headers": headers}
        await send(message)

    return send_dated


async def send_reply(send: Send, reply: Reply, call: Call, scope: Scope | None = None) -> None:
    """Sends the reply to ``call``, whose body is JSON or text already, dated in its time.

    ``scope``: where the server may offer to take it in one piece.
    """
    headers = list(reply.headers)
    body = reply.body
    if body is None:
        body = b""
        if reply.status != 204:
            headers.append(("content-length", "0"))
    else:
        if len(body) > WORTH_BYTES or reply.folds:
            body = _folded_if_asked(body, call, headers)
        headers.append(("content-length", str(len(body))))
        headers.append(("content-type", reply.media_type))
    headers.append(("date", http_date(call.now_us // 1_000_000)))
    if scope is not None and (extensions := scope.get("extensions")) is not None:
        whole = extensions.get(WHOLE)
        if whole is not None and whole(send, reply.status, headers, body):
            return
    raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
    await send({"type": "http.response.start", "status": reply.status, "headers": raw})
    await send({"type": "http.response.body", "body": body})


@remembered(256)
def _lowered(host: bytes) -> str:
    return host.decode("latin-1").lower()


def _folded_if_asked(body: bytes, call: Call, headers: list[tuple[str, str]]) -> bytes:
    if any(name == "content-encoding" for name, _ in headers):
        return body
    headers.append(("vary", "Accept-Encoding"))
    if not asks_for_gzip(call.named.get(b"accept-encoding", b"")):
        return body
    headers.append(("content-encoding", "gzip"))
    return folded(body)


def bodiless(scope: Scope, named: Mapping[bytes, bytes]) -> bool:
    """Whether the request can have no body."""
    # In HTTP/1 a body is announced by one of two headers; later versions need neither.
    return (
        b"content-length" not in named
        and b"transfer-encoding" not in named
        and scope.get("http_version", "1.1")[:2] == "1."
    )


def host_of(scope: Scope) -> str:
    """The ``Host`` header, or the address the socket is bound to."""
    for key, value in scope["headers"]:
        if key == b"host":
            return _lowered(value)
    server = scope.get("server")
    return f"{server[0]}:{server[1]}" if server else "localhost"
