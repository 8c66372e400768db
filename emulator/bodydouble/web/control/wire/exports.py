"""The request log in other people's formats: HTTP Archive 1.2, and commands for a shell."""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus
from shlex import quote
from typing import Any
from urllib.parse import parse_qsl

from bodydouble import __version__
from bodydouble.core.clock import iso_ms
from bodydouble.core.evidence.request_log import Exchange

KEY = "$BODYDOUBLE_KEY"
# What curl writes itself, and what would be wrong for a body that was cut.
_LEFT_OUT = frozenset(("host", "content-length", "connection", "accept-encoding", "user-agent"))


def har_document(exchanges: Iterable[Exchange], origin: str) -> dict[str, Any]:
    """The exchanges as one archive, in the order given."""
    return {
        "log": {
            "version": "1.2",
            "creator": {"name": "bodydouble", "version": __version__},
            "entries": [_entry(one, origin) for one in exchanges],
        }
    }


def _entry(one: Exchange, origin: str) -> dict[str, Any]:
    took_ms = one.took_us / 1000
    kind = dict(one.response_headers).get("content-type", "application/json")
    request: dict[str, Any] = {
        "method": one.method,
        "url": address(one, origin),
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": [
            {"name": name.decode("latin-1"), "value": value.decode("latin-1")}
            for name, value in one.request_headers
        ],
        "queryString": [
            {"name": name, "value": value}
            for name, value in parse_qsl(one.query, keep_blank_values=True)
        ],
        "headersSize": -1,
        "bodySize": len(one.request_body),
    }
    if one.request_body:
        text = one.request_body.decode("utf-8", "replace")
        request["postData"] = {"mimeType": "application/json", "text": text}
    return {
        "startedDateTime": iso_ms(one.at_us),
        "time": took_ms,
        "request": request,
        "response": {
            "status": one.status,
            "statusText": _phrase(one.status),
            "httpVersion": "HTTP/1.1",
            "cookies": [],
            "headers": [{"name": name, "value": value} for name, value in one.response_headers],
            "content": {
                "size": len(one.response_body),
                "mimeType": kind,
                "text": one.response_body.decode("utf-8", "replace"),
            },
            "redirectURL": "",
            "headersSize": -1,
            "bodySize": len(one.response_body),
        },
        "cache": {},
        "timings": {"send": 0, "wait": took_ms, "receive": 0},
        "comment": "; ".join(one.notes),
    }


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


def address(one: Exchange, origin: str) -> str:
    """Where the request went, as this server is reached now."""
    query = f"?{one.query}" if one.query else ""
    return f"{origin}/{one.provider}{one.path}{query}"


def curl_command(one: Exchange, origin: str) -> str:
    """The request as a command; a masked secret is read from the environment."""
    parts = ["curl", "-sS", "-X", one.method, quote(address(one, origin))]
    for name, value in one.request_headers:
        title, text = name.decode("latin-1"), value.decode("latin-1")
        if title in _LEFT_OUT:
            continue
        if text.endswith("..."):
            parts += ["-H", f'"{title}: {text.removesuffix("...")}{KEY}"']
        else:
            parts += ["-H", quote(f"{title}: {text}")]
    if one.request_body:
        parts += ["--data-binary", quote(one.request_body.decode("utf-8", "replace"))]
    return " ".join(parts)
