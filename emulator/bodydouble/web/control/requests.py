"""The request log: filtered, asked whether something was called, and exported.

Secrets were masked before they were stored, so nothing here could tell one.
"""

from __future__ import annotations

import asyncio
from fnmatch import fnmatchcase
from itertools import starmap
from typing import Annotated, Any

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from bodydouble.core.clock import iso_ms, parse_instant
from bodydouble.core.evidence.decisions import Decided, decided_by
from bodydouble.core.evidence.request_log import BODY_KEPT_BYTES, Exchange
from bodydouble.core.limits import Decision
from bodydouble.core.wire import read_json
from bodydouble.sandbox.open_sandbox import OpenSandbox
from bodydouble.web.control.wire.access import (
    Services,
    asked_of,
    integer_of,
    json_response,
    known_query,
    not_found,
    one_of_query,
    opened,
    page_of,
)
from bodydouble.web.control.wire.bodies import Body, Text
from bodydouble.web.control.wire.exports import curl_command, har_document
from bodydouble.web.control.wire.problems import Problem, Wrong, invalid
from bodydouble.web.http.streams import TooMany
from bodydouble.web.keys.registry import real_us

_EXACT = ("provider", "operation", "method", "job", "account")
_FILTERS = (*_EXACT, "path", "status", "since", "text", "decision")
_SERIAL_MAX = 10**9
_WAIT_S_MAX = 30
_LOOK_EVERY_S = 0.2
Count = Annotated[int, Field(ge=0, le=1_000_000)]


class Between(Body):
    """How often something may have happened."""

    at_least: Count = 0
    at_most: Count = 1_000_000


class Verify(Body):
    """`POST …/requests/verify`: what should have been called, and how often."""

    provider: Text | None = None
    operation: Text | None = None
    method: Text | None = None
    path: Text | None = None
    status: Annotated[int, Field(ge=0, le=599)] | None = None
    body: Any = None
    times: Count | Between = Field(default_factory=lambda: Between(at_least=1))


async def listed(app: Services, request: Request) -> Response:
    """The exchanges that meet every filter, newest first; with ``wait_s`` once there is one."""
    offset, limit = page_of(request, *_FILTERS, "wait_s")
    wait_us = integer_of(request, "wait_s", 0, 0, _WAIT_S_MAX) * 1_000_000
    total, page = await _page(app, request, offset, limit)
    if wait_us and not total:
        until_us = real_us() + wait_us
        try:
            with app.streams.place():
                # It may come to another process, so the store is asked and nobody is waited for.
                while not (total or app.streams.closing or await request.is_disconnected()):
                    if real_us() >= until_us:
                        break
                    await asyncio.sleep(_LOOK_EVERY_S)
                    total, page = await _page(app, request, offset, limit)
        except TooMany as many:
            raise Problem(503, str(many)) from None
    return json_response({"requests": page, "total": total})


async def _page(
    app: Services, request: Request, offset: int, limit: int
) -> tuple[int, list[dict[str, Any]]]:
    async with opened(app, request) as sandbox:
        if any(name in request.query_params for name in _FILTERS):
            kept = await _filtered(sandbox, request)
            total, kept = len(kept), kept[offset : offset + limit]
        else:
            total = await sandbox.tx.count(Exchange)
            kept = await sandbox.tx.list(Exchange, newest_first=True, offset=offset, limit=limit)
        return total, [exchange_body(sandbox, one) for one in kept]


async def read_one(app: Services, request: Request) -> Response:
    """One exchange."""
    known_query(request)
    async with opened(app, request) as sandbox:
        return json_response(exchange_body(sandbox, await found_exchange(sandbox, request)))


async def har(app: Services, request: Request) -> Response:
    """The exchanges that meet every filter as HTTP Archive 1.2, oldest first."""
    offset, limit = page_of(request, *_FILTERS)
    async with opened(app, request) as sandbox:
        kept = await _filtered(sandbox, request)
    chosen = kept[offset : offset + limit]
    return json_response(har_document(reversed(chosen), request.state.origin))


async def curl(app: Services, request: Request) -> Response:
    """One exchange's request as a command for a shell; the key is ``$BODYDOUBLE_KEY``."""
    known_query(request)
    async with opened(app, request) as sandbox:
        exchange = await found_exchange(sandbox, request)
    return json_response({"curl": curl_command(exchange, request.state.origin)})


async def verify(app: Services, request: Request) -> Response:
    """How often something was called, whether that is as often as asked, and what came nearest."""
    asked = await asked_of(request, Verify)
    async with opened(app, request) as sandbox:
        log = await sandbox.tx.list(Exchange, newest_first=True)
        judged = [(one, _differences(asked, one)) for one in log]
        matched = sum(1 for _, differences in judged if not differences)
        low, high = _bounds(asked.times)
        near = min(judged, key=lambda pair: len(pair[1]), default=None)
        nearest = None
        if near is not None and matched < low:
            nearest = {"request": exchange_body(sandbox, near[0]), "differences": near[1]}
    times = asked.times if isinstance(asked.times, int) else asked.times.model_dump()
    return json_response(
        {"matched": matched, "times": times, "ok": low <= matched <= high, "nearest": nearest}
    )


