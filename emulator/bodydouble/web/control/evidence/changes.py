"""What has changed in a sandbox since somebody last looked: one short mark for each topic.

A mark is made of serials and counts that are kept anyway, so that nothing is counted for it and no
long list is read. Watching is no use of the sandbox: one that is only watched still goes idle.
"""

from __future__ import annotations

from collections.abc import Mapping
from zlib import crc32

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from bodydouble.core.money.ledger import Account
from bodydouble.core.sandboxes import APART, Sandbox
from bodydouble.core.scenarios.faults import ArmedFault
from bodydouble.core.schedule import Due
from bodydouble.core.webhooks import Outgoing
from bodydouble.sandbox.open_sandbox import OpenSandbox
from bodydouble.web.control.wire.access import Services, json_response, known_query, not_found
from bodydouble.web.control.wire.problems import Problem
from bodydouble.web.http.streams import TooMany
from bodydouble.web.keys.registry import real_us


async def read_changes(app: Services, request: Request) -> Response | ASGIApp:
    """The marks as JSON; where ``text/event-stream`` is accepted, an event for each that changes.

    Problem 404; 503 where too many streams are open.
    """
    known_query(request)
    id = request.path_params["sandbox"]
    marks = await marks_of(app, id)
    if marks is None:
        raise not_found("sandbox", id)
    if "text/event-stream" in request.headers.get("accept", ""):
        return stream_of(app, id)
    return json_response({"changes": marks})


def stream_of(app: Services, id: str) -> ASGIApp:
    """The sandbox's changes as a stream. Problem 503."""
    try:
        return app.streams.of(lambda: marks_of(app, id))
    except TooMany as many:
        raise Problem(503, str(many)) from None


async def marks_of(app: Services, id: str) -> Mapping[str, str] | None:
    """The mark of each topic, settled to now; None for a sandbox that is not there."""
    if APART in id:
        return None
    async with app.store.transaction(id) as tx:
        record = await tx.get(Sandbox, id)
        if record is None:
            return None
        now_us = real_us()
        sandbox = OpenSandbox(tx, record, app.providers, now_us)
        await sandbox.settle()
        record, accounts = sandbox.record, await tx.list(Account)
        faults = [(one.id, one.injected) for one in await tx.list(ArmedFault)]
        due = (await sandbox.peek_serial("due"), await tx.count(Due), await tx.count(Outgoing))
        forced = await sandbox.peek_serial("forced")
        requests = await sandbox.peek_serial("requests")
        jobs = await sandbox.peek_serial("jobs")
        entries = await sandbox.peek_serial("entries")
        deliveries = await sandbox.peek_serial("deliveries")
        webhooks = await sandbox.peek_serial("webhooks")
        keys = await sandbox.peek_serial("keys")
    under_way = [(one.id, one.running, one.waiting) for one in accounts]
    busy = any(running or waiting for _, running, waiting in under_way)
    # While time flows and a job is under way, its progress changes by itself: once a second.
    beat = now_us // 1_000_000 if busy and record.clock.rate else 0
    clock = record.clock
    return {
        "clock": _mark(clock),
        "jobs": _mark(jobs, forced, under_way, due, clock, beat),
        "requests": _mark(requests),
        "wallet": _mark(entries, [(one.id, one.balance) for one in accounts]),
        "direct": _mark(record.scenario, record.script, faults),
        "webhooks": _mark(deliveries, webhooks, due),
        "keys": _mark(keys, clock),
    }


def _mark(*values: object) -> str:
    return f"{crc32(repr(values).encode()):08x}"
