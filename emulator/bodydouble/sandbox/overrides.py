"""The control plane's verbs, applied to one open sandbox: move its time, its jobs and its money.

They go through the same rules as a request (`sandbox.py`), inside the same kind of transaction, so
nothing forced from outside breaks a law. Raises `CannotSteer` where the sandbox makes it
impossible. It knows nothing of HTTP.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from bodydouble.core.clock import LATEST_US
from bodydouble.core.details import detail_of
from bodydouble.core.jobs import Job
from bodydouble.core.lifecycle import Event, State
from bodydouble.core.money.ledger import Account, top_up
from bodydouble.core.reasons import Reason
from bodydouble.core.schedule import Due
from bodydouble.sandbox.events import wallet_moved
from bodydouble.sandbox.open_sandbox import OpenSandbox


class CannotOverride(Exception):
    """What was asked cannot be done to this sandbox as it stands; the text says why."""


# Time --------------------------------------------------------------------------------------------

ROWS_PER_WALK_MAX = 500


class Until(StrEnum):
    """Where a walk through time ends."""

    INSTANT = "instant"
    NEXT_EVENT = "next-event"
    IDLE = "idle"
    JOB = "job"


@dataclass(frozen=True, slots=True)
class Goal:
    """``at_us`` for an instant or a next event, ``job`` for the end of one."""

    until: Until
    at_us: int = 0
    job: str = ""


def goal_after(sandbox: OpenSandbox, span_us: int) -> Goal:
    """``span_us`` from now. CannotSteer if that is past the year 9999."""
    return goal_at(sandbox, sandbox.now_us + span_us)


def goal_at(sandbox: OpenSandbox, at_us: int) -> Goal:
    """An instant. CannotSteer if it is in the past or past the year 9999."""
    try:
        sandbox.record.clock.moved(at_us, sandbox.record.clock.real_us)
        if at_us < sandbox.now_us:
            raise ValueError("time only moves forward")
    except ValueError as error:
        raise CannotOverride(str(error)) from None
    return Goal(Until.INSTANT, at_us)


async def goal_next(sandbox: OpenSandbox) -> Goal:
    """The next instant at which something is due; now, where nothing is."""
    row = await sandbox.tx.first(Due)
    return Goal(Until.NEXT_EVENT, sandbox.now_us if row is None else max(row.order, sandbox.now_us))


async def walk(sandbox: OpenSandbox, goal: Goal, real_us: int) -> tuple[int, bool]:
    """Moves time towards the goal; (how many events happened, whether it got there).

    It stops short wherever something is put out for sending, with the clock at that instant, so
    that the caller can have it sent before time goes on; and after `ROWS_PER_WALK_MAX` events, so
    that others get their turn. Raised out of, nothing has moved.
    """
    done, stop_us = 0, sandbox.now_us
    arrived = await _there(sandbox, goal)
    while not arrived and done < ROWS_PER_WALK_MAX:
        row = await sandbox.tx.first(Due)
        if sandbox.released and (row is None or row.order > stop_us):
            break
        if row is None or (goal.until in _INSTANTS and row.order > goal.at_us):
            arrived = _at_the_end(goal)
            break
        stop_us = max(stop_us, row.order)
        sandbox.now_us = stop_us
        done += await sandbox.settle(most=1)
        if goal.until is Until.JOB and await _there(sandbox, goal):
            # What the job's end made due at the same instant belongs to it.
            done += await sandbox.settle()
            arrived = True
    if arrived and goal.until in _INSTANTS:
        stop_us = max(stop_us, goal.at_us)
    await _set_time(sandbox, stop_us, real_us)
    return done, arrived


_INSTANTS = (Until.INSTANT, Until.NEXT_EVENT)


async def _there(sandbox: OpenSandbox, goal: Goal) -> bool:
    if goal.until is not Until.JOB:
        return False
    job = await sandbox.tx.get(Job, goal.job)
    if job is not None and not job.final and job.timeline.outcome is None:
        raise _never_ends(goal)  # before anything moves on the way there
    return job is None or job.final


def _at_the_end(goal: Goal) -> bool:
    if goal.until is Until.JOB:
        raise _never_ends(goal)
    return True


def _never_ends(goal: Goal) -> CannotOverride:
    return CannotOverride(f"job {goal.job} will never end by itself")


async def _set_time(sandbox: OpenSandbox, at_us: int, real_us: int) -> None:
    at_us = min(max(at_us, sandbox.record.clock.now(real_us)), LATEST_US)
    sandbox.record = replace(sandbox.record, clock=sandbox.record.clock.moved(at_us, real_us))
    sandbox.now_us = at_us
    sandbox.tx.put(sandbox.record)


async def set_rate(sandbox: OpenSandbox, rate: float, real_us: int) -> None:
    """Lets time flow at ``rate`` from now on; 0 freezes it."""
    try:
        clock = sandbox.record.clock.at_rate(rate, real_us)
    except ValueError as error:
        raise CannotOverride(str(error)) from None
    sandbox.record = replace(sandbox.record, clock=clock)
    sandbox.tx.put(sandbox.record)


# Jobs --------------------------------------------------------------------------------------------


async def finish(sandbox: OpenSandbox, job: Job) -> Job:
    """Lets a job succeed now, whatever was drawn."""
    if job.state is State.QUEUED:
        job = await sandbox.apply(job, Event.START, sandbox.now_us) or job
    return await _applied(sandbox, job, Event.SUCCEED)


async def fail(sandbox: OpenSandbox, job: Job, reason: Reason, detail: str = "") -> Job:
    """Lets a job fail now for ``reason``; whether it is refunded is the vendor's rule.

    CannotOverride where the vendor has no such detail of the reason.
    """
    provider = sandbox.providers[job.provider]
    if detail and detail_of(provider.details, reason, detail) is None:
        known = [one.name for one in provider.details if one.of is reason]
        listed = f"there are {', '.join(known)}" if known else "it tells none apart"
        raise CannotOverride(f"{provider.name} tells no {reason} called {detail!r}: {listed}")
    return await _applied(sandbox, job, Event.FAIL, reason, detail)


async def _applied(
    sandbox: OpenSandbox, job: Job, event: Event, reason: Reason | None = None, detail: str = ""
) -> Job:
    after = await sandbox.apply(job, event, sandbox.now_us, reason, detail)
    if after is None:
        raise CannotOverride(f"job {job.id} is {job.state} already")
    return after


async def cancel(sandbox: OpenSandbox, job: Job) -> Job:
    """Cancels a job now, as if its owner had; whether it is refunded is the vendor's rule."""
    return await _applied(sandbox, job, Event.CANCEL)


