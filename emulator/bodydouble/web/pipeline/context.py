"""What one request met on its way, and the line of the request log that this becomes.

It is filled in by the pipeline, step by step, and decides nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeAlias

import orjson

from bodydouble.core.errors import Refusal, Refused
from bodydouble.core.evidence.decisions import Decided, decided
from bodydouble.core.evidence.masking import hide, hide_bytes, hide_values, mask_headers
from bodydouble.core.evidence.request_log import BODY_KEPT_BYTES, Exchange
from bodydouble.core.jobs import Job
from bodydouble.core.keys import Key, masked
from bodydouble.core.limits import Decision, WindowCount
from bodydouble.core.provider import Operation, Provider
from bodydouble.core.records import values_for
from bodydouble.core.scenarios.faults import InjectedFault, ReplyFault
from bodydouble.core.scenarios.matching import RequestFacts
from bodydouble.core.wire import Call, Events, Reply, Served
from bodydouble.sandbox.outcomes import ActiveFaults


class RequestContext:
    """What one request met on its way; becomes its line in the request log."""

    # What most requests never meet costs them nothing: it is the class's until it is set.
    operation: Operation | None = None
    no_route: Refused | None = None  # its key's log shows the attempt
    key: Key | None = None
    secret: str = ""  # what the client proved itself with; it is masked wherever it turns up
    decisions: tuple[Decision, ...] = ()
    counts: tuple[WindowCount, ...] = ()  # of limits that count what made a job
    notes: tuple[str, ...] = ()
    memory_id: str = ""
    cost: int = 0
    job: Job | None = None
    facts: RequestFacts | None = None
    active_faults: ActiveFaults | None = None
    departing: tuple[InjectedFault, ...] = ()
    stale: bool = False
    reply_fault: ReplyFault | None = None
    refusal: Refusal | None = None
    hints: tuple[str, ...] = ()  # why the reply is what it is, where anybody asked

    def __init__(self, call: Call) -> None:
        self.call = call

    def encoded(self, body: Any) -> Any:
        """A reply's body in bytes, or whatever makes them and whose they are."""
        if body is None or isinstance(body, bytes):
            return body
        if isinstance(body, Served):
            return body if self.key is None else replace(body, sandbox=self.key.sandbox)
        if isinstance(body, Events):
            return replace(body, key=self.key)
        return orjson.dumps(body)


Observer: TypeAlias = Callable[[Provider, RequestContext, Reply, int], None]
"""Is told of each request that was answered, and of the µs that took. It changes nothing."""


def decision_of(context: RequestContext, reply: Reply) -> Decided:
    """What decided about a request, for whoever observes it; of several the first."""
    notes = context.notes
    if not notes and context.refusal is not None:
        notes = (context.refusal.cause.value,)
    return decided(notes, reply.status)[0]


def line_of(
    context: RequestContext, key: Key, reply: Reply, stamp: tuple[int, int]
) -> tuple[Any, ...]:
    """The values of the request's `Exchange`. ``stamp``: its serial and the µs it took.

    The store keeps values, so the record itself, which would cost a microsecond, is not made.
    """
    call, operation, job = context.call, context.operation, context.job
    own = context.secret
    serial, took_us = stamp
    # A file is not copied into the log.
    body = reply.body if isinstance(reply.body, bytes) else b""
    for secret in reply.secrets:
        body = body.replace(secret.encode(), masked(secret).encode())
    return values_for(
        Exchange,
        str(serial),
        serial,
        call.now_us,
        key.provider,
        operation.name if operation is not None else "",
        key.account,
        key.id,
        key.hint,
        call.method,
        hide(call.path, own),
        hide(call.query_string.decode("latin-1"), own) if call.query_string else "",
        mask_headers(call.raw_headers, own),
        hide_bytes(call.body, own)[:BODY_KEPT_BYTES],
        reply.status,
        hide_values(reply.headers, own) if context.hints else reply.headers,
        hide_bytes(body, own)[:BODY_KEPT_BYTES],
        call.request_id,
        job.id if job is not None else "",
        context.cost,
        tuple([decision[:] for decision in context.decisions]),
        tuple([hide(note, own) for note in context.notes if note]) if context.notes else (),
        took_us,
        key.test,
        "",
    )
