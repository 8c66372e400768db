"""A sandbox's time: read it, move it, let it flow or freeze it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response

from understudy import steering
from understudy.core.clock import parse_instant, parse_span
from understudy.sandbox import OpenSandbox
from understudy.web.control.bodies import ClockChange, UntilJob, one_of, read
from understudy.web.control.problems import Wrong, invalid
from understudy.web.control.rooms import body_of, clock_body, job_named, known_query, opened, said
from understudy.web.registry import real_us

if TYPE_CHECKING:
    from understudy.web.app import Understudy


async def read_clock(understudy: Understudy, request: Request) -> Response:
    """What time it is there."""
    known_query(request)
    async with opened(understudy, request.path_params["sandbox"]) as box:
        return said(clock_body(box))


async def change(understudy: Understudy, request: Request) -> Response:
    """Moves the clock; ``settled`` is how many events that let happen."""
    known_query(request)
    asked = read(ClockChange, await body_of(request))
    verb = one_of(asked)
    async with opened(understudy, request.path_params["sandbox"]) as box:
        settled = await _changed(box, verb, asked)
        body = clock_body(box)
    await understudy.deliver(request.path_params["sandbox"])
    return said({**body, "settled": settled})


async def _changed(box: OpenSandbox, verb: str, asked: ClockChange) -> int:
    real = real_us()
    if verb == "rate":
        await steering.set_rate(box, asked.rate or 0.0, real)
        return 0
    if verb == "to":
        return await steering.move_to(box, _instant(asked.to or ""), real)
    if verb == "until":
        if isinstance(asked.until, UntilJob):
            job = await job_named(box, asked.until.job)
            return await steering.to_end_of(box, job.id, real)
        if asked.until == "idle":
            return await steering.to_idle(box, real)
        return await steering.to_next_event(box, real)
    return await steering.advance(box, _span_us(asked), real)


def _span_us(asked: ClockChange) -> int:
    if asked.advance_s is not None:
        return round(asked.advance_s * 1_000_000)
    try:
        return parse_span(asked.advance or "")
    except ValueError as error:
        raise invalid(Wrong("advance", str(error))) from None


def _instant(text: str) -> int:
    try:
        return parse_instant(text)
    except (ValueError, OverflowError):
        message = f"{text!r} is no instant: write it as 2026-07-26T09:41:22Z"
        raise invalid(Wrong("to", message)) from None
