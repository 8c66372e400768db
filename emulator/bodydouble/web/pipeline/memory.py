"""What an idempotency key remembers: the reply to its first request, for as long as it counts.

Which requests may have a key, and how long it counts, is the vendor's.
"""

from __future__ import annotations

from bodydouble.core.errors import Cause, Refused
from bodydouble.core.evidence.decisions import REPLAYED
from bodydouble.core.idempotency import Remembered, fingerprint, memory_id, still_counts
from bodydouble.core.keys import Key
from bodydouble.core.provider import Provider
from bodydouble.core.wire import Reply
from bodydouble.sandbox.open_sandbox import OpenSandbox
from bodydouble.web.pipeline.context import RequestContext


async def stored_reply(
    context: RequestContext, sandbox: OpenSandbox, key: Key, provider: Provider
) -> Reply | None:
    """The reply to give again; None where this request is the first. Refused(IDEMPOTENCY)."""
    call = context.call
    name = provider.idempotency_key(call)
    if name is None:
        return None
    id = memory_id(key.account, name)
    memory = await sandbox.tx.get(Remembered, id)
    if memory is None or not still_counts(memory, sandbox.now_us, provider.idempotency_lifetime_us):
        context.memory_id = id
        return None
    if memory.fingerprint != fingerprint(call.method, call.path, call.canonical()):
        raise Refused(Cause.IDEMPOTENCY, key=name)
    context.notes += (REPLAYED,)
    return Reply(memory.status, memory.body, memory.headers, secrets=memory.secrets)


def remembered(context: RequestContext, reply: Reply) -> Remembered:
    """What is kept of the first request's reply."""
    call = context.call
    return Remembered(
        id=context.memory_id,
        fingerprint=fingerprint(call.method, call.path, call.canonical()),
        at_us=call.now_us,
        status=reply.status,
        headers=(),
        body=reply.body or b"",
        job=context.job.id if context.job else "",
        order=call.now_us,
        secrets=reply.secrets,
    )
