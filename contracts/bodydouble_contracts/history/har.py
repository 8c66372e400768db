"""Cassettes as HAR 1.2, for the network tabs and proxies that read it.

One way only: what HAR cannot say (roles, lost replies, clocks) is lost there, so nothing is read
back from it. The form is the library's affair.
"""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from typing import IO
from urllib.parse import parse_qsl

from harfile import Content, Creator, HarFile, PostData, Record, Request, Response, Timings

from bodydouble_contracts import CATALOGUE_VERSION
from bodydouble_contracts import __name__ as creator
from bodydouble_contracts.history.exchanges import Exchange, Headers, History

HTTP = "HTTP/1.1"


def write_har(history: History, out: IO[str]) -> None:
    """Write a history's exchanges as one HAR document; a lost reply has the status 0."""
    with HarFile(out, creator=Creator(creator, CATALOGUE_VERSION)) as har:
        for x in history.exchanges:
            took_ms = x.took_us / 1000
            har.add_entry(
                startedDateTime=datetime.fromtimestamp(x.at_us / 1e6, UTC).isoformat(),
                time=took_ms,
                request=asked(x, history.target),
                response=told(x),
                timings=Timings(send=0, wait=took_ms, receive=0),
                comment=f"role {x.request.role}",
            )


def asked(x: Exchange, base: str) -> Request:
    """Return the request of an exchange."""
    request = x.request
    origin = base if "://" in base else "http://in-process.invalid"
    text, encoding = text_of(request.body)
    mime = request.header("content-type") or ""
    return Request(
        method=request.method,
        url=origin.rstrip("/") + request.target,
        httpVersion=HTTP,
        headers=pairs(request.headers),
        queryString=pairs(tuple(parse_qsl(request.query, keep_blank_values=True))),
        postData=PostData(mime, text=text, comment=encoding) if request.body else None,
        bodySize=len(request.body),
    )


def told(x: Exchange) -> Response:
    """Return the reply of an exchange."""
    reply = x.reply
    if reply is None:
        return Response(status=0, statusText=x.lost, httpVersion=HTTP)
    text, encoding = text_of(reply.body)
    mime = reply.header("content-type") or ""
    return Response(
        status=reply.status,
        statusText="",
        httpVersion=HTTP,
        headers=pairs(reply.headers),
        content=Content(size=len(reply.body), mimeType=mime, text=text, encoding=encoding),
        redirectURL=reply.header("location") or "",
        bodySize=len(reply.body),
    )


def pairs(headers: Headers) -> list[Record]:
    """Return header pairs as HAR writes them."""
    return [Record(n, v) for n, v in headers]


def text_of(body: bytes) -> tuple[str, str | None]:
    """Return a body as text, or as base64 where it is none, and which of both it is."""
    try:
        return body.decode(), None
    except UnicodeDecodeError:
        return base64.b64encode(body).decode(), "base64"
