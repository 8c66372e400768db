"""The control plane's verbs, applied to one open sandbox: move its time, its jobs and its money.

They go through the same rules as a request (`sandbox.py`), inside the same kind of transaction, so
nothing forced from outside breaks a law. Raises `CannotSteer` where the sandbox makes it
impossible. It knows nothing of HTTP.
"""

from __future__ import annotations

from dataclasses import replace

from understudy.core.clock import Clock
from understudy.core.jobs import Job
from understudy.core.ledger import Account, top_up
from understudy.core.lifecycle import Event, State
from understudy.core.scenarios import Reason
from understudy.core.schedule import Due, Line
from understudy.sandbox import OpenSandbox

# What one call lets happen at most; a sandbox that needs more is asked again.
SETTLED_MAX = 1_000_000


class CannotSteer(Exception):
    """What was asked cannot be done to this sandbox as it stands; the text says why."""


async def set_clock(box: OpenSandbox, clock: Clock, real_us: int) -> int:
    """Puts ``clock`` in force and lets happen what became due; gives how much that was."""
    box.record = replace(box.record, clock=clock)
    box.now_us = clock.now(real_us)
    await box.tx.put(box.record)
    return await box.settle(most=SETTLED_MAX)


async def advance(box: OpenSandbox, span_us: int, real_us: int) -> int:
    """Moves time forward by ``span_us``; how many events that let happen."""
    try:
        clock = box.record.clock.advanced(span_us, real_us)
    except ValueError as error:
        raise CannotSteer(str(error)) from None
    return await set_clock(box, clock, real_us)


async def move_to(box: OpenSandbox, to_us: int, real_us: int) -> int:
    """Moves time forward to an instant; how many events that let happen."""
    try:
        clock = box.record.clock.moved(to_us, real_us)
    except ValueError as error:
        raise CannotSteer(str(error)) from None
    return await set_clock(box, clock, real_us)


async def set_rate(box: OpenSandbox, rate: float, real_us: int) -> None:
    """Lets time flow at ``rate`` from now on; 0 freezes it."""
    try:
        clock = box.record.clock.at_rate(rate, real_us)
    except ValueError as error:
        raise CannotSteer(str(error)) from None
    await set_clock(box, clock, real_us)


async def to_next_event(box: OpenSandbox, real_us: int) -> int:
    """Moves to the next instant at which something is due; 0 where nothing is."""
    row = await box.tx.first(Due)
    return 0 if row is None else await move_to(box, max(row.order, box.now_us), real_us)


async def to_idle(box: OpenSandbox, real_us: int) -> int:
    """Moves on until nothing is due any more. A job that never ends is due for nothing."""
    done = 0
    while done < SETTLED_MAX and (row := await box.tx.first(Due)) is not None:
        box.now_us = max(row.order, box.now_us)
        done += await box.settle(most=SETTLED_MAX - done)
    return done + await move_to(box, max(box.now_us, box.record.clock.now(real_us)), real_us)


async def to_end_of(box: OpenSandbox, job_id: str, real_us: int) -> int:
    """Moves on until the job is over. CannotSteer where it never will be, and nothing has moved."""
    before_us, done = box.now_us, 0
    while True:
        job = await box.tx.get(Job, job_id)
        assert job is not None, "whoever asks has found the job"
        if job.final:
            break
        row = await box.tx.first(Due)
        if row is None:
            raise CannotSteer(f"job {job_id} is {job.state} and will never end by itself")
        box.now_us = max(row.order, box.now_us)
        done += await box.settle(most=1)
    return done + await move_to(box, max(box.now_us, before_us), real_us)


async def finish(box: OpenSandbox, job: Job) -> Job:
    """Lets a job succeed now, whatever was drawn."""
    if job.state is State.QUEUED:
        # A job taken out of the line must leave it, or a free slot would go to nobody.
        await box.tx.delete(Line, job.id)
        job = await box.apply(job, Event.START, box.now_us) or job
    return await _applied(box, job, Event.SUCCEED)


async def fail(box: OpenSandbox, job: Job, reason: Reason) -> Job:
    """Lets a job fail now for ``reason``; the refund is the vendor's affair, as ever."""
    return await _applied(box, job, Event.FAIL, reason)


async def _applied(box: OpenSandbox, job: Job, event: Event, reason: Reason | None = None) -> Job:
    after = await box.apply(job, event, box.now_us, reason)
    if after is None:
        raise CannotSteer(f"job {job.id} is {job.state} already")
    return after


async def stall(box: OpenSandbox, job: Job) -> Job:
    """Lets a job run for ever from here on."""
    if job.final:
        raise CannotSteer(f"job {job.id} is {job.state} already")
    job = replace(job, timeline=replace(job.timeline, ending=None, reason=None))
    await box.tx.put(job)
    return job


async def add_money(box: OpenSandbox, account: Account, amount: int, bucket: str = "") -> Account:
    """Books ``amount`` smallest units (negative: it leaves) to a bucket, by default the last."""
    if not amount:
        return account
    name = bucket or account.buckets[-1][0]
    if name not in dict(account.buckets):
        known = ", ".join(held for held, _ in account.buckets)
        raise CannotSteer(f"{account.id} has no bucket {name!r}: it has {known}")
    serial = await box.serial("entries")
    after, entry = top_up(account, name, amount, serial=serial, at_us=box.now_us)
    await box.tx.put(entry)
    await box.tx.put(after)
    return after


async def set_balance(box: OpenSandbox, account: Account, wanted: int) -> Account:
    """Makes the balance ``wanted``: a top-up, or money leaving bucket by bucket as it is spent."""
    missing = wanted - account.balance
    if missing > 0:
        return await add_money(box, account, missing)
    for name, held in account.buckets:
        part = min(max(held, 0), -missing)
        account = await add_money(box, account, -part, name)
        missing += part
    return account
