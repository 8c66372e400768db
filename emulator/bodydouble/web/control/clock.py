"""A sandbox's time: read it, move it, let it flow or freeze it.

Moving stops wherever a webhook is due, has it sent, and goes on, so that every attempt is made at
its own instant.
"""

from __future__ import annotations

import asyncio
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from bodydouble.core.clock import iso_ms, parse_instant, parse_span
from bodydouble.core.schedule import Due
from bodydouble.core.webhooks import Outgoing
from bodydouble.sandbox import overrides
from bodydouble.sandbox.open_sandbox import OpenSandbox
from bodydouble.sandbox.overrides import Goal, Until
from bodydouble.web.control.wire.access import (
    Services,
    asked_of,
    clock_body,
    job_named,
    json_response,
    known_query,
    opened,
    page_of,
)
from bodydouble.web.control.wire.bodies import ClockChange, UntilJob, one_of
from bodydouble.web.control.wire.problems import Problem, Wrong, invalid
from bodydouble.web.keys.registry import real_us
from bodydouble.web.webhooks import scheduler

# How often one request may stop on its way, and for how long (real time) it may take in all.
STOPS_MAX = 10_000
WALK_MAX_US = 60_000_000


async def read_clock(app: Services, request: Request) -> Response:
    """What time it is there."""
    known_query(request)
    async with opened(app, request) as sandbox:
        return json_response(clock_body(sandbox))


async def read_schedule(app: Services, request: Request) -> Response:
    """What will happen by itself, soonest first: which job starts or ends, what is delivered."""
    offset, limit = page_of(request)
    async with opened(app, request) as sandbox:
        rows = await sandbox.tx.list(Due, offset=offset, limit=limit)
        total = await sandbox.tx.count(Due)
        body = {
            **clock_body(sandbox),
            "due": [
                {"at": iso_ms(row.order), "kind": row.kind.value, "target": row.target}
                for row in rows
            ],
            "total": total,
        }
    return json_response(body)


async def change(app: Services, request: Request) -> Response:
    """Moves the clock; ``settled`` is how many events that let happen. 409 where it cannot be.

    ``sending`` says that a receiver takes longer than a request waits for; it goes on by itself.
    """
    asked = await asked_of(request, ClockChange)
    verb = one_of(asked)
    span_us, at_us = _span_us(asked), _instant(asked.to)
    async with opened(app, request) as sandbox:
        if verb == "rate":
            await overrides.set_rate(sandbox, asked.rate or 0.0, real_us())
            # At another rate, what is due may be due sooner than the scheduler knows.
            sandbox.wake_us = sandbox.now_us
            body = {**clock_body(sandbox), "settled": 0, "sending": False}
        else:
            goal = await _goal(sandbox, asked, span_us, at_us)
    if verb == "rate":
        app.scheduler.notice(sandbox)
        return json_response(body)
    return json_response(await _walked(app, request, goal))


async def _walked(app: Services, request: Request, goal: Goal) -> dict[str, Any]:
    settled, began_us, sent = 0, real_us(), True
    for _ in range(STOPS_MAX):
        async with opened(app, request) as sandbox:
            done, arrived = await overrides.walk(sandbox, goal, real_us())
            settled += done
            body = clock_body(sandbox)
            sending = await sandbox.tx.first(Outgoing) is not None
        if sending:
            # All stops together wait no longer than one would.
            left_s = scheduler.CATCH_UP_S_MAX - (real_us() - began_us) / 1_000_000
            sent = await app.scheduler.catch_up(sandbox.record.id, max(0.0, left_s)) and sent
        if arrived:
            return {**body, "settled": settled, "sending": not sent}
        # Where nothing is waited for, others would wait for all of it.
        await asyncio.sleep(0)
        if real_us() - began_us > WALK_MAX_US:
            break
    raise Problem(409, f"time was moved to {body['now']} only: there is too much on the way")


async def _goal(
    sandbox: OpenSandbox, asked: ClockChange, span_us: int | None, at_us: int | None
) -> Goal:
    if span_us is not None:
        return overrides.goal_after(sandbox, span_us)
    if at_us is not None:
        return overrides.goal_at(sandbox, at_us)
    if isinstance(asked.until, UntilJob):
        job = await job_named(sandbox, asked.until.job)
        return Goal(Until.JOB, job=job.id)
    if asked.until == "idle":
        return Goal(Until.IDLE)
    return await overrides.goal_next(sandbox)


def _span_us(asked: ClockChange) -> int | None:
    if asked.advance_s is not None:
        return round(asked.advance_s * 1_000_000)
    if asked.advance is None:
        return None
    try:
        return parse_span(asked.advance)
    except ValueError as error:
        raise invalid(Wrong("advance", str(error))) from None


def _instant(text: str | None) -> int | None:
    if text is None:
        return None
    try:
        return parse_instant(text)
    except (ValueError, OverflowError):
        message = f"{text!r} is no instant: write it as 2026-07-26T09:41:22Z"
        raise invalid(Wrong("to", message)) from None
