"""Sends what is no whole answer in JSON or text: a file, a stream of events, a reply with a fault.

It knows what kinds there are; how each is made is told it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from starlette.types import Receive, Scope, Send

from bodydouble.core.errors import Cause, Refused
from bodydouble.core.wire import Call, Events, Reply, Served
from bodydouble.web.http import messages
from bodydouble.web.http.streams import TooMany
from bodydouble.web.pipeline.fault_injection import send_with_fault
from bodydouble.web.pipeline.following import written
from bodydouble.web.pipeline.pipeline import Pipeline

if TYPE_CHECKING:
    from starlette.responses import Response


class Files(Protocol):
    """Hands the files of jobs through."""

    async def hand_through(self, reply: Reply, served: Served, receive: Receive, /) -> Response: ...


async def send_unusual(
    pipeline: Pipeline,
    files: Callable[[], Files],
    reply: Reply,
    call: Call,
    asgi: tuple[Scope, Receive, Send],
) -> None:
    """Sends a reply of a file or of events, or one whose bytes are damaged or late."""
    scope, receive, send = asgi
    if isinstance(reply.body, Events):
        if reply.fault is None:
            await _send_events(pipeline, reply, call, asgi)
            return
        # A fault is done to bytes that are known: such a stream ends with its first event.
        told = written(reply.body, reply.body.first[0])
        reply = replace(reply, body=told.encode())
    elif isinstance(reply.body, Served):
        response = await files().hand_through(reply, reply.body, receive)
        if reply.fault is None:
            response.headers["date"] = messages.http_date(call.now_us // 1_000_000)
            await response(scope, receive, send)
            return
        reply = replace(reply, body=bytes(response.body), status=response.status_code)
    await send_with_fault(receive, send, reply, call)


async def _send_events(
    pipeline: Pipeline, reply: Reply, call: Call, asgi: tuple[Scope, Receive, Send]
) -> None:
    scope, receive, send = asgi
    try:
        stream = pipeline.following.stream(reply, call)
    except TooMany as many:
        refused = pipeline.refused(call, Refused(Cause.UNAVAILABLE, str(many)))
        await messages.send_reply(send, refused, call, scope)
    else:
        await stream(scope, receive, send)