async def stall(sandbox: OpenSandbox, job: Job) -> Job:
    """Lets a job run for ever from here on."""
    if job.final:
        raise CannotOverride(f"job {job.id} is {job.state} already")
    job = replace(job, timeline=replace(job.timeline, outcome=None, reason=None))
    sandbox.tx.put(job)
    # Nothing else tells those who watch that this job's future is another now.
    await sandbox.serial("forced")
    return job


# Money -------------------------------------------------------------------------------------------


async def add_money(
    sandbox: OpenSandbox, account: Account, amount: int, bucket: str = ""
) -> Account:
    """Books ``amount`` smallest units (negative: it leaves) to a bucket, by default the last."""
    if not amount:
        return account
    name = bucket or account.buckets[-1][0]
    if name not in dict(account.buckets):
        known = ", ".join(held for held, _ in account.buckets)
        raise CannotOverride(f"{account.id} has no bucket {name!r}: it has {known}")
    serial = await sandbox.serial("entries")
    after, entry = top_up(account, name, amount, serial=serial, at_us=sandbox.now_us)
    sandbox.tx.put(entry)
    sandbox.tx.put(after)
    await wallet_moved(sandbox, after, account.balance, sandbox.now_us)
    return after


async def set_balance(sandbox: OpenSandbox, account: Account, wanted: int) -> Account:
    """Makes the balance ``wanted``: a top-up, or money leaving bucket by bucket as it is spent."""
    missing = wanted - account.balance
    if missing > 0:
        return await add_money(sandbox, account, missing)
    for name, held in account.buckets:
        part = min(max(held, 0), -missing)
        account = await add_money(sandbox, account, -part, name)
        missing += part
    return account
