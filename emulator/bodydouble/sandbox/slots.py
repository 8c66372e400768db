"""Who has a concurrency slot and who is next: the rules of `core.slots` in one open sandbox.

A job that waits for its slot stands in its group's line, oldest first. A slot that is given back
goes to the first in line at that instant; the drawn spans of a job stay as they were drawn.
"""

from __future__ import annotations

from bodydouble.core.errors import Cause, Refused
from bodydouble.core.jobs import Job, Submission
from bodydouble.core.money.ledger import Account
from bodydouble.core.records import changed
from bodydouble.core.schedule import Line
from bodydouble.core.slots import Slot, Slots, moved, use_of
from bodydouble.sandbox.access import SandboxAccess


def slots_of(sandbox: SandboxAccess, provider: str, submission: Submission) -> Slots | None:
    """The slots a submission is held to; None where the vendor has no such limit."""
    limits = sandbox.providers[provider].slots
    return None if limits is None else limits(sandbox.quirks(provider), submission)


def check_queue(account: Account, slots: Slots) -> None:
    """Refused(QUEUE_FULL) where a submission can neither run nor wait."""
    if slots.waiting is None:
        return
    held, without = use_of(account.slots, slots.group)
    at_once = slots.from_acceptance and held < slots.running
    if not at_once and without >= slots.waiting:
        raise Refused(Cause.QUEUE_FULL, limit=slots.waiting, waiting=without)


def entered(
    sandbox: SandboxAccess, account: Account, job: Job, slots: Slots
) -> tuple[Account, Job]:
    """An accepted job and its account, once it has a slot, waits for one, or needs one later."""
    slot = Slot.LATER
    if slots.from_acceptance:
        taken = use_of(account.slots, slots.group)[0] >= slots.running
        slot = Slot.AWAITED if taken else Slot.HELD
    account, job = stands(account, changed(job, slot_group=slots.group), slot)
    if slot is Slot.AWAITED:
        sandbox.tx.put(_place_in_line(job))
    return account, job


def stands(account: Account, job: Job, slot: Slot) -> tuple[Account, Job]:
    """The account and the job once the job stands to its slot as ``slot``; nothing is written."""
    use = moved(account.slots, job.slot_group, job.slot, slot)
    return changed(account, slots=use), changed(job, slot=slot)


def must_wait(sandbox: SandboxAccess, account: Account, job: Job) -> bool:
    """Whether a job that is due to start finds no slot; then it is put in line."""
    if job.slot is not Slot.LATER:
        return False
    slots = slots_of(sandbox, job.provider, job.submission)
    if slots is None or use_of(account.slots, job.slot_group)[0] < slots.running:
        return False
    account, job = stands(account, job, Slot.AWAITED)
    sandbox.tx.put(account)
    sandbox.tx.put(job)
    sandbox.tx.put(_place_in_line(job))
    return True


async def next_in_line(
    sandbox: SandboxAccess, account: Account, group: str
) -> tuple[Account, Job] | None:
    """The first who waits for a slot of ``group``, and its account, if one is free for it.

    It has the slot then; when it starts is for the caller.
    """
    line = await sandbox.tx.first(Line, _line(account.id, group))
    job = await sandbox.tx.get(Job, line.id) if line is not None else None
    if job is None or not job.awaits_slot:
        return None
    slots = slots_of(sandbox, job.provider, job.submission)
    if slots is not None and use_of(account.slots, group)[0] >= slots.running:
        return None
    sandbox.tx.delete(Line, job.id)
    account, job = stands(account, job, Slot.HELD)
    sandbox.tx.put(account)
    sandbox.tx.put(job)
    return account, job


def _place_in_line(job: Job) -> Line:
    return Line(job.id, _line(job.group, job.slot_group), job.order)


def _line(account: str, group: str) -> str:
    return f"{account}:{group}" if group else account
