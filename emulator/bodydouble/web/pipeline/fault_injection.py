"""Faults on purpose: which of them a request meets, and what they do to its bytes.

`inject_at_arrival` and `inject_at_departure` are called by the pipeline inside the transaction, and
only in a sandbox that has faults; `send_with_fault` sends the damaged reply afterwards, so that
every delay is slept while nobody waits. Which fault it is, the sandbox decides.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from dataclasses import replace
from typing import Any

from starlette.types import Receive, Send

from bodydouble.core.errors import Cause
from bodydouble.core.evidence.decisions import REPLAYED
from bodydouble.core.provider import Provider
from bodydouble.core.scenarios.directives import RETRY_AFTER_S, directed_refusal
from bodydouble.core.scenarios.faults import (
    Fault,
    InjectedFault,
    Kind,
    Point,
    ReplyFault,
)
from bodydouble.core.scenarios.matching import RequestFacts, content_of
from bodydouble.core.wire import Call, Reply
from bodydouble.sandbox.open_sandbox import OpenSandbox
from bodydouble.sandbox.outcomes import active_faults, injected_faults, kinds_of
from bodydouble.web.http.messages import http_date, send_reply
from bodydouble.web.http.unread import gone, transport_of
from bodydouble.web.pipeline.context import RequestContext

DRIPS = 8
# Where a hanging or dripping connection is let go of, whatever was asked for.
HOLD_MAX_S = 120.0


# Deciding, inside the transaction ----------------------------------------------------------------


async def inject_at_arrival(
    sandbox: OpenSandbox, context: RequestContext, provider: Provider
) -> Reply | None:
    """What is injected before all judging: a reply that ends it here, or None. May be Refused."""
    context.facts = facts = _facts(context, provider)
    context.active_faults = seen = await active_faults(sandbox)
    ending: Reply | None = None
    for injected in await injected_faults(sandbox, seen, Point.ARRIVAL, facts):
        fault = injected.fault
        _note(context, injected)
        if fault.kind is Kind.LATENCY:
            _delay(sandbox, context, fault)
        elif ending is None and fault.kind is Kind.STATUS:
            ending = _status(fault, context.call, provider)
        elif ending is None:
            _cut(context, fault)
            ending = Reply(0)
    if ending is None:
        context.departing = tuple(await injected_faults(sandbox, seen, Point.DEPARTURE, facts))
        context.stale = any(injected.fault.kind is Kind.STALE for injected in context.departing)
    return ending


async def inject_at_departure(
    sandbox: OpenSandbox, context: RequestContext, reply: Reply, provider: Provider
) -> Reply:
    """The finished reply with what is injected after the job was kept, and on its way out."""
    facts, seen = context.facts, context.active_faults
    if facts is None or seen is None:
        return reply
    if 200 <= reply.status < 300 and REPLAYED not in context.notes:
        for injected in await injected_faults(sandbox, seen, Point.ACCEPTANCE, facts):
            _note(context, injected)
            if injected.fault.kind is Kind.STATUS:
                reply = _gateway_lost(injected.fault, reply)
            else:
                _cut(context, injected.fault)
    for injected in context.departing:
        fault = injected.fault
        _note(context, injected)
        if fault.kind is Kind.LATENCY:
            _delay(sandbox, context, fault)
        elif fault.kind is Kind.GARBAGE:
            reply = replace(reply, body=_garbage(sandbox, context, reply.body))
        elif fault.kind is not Kind.STALE:
            _cut(context, fault)
    return replace(reply, fault=context.reply_fault) if context.reply_fault is not None else reply


def _facts(context: RequestContext, provider: Provider) -> RequestFacts:
    operation, key = context.operation, context.key
    assert operation is not None, "routing comes before faults"
    assert key is not None, "a request without a key is in no sandbox"
    model, prompt = content_of(context.call.peek())
    return RequestFacts(provider.name, operation.name, kinds_of(operation), key, model, prompt)


def _note(context: RequestContext, injected: InjectedFault) -> None:
    fault = injected.fault
    context.notes += (f"{injected.source}: {fault.kind} at {fault.point}",)


def _delay(sandbox: OpenSandbox, context: RequestContext, fault: Fault) -> None:
    if fault.latency is None:
        return
    done = context.reply_fault or ReplyFault()
    draw = sandbox.draw("latency", context.call.request_id, done.delay_us)
    context.reply_fault = replace(done, delay_us=done.delay_us + fault.latency.draw_us(draw))


def _cut(context: RequestContext, fault: Fault) -> None:
    done = context.reply_fault or ReplyFault()
    if done.kind is None:
        hold_s = min(fault.hold_s, HOLD_MAX_S)
        context.reply_fault = replace(done, kind=fault.kind, hold_s=hold_s)


def _status(fault: Fault, call: Call, provider: Provider) -> Reply:
    """A refusal in the vendor's words: for a cause, or for a status it has a word for."""
    wait_s = RETRY_AFTER_S if fault.retry_after_s is None else fault.retry_after_s
    cause = fault.cause or _cause_of(fault.status, call, provider)
    detail = provider.detail_name(cause, fault.detail or "")
    refused = directed_refusal(cause, retry_after_s=wait_s, detail=detail)
    reply = provider.refuse(refused.refusal, call)
    if fault.status is not None and reply.status != fault.status:
        reply = replace(reply, status=fault.status)
    if fault.retry_after_s is not None and not _has(reply, "retry-after"):
        reply = replace(reply, headers=(*reply.headers, ("retry-after", str(wait_s))))
    return reply


