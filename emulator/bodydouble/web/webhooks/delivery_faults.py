"""Faults on purpose at delivery: a webhook dropped, late, doubled, overtaken or badly signed.

Asked in the transaction that prepares an attempt; what is late is planned anew there, the rest is
done to the request. Only a first attempt is late, or it would never arrive.
"""

from __future__ import annotations

from bodydouble.core.clock import SECOND_US
from bodydouble.core.jobs import Job
from bodydouble.core.keys import Key
from bodydouble.core.scenarios.faults import Fault, Kind, Point
from bodydouble.core.scenarios.matching import RETRY, RequestFacts
from bodydouble.core.schedule import Due, DueKind
from bodydouble.core.webhooks import Delivery, Outgoing
from bodydouble.sandbox.events import schedule_delivery
from bodydouble.sandbox.open_sandbox import OpenSandbox
from bodydouble.sandbox.outcomes import active_faults, injected_faults

_LOOKED_AHEAD = 1_000
_SIGNS = ("signature", "authorization")


async def faults_at_delivery(sandbox: OpenSandbox, delivery: Delivery, first: bool) -> list[Fault]:
    """What this attempt meets. ``first``: it is the one planned when the event happened."""
    job = await sandbox.tx.get(Job, delivery.job) if delivery.job else None
    vendor = delivery.group.partition("/")[0]
    facts = RequestFacts(
        provider=vendor,
        operation=delivery.event,
        kinds=() if first else (RETRY,),
        key=Key("", sandbox.record.id, vendor, delivery.group, ""),
        model=job.submission.model if job else "",
        prompt=job.submission.prompt if job else "",
    )
    injected = await injected_faults(sandbox, await active_faults(sandbox), Point.DELIVERY, facts)
    return [injected.fault for injected in injected]


async def postponed(
    sandbox: OpenSandbox, outgoing: Outgoing, delivery: Delivery, faults: list[Fault]
) -> bool:
    """Plans a late delivery anew; False where nothing makes it late."""
    for fault in faults:
        if fault.kind in (Kind.LATE, Kind.REORDER):
            at_us = max(outgoing.order, sandbox.now_us) + int(fault.hold_s * SECOND_US)
            if fault.kind is Kind.REORDER:
                at_us = await _after_next(sandbox) or at_us
            sandbox.tx.delete(Outgoing, outgoing.id)
            await schedule_delivery(sandbox, delivery, at_us)
            return True
    return False


async def _after_next(sandbox: OpenSandbox) -> int | None:
    """Just after the next end of a job, whose news then overtakes."""
    for row in await sandbox.tx.list(Due, limit=_LOOKED_AHEAD):
        if row.kind is DueKind.END:
            return row.order + 1
    return None


def forged(headers: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    """The headers with whatever proves their origin spoilt."""
    return tuple(
        (name, value[:-4] + _other(value[-4:]))
        if any(word in name.lower() for word in _SIGNS)
        else (name, value)
        for name, value in headers
    )


def _other(tail: str) -> str:
    return "".join("0" if letter != "0" else "1" for letter in tail)
