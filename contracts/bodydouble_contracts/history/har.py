"""Cassettes as HAR 1.2, for the network tabs and proxies that read it.

One way only: what HAR cannot say (roles, lost replies, clocks) is lost there, so nothing is read
back from it.
"""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

from bodydouble_contracts import CATALOGUE_VERSION
from bodydouble_contracts import __name__ as creator
from bodydouble_contracts.history.exchanges import Exchange, Headers, History

Json = Any


def har(history: History) -> dict[str, Json]:
    """Return a history's exchanges as one HAR document; a lost reply has the status 0."""
    return {
        "log": {
            "version": "1.2",
            "creator": {"name": creator, "version": CATALOGUE_VERSION},
            "entries": [entry(x, history.target) for x in history.exchanges],
        }
    }


def entry(x: Exchange, base: str) -> dict[str, Json]:
    """Return one exchange as a HAR entry."""
    asked, told = x.request, x.reply
    took_ms = x.took_us / 1000
    origin = base if "://" in base else "http://in-process.invalid"
    started = datetime.fromtimestamp(x.at_us / 1e6, UTC).isoformat()
    request: dict[str, Json] = {
        "method": asked.method,
        "url": origin.rstrip("/") + asked.target,
        "httpVersion": "HTTP/1.1",
        "headers": pairs(asked.headers),
        "queryString": pairs(tuple(parse_qsl(asked.query, keep_blank_values=True))),
        "cookies": [],
        "headersSize": -1,
        "bodySize": len(asked.body),
    }
    if asked.body:
        mime = asked.header("content-type") or ""
        request["postData"] = {"mimeType": mime, **text_of(asked.body)}
    body = told.body if told else b""
    response = {
        "status": told.status if told else 0,
        "statusText": "" if told else x.lost,
        "httpVersion": "HTTP/1.1",
        "headers": pairs(told.headers) if told else [],
        "cookies": [],
        "content": {
            "size": len(body),
            "mimeType": (told.header("content-type") or "") if told else "",
            **text_of(body),
        },
        "redirectURL": (told.header("location") or "") if told else "",
        "headersSize": -1,
        "bodySize": len(body),
    }
    return {
        "startedDateTime": started,
        "time": took_ms,
        "request": request,
        "response": response,
        "cache": {},
        "timings": {"send": 0, "wait": took_ms, "receive": 0},
        "comment": f"role {asked.role}",
    }


def pairs(headers: Headers) -> list[dict[str, str]]:
    """Return header pairs as HAR writes them."""
    return [{"name": n, "value": v} for n, v in headers]


def text_of(body: bytes) -> dict[str, str]:
    """Return a body as text, or as base64 where it is none."""
    try:
        return {"text": body.decode()}
    except UnicodeDecodeError:
        return {"text": base64.b64encode(body).decode(), "encoding": "base64"}