def _has(reply: Reply, name: str) -> bool:
    return any(known.lower() == name for known, _ in reply.headers)


def _cause_of(status: int | None, call: Call, provider: Provider) -> Cause:
    usual: tuple[Cause, ...] = (
        Cause.RATE,
        Cause.UNAVAILABLE,
        Cause.INTERNAL,
        Cause.UNKNOWN_KEY,
        *Cause,
    )
    for cause in usual:
        # The route is there, whatever is injected.
        if cause in (Cause.NO_ROUTE, Cause.METHOD):
            continue
        if provider.refuse(directed_refusal(cause).refusal, call).status == status:
            return cause
    return Cause.UNAVAILABLE


def _gateway_lost(fault: Fault, reply: Reply) -> Reply:
    """What a gateway in front of the vendor says when the vendor's own answer did not reach it."""
    kept = tuple(pair for pair in reply.headers if pair[0].lower() != "content-type")
    status = fault.status or 504
    return replace(reply, status=status, body=b"", headers=kept, media_type="text/html")


def _garbage(sandbox: OpenSandbox, context: RequestContext, body: Any) -> bytes:
    whole = body if isinstance(body, bytes) else b""
    noise = sandbox.draw("garbage", context.call.request_id).text(32).encode()
    return whole[: len(whole) // 2] + b"\x00\xff" + noise


# Sending, when nobody waits ----------------------------------------------------------------------


async def send_with_fault(receive: Receive, send: Send, reply: Reply, call: Call) -> None:
    """Sends a reply damaged or late. In process, a connection that is cut is an exception."""
    reply_fault = reply.fault
    assert reply_fault is not None, "a reply without a fault is sent by send_reply"
    if reply_fault.delay_us:
        await asyncio.sleep(reply_fault.delay_us / 1_000_000)
    if reply_fault.kind is Kind.HANG:
        await asyncio.sleep(reply_fault.hold_s)
    if reply_fault.kind in (Kind.HANG, Kind.RESET):
        await cut(receive, send)
    elif reply_fault.kind in (Kind.TRUNCATED, Kind.WRONG_LENGTH, Kind.DRIP):
        date = ("date", http_date(call.now_us // 1_000_000))
        reply = replace(reply, headers=(*reply.headers, date))
        await _send_body(receive, send, reply, reply_fault)
    else:
        await send_reply(send, reply, call)


async def _send_body(receive: Receive, send: Send, reply: Reply, reply_fault: ReplyFault) -> None:
    body = reply.body if isinstance(reply.body, bytes) else b""
    length = len(body) + (16 if reply_fault.kind is Kind.WRONG_LENGTH else 0)
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in reply.headers]
    headers.append((b"content-type", reply.media_type.encode("latin-1")))
    headers.append((b"content-length", b"%d" % length))
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    if reply_fault.kind is Kind.DRIP:
        size = max(1, -(-len(body) // DRIPS))
        for at in range(0, len(body), size):
            await asyncio.sleep(reply_fault.hold_s / DRIPS)
            part = body[at : at + size]
            await send({"type": "http.response.body", "body": part, "more_body": True})
        await send({"type": "http.response.body", "body": b""})
        return
    sent = body[: len(body) // 2] if reply_fault.kind is Kind.TRUNCATED else body
    transport = transport_of(send)
    await send({"type": "http.response.body", "body": sent, "more_body": transport is not None})
    if transport is not None:
        # What was written is still sent; then the connection ends, short of what was announced.
        transport.close()
        await gone(receive)


async def cut(receive: Receive, send: Send) -> None:
    """Resets the connection without a byte. ConnectionResetError where there is no connection."""
    transport = transport_of(send)
    if transport is None:
        raise ConnectionResetError("the connection was reset on purpose")
    link = transport.get_extra_info("socket")
    if link is not None:
        # Lingering for no time is what turns the end of a connection into a reset.
        link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
    await gone(receive)
