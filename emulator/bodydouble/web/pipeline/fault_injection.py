"""Trouble on purpose at the edge: what strikes a request, and what that does to its bytes.

`arrive` and `depart` are called by the pipeline inside the transaction, and only in a sandbox where
something may strike; `send_troubled` sends the damaged reply afterwards, so that every delay is
slept while nobody waits. Which trouble strikes is decided in `staging`, never here.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from starlette.types import Receive, Send

from bodydouble.core.direction.directions import RETRY_AFTER_S, staged_refusal
from bodydouble.core.direction.faults import Edge, Kind, Point, Strike, Trouble
from bodydouble.core.direction.matching import Scene, content_of
from bodydouble.core.errors import Cause, Refused
from bodydouble.core.wire import Call, Reply
from bodydouble.sandbox.open_sandbox import OpenSandbox
from bodydouble.sandbox.outcomes import kinds_of, lookout, strikes
from bodydouble.web.pipeline.http import send_reply

if TYPE_CHECKING:
    from bodydouble.core.provider import Provider
    from bodydouble.web.pipeline.context import Visit

DRIPS = 8
# Where a hanging or dripping connection is let go of, whatever was asked for.
HOLD_MAX_S = 120.0
REPLAYED = "idempotent replay"


# Deciding, inside the transaction ----------------------------------------------------------------


async def arrive(box: OpenSandbox, visit: Visit, provider: Provider) -> Reply | None:
    """What strikes before all judging: a reply that ends it here, or None. May be Refused."""
    visit.scene = scene = _scene(visit, provider)
    visit.lookout = seen = await lookout(box)
    ending: Reply | None = None
    for strike in await strikes(box, seen, Point.ARRIVAL, scene):
        trouble = strike.trouble
        _note(visit, strike)
        if trouble.kind is Kind.LATENCY:
            _delay(box, visit, trouble)
        elif ending is None and trouble.kind is Kind.STATUS:
            ending = _status(trouble, visit.call, provider)
        elif ending is None:
            _cut(visit, trouble)
            ending = Reply(0)
    if ending is None:
        visit.departing = tuple(await strikes(box, seen, Point.DEPARTURE, scene))
        visit.stale = any(strike.trouble.kind is Kind.STALE for strike in visit.departing)
    return ending


async def depart(box: OpenSandbox, visit: Visit, reply: Reply, provider: Provider) -> Reply:
    """The finished reply with what strikes after the job was kept, and on its way out."""
    scene, seen = visit.scene, visit.lookout
    if scene is None or seen is None:
        return reply
    if 200 <= reply.status < 300 and REPLAYED not in visit.notes:
        for strike in await strikes(box, seen, Point.ACCEPTANCE, scene):
            _note(visit, strike)
            if strike.trouble.kind is Kind.STATUS:
                reply = _gateway_lost(strike.trouble, reply)
            else:
                _cut(visit, strike.trouble)
    for strike in visit.departing:
        trouble = strike.trouble
        _note(visit, strike)
        if trouble.kind is Kind.LATENCY:
            _delay(box, visit, trouble)
        elif trouble.kind is Kind.GARBAGE:
            reply = replace(reply, body=_garbage(box, visit, reply.body))
        elif trouble.kind is not Kind.STALE:
            _cut(visit, trouble)
    return replace(reply, edge=visit.edge) if visit.edge is not None else reply


def _scene(visit: Visit, provider: Provider) -> Scene:
    operation, key = visit.operation, visit.key
    assert operation is not None, "routing comes before trouble"
    assert key is not None, "a request without a key is in no sandbox"
    model, prompt = _content(visit.call)
    return Scene(provider.name, operation.name, kinds_of(operation), key, model, prompt)


def _content(call: Call) -> tuple[str, str]:
    if call.body.lstrip()[:1] != b"{":
        return "", ""
    try:
        return content_of(call.json)
    except Refused:
        return "", ""


def _note(visit: Visit, strike: Strike) -> None:
    trouble = strike.trouble
    visit.notes += (f"{strike.source}: {trouble.kind} at {trouble.point}",)


def _delay(box: OpenSandbox, visit: Visit, trouble: Trouble) -> None:
    if trouble.latency is None:
        return
    edge = visit.edge or Edge()
    draw = box.draw("latency", visit.call.request_id, edge.delay_us)
    visit.edge = replace(edge, delay_us=edge.delay_us + trouble.latency.draw_us(draw))


def _cut(visit: Visit, trouble: Trouble) -> None:
    edge = visit.edge or Edge()
    if edge.kind is None:
        visit.edge = replace(edge, kind=trouble.kind, hold_s=min(trouble.hold_s, HOLD_MAX_S))


def _status(trouble: Trouble, call: Call, provider: Provider) -> Reply:
    """A refusal in the vendor's words: for a cause, or for a status it has a word for."""
    wait_s = RETRY_AFTER_S if trouble.retry_after_s is None else trouble.retry_after_s
    cause = trouble.cause or _cause_of(trouble.status, call, provider)
    reply = provider.refuse(staged_refusal(cause, retry_after_s=wait_s).refusal, call)
    if trouble.status is not None and reply.status != trouble.status:
        reply = replace(reply, status=trouble.status)
    if trouble.retry_after_s is not None and not _has(reply, "retry-after"):
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
        if provider.refuse(staged_refusal(cause).refusal, call).status == status:
            return cause
    return Cause.UNAVAILABLE


