"""Replies that are not final: what they wait for, while nobody waits for the sandbox.

A delivery is sent and its outcome told; a job is looked at until it is over or its time has come.
Looking settles what was due, as any request would; how a reply is worded is the provider's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from bodydouble.core.account_view import AccountView
from bodydouble.core.clock import SECOND_US
from bodydouble.core.jobs import Job
from bodydouble.core.wire import AwaitedJob, Call, DeferredReply, Reply
from bodydouble.web.webhooks.scheduler import Scheduler

HELD_S_MAX = 60.0
LOOK_S = 0.1
Say = Callable[[AccountView], Awaitable[Reply]]


async def waited(scheduler: Scheduler, sandbox: str, reply: Reply, call: Call) -> Say:
    """What says the final reply in a view of the sandbox, once it is known."""
    deferred = reply.deferred
    if isinstance(deferred, DeferredReply):
        delivery = await scheduler.dispatcher.send_now(sandbox, deferred.delivery)
        worded = deferred.reply(delivery)

        async def told(view: AccountView) -> Reply:
            return worded

        return told
    assert deferred is not None, "a final reply waits for nothing"
    await _over(scheduler, sandbox, deferred, call)

    async def as_it_is(view: AccountView) -> Reply:
        job = await view.job(deferred.job)
        return reply if job is None or not job.final else deferred.reply(job, view)

    return as_it_is


async def _over(scheduler: Scheduler, sandbox: str, awaited: AwaitedJob, call: Call) -> None:
    """Returns once the job is over, its time has come, or its clock stands still."""
    left_s = min(HELD_S_MAX, (awaited.until_us - call.now_us) / SECOND_US)
    while True:
        async with scheduler.store.transaction(sandbox) as tx:
            opened = await scheduler.dispatcher.open(tx, sandbox)
            if opened is None:
                return
            await opened.settle()
            job = await tx.get(Job, awaited.job)
        scheduler.notice(opened)
        rate, ahead_us = opened.record.clock.rate, awaited.until_us - opened.now_us
        if job is None or job.final or rate == 0 or min(ahead_us, left_s) <= 0:
            return
        pause_s = min(LOOK_S, left_s, ahead_us / rate / SECOND_US)
        await asyncio.sleep(pause_s)
        left_s -= pause_s