def _bounds(times: int | Between) -> tuple[int, int]:
    return (times, times) if isinstance(times, int) else (times.at_least, times.at_most)


def _differences(asked: Verify, one: Exchange) -> list[str]:
    found = []
    for name in ("provider", "operation", "method", "status"):
        wanted, got = getattr(asked, name), getattr(one, name)
        if wanted is not None and wanted != got:
            found.append(f"{name}: {got!r}, not {wanted!r}")
    if asked.path is not None and not fnmatchcase(one.path, asked.path):
        found.append(f"path: {one.path!r}, not {asked.path!r}")
    if asked.body is not None:
        found += _lacking("body", asked.body, parsed(one.request_body))
    return found


def _lacking(place: str, wanted: Any, got: Any) -> list[str]:
    """Where ``got`` has not all that ``wanted`` has; objects may have more fields."""
    if isinstance(wanted, dict) and isinstance(got, dict):
        return [
            line
            for name, value in wanted.items()
            for line in (
                _lacking(f"{place}.{name}", value, got[name])
                if name in got
                else [f"{place}.{name}: is missing, not {value!r}"]
            )
        ]
    return [] if wanted == got else [f"{place}: {got!r}, not {wanted!r}"]


async def found_exchange(sandbox: OpenSandbox, request: Request) -> Exchange:
    """The exchange of the path. Problem 404."""
    id = str(request.path_params["request"])
    exchange = await sandbox.tx.get(Exchange, id)
    if exchange is None:
        raise not_found("request", id)
    return exchange


async def _filtered(sandbox: OpenSandbox, request: Request) -> list[Exchange]:
    query = request.query_params
    exact = [(name, query[name]) for name in _EXACT if name in query]
    status = integer_of(request, "status", -1, 0, 599)
    after, since_us = _since(query.get("since"))
    path = query.get("path")
    text = query.get("text", "").lower().encode()
    decision = one_of_query(request, "decision", Decided)
    return [
        one
        for one in await sandbox.tx.list(Exchange, newest_first=True)
        if one.order > after
        and one.at_us >= since_us
        and status in (-1, one.status)
        and (path is None or fnmatchcase(one.path, path))
        and all(getattr(one, name) == value for name, value in exact)
        and (not text or text in _told(one))
        and (decision is None or decision in decided_by(one))
    ]


def _told(one: Exchange) -> bytes:
    """What is searched for a text: the path, both bodies and why it was answered so."""
    words = f"{one.path}?{one.query}\n{one.job}\n{' '.join(one.notes)}".encode()
    return b"\n".join((words, one.request_body, one.response_body)).lower()


def _since(text: str | None) -> tuple[int, int]:
    """(serial after which, instant from which): a number is a serial, anything else an instant."""
    if text is None:
        return 0, 0
    if text.isascii() and text.isdecimal():
        return min(int(text[:10]), _SERIAL_MAX), 0
    try:
        return 0, parse_instant(text)
    except (ValueError, OverflowError):
        raise invalid(Wrong("since", f"{text!r} is neither a serial nor an instant")) from None


def parsed(body: bytes) -> Any:
    """A body as JSON; None where it is none."""
    try:
        return read_json(body)
    except ValueError:
        return None


def exchange_body(sandbox: OpenSandbox, one: Exchange) -> dict[str, Any]:
    """An exchange with every decision it met."""
    money = sandbox.providers[one.provider].currency
    return {
        "id": one.id,
        "serial": one.order,
        "at": iso_ms(one.at_us),
        "provider": one.provider,
        "operation": one.operation,
        "account": one.account,
        "key": one.key_hint,
        "test": one.test,
        "method": one.method,
        "path": one.path,
        "query": one.query,
        "status": one.status,
        "request_id": one.request_id,
        "job": one.job or None,
        "cost": money.text(one.cost),
        "decisions": [
            {
                "policy": decision.policy,
                "allowed": decision.allowed,
                "limit": decision.limit,
                "remaining": decision.remaining,
                "reset_at": iso_ms(decision.reset_at_us),
                "retry_after_s": decision.retry_after_s,
            }
            for decision in starmap(Decision, one.decisions)
        ],
        "decided": decided_by(one),
        "notes": list(one.notes),
        "took_us": one.took_us,
        "request": {
            "headers": [
                [name.decode("latin-1"), value.decode("latin-1")]
                for name, value in one.request_headers
            ],
            "body": one.request_body.decode("utf-8", "replace"),
            "truncated": len(one.request_body) >= BODY_KEPT_BYTES,
        },
        "response": {
            "headers": [list(pair) for pair in one.response_headers],
            "body": one.response_body.decode("utf-8", "replace"),
            "truncated": len(one.response_body) >= BODY_KEPT_BYTES,
        },
    }