def _gateway_lost(trouble: Trouble, reply: Reply) -> Reply:
    """What a gateway in front of the vendor says when the vendor's own answer did not reach it."""
    kept = tuple(pair for pair in reply.headers if pair[0].lower() != "content-type")
    status = trouble.status or 504
    return replace(reply, status=status, body=b"", headers=kept, media_type="text/html")


def _garbage(box: OpenSandbox, visit: Visit, body: Any) -> bytes:
    whole = body if isinstance(body, bytes) else b""
    noise = box.draw("garbage", visit.call.request_id).text(32).encode()
    return whole[: len(whole) // 2] + b"\x00\xff" + noise


# Sending, when nobody waits ----------------------------------------------------------------------


async def send_troubled(receive: Receive, send: Send, reply: Reply) -> None:
    """Sends a reply the way its edge wants it. In process, a cut connection is an exception."""
    edge = reply.edge
    assert edge is not None, "whoever has no trouble is sent as ever"
    if edge.delay_us:
        await asyncio.sleep(edge.delay_us / 1_000_000)
    if edge.kind is Kind.HANG:
        await asyncio.sleep(edge.hold_s)
    if edge.kind in (Kind.HANG, Kind.RESET):
        await cut(receive, send)
    elif edge.kind in (Kind.TRUNCATED, Kind.WRONG_LENGTH, Kind.DRIP):
        await _send_body(receive, send, reply, edge)
    else:
        await send_reply(send, reply)


async def _send_body(receive: Receive, send: Send, reply: Reply, edge: Edge) -> None:
    body = reply.body if isinstance(reply.body, bytes) else b""
    length = len(body) + (16 if edge.kind is Kind.WRONG_LENGTH else 0)
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in reply.headers]
    headers.append((b"content-type", reply.media_type.encode("latin-1")))
    headers.append((b"content-length", b"%d" % length))
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    if edge.kind is Kind.DRIP:
        size = max(1, -(-len(body) // DRIPS))
        for at in range(0, len(body), size):
            await asyncio.sleep(edge.hold_s / DRIPS)
            part = body[at : at + size]
            await send({"type": "http.response.body", "body": part, "more_body": True})
        await send({"type": "http.response.body", "body": b""})
        return
    sent = body[: len(body) // 2] if edge.kind is Kind.TRUNCATED else body
    transport = _transport(send)
    await send({"type": "http.response.body", "body": sent, "more_body": transport is not None})
    if transport is not None:
        # What was written is still sent; then the connection ends, short of what was announced.
        transport.close()
        await _gone(receive)


async def cut(receive: Receive, send: Send) -> None:
    """Resets the connection without a byte. ConnectionResetError where there is no connection."""
    transport = _transport(send)
    if transport is None:
        raise ConnectionResetError("the connection was reset on purpose")
    link = transport.get_extra_info("socket")
    if link is not None:
        # Lingering for no time is what turns the end of a connection into a reset.
        link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
    await _gone(receive)


async def _gone(receive: Receive) -> None:
    # The server must have seen the end before we return, or it would answer a 500 of its own.
    while (await receive())["type"] != "http.disconnect":
        continue


def _transport(send: Send) -> Any:
    # ASGI has no word for it: uvicorn's send is a method of the cycle that owns the transport.
    transport = getattr(getattr(send, "__self__", None), "transport", None)
    return transport if hasattr(transport, "abort") else None
