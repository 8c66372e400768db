"""When the money for a job that came to nothing goes back: at once, or when the vendor notices.

Whether it goes back at all is the vendor's rule; what a refund is stands in `core.money.ledger`.
"""

from __future__ import annotations

from bodydouble.core.jobs import Job
from bodydouble.core.lifecycle import State
from bodydouble.core.money.ledger import Account, Entry, refund
from bodydouble.core.records import changed
from bodydouble.core.schedule import DueKind
from bodydouble.sandbox.access import SandboxAccess
from bodydouble.sandbox.events import wallet_moved


async def settled(
    sandbox: SandboxAccess, account: Account, job: Job, struck: State, at_us: int
) -> tuple[Account, Job]:
    """The account and the job after its end at ``at_us``; ``struck`` is the state it was in."""
    provider = sandbox.providers[job.provider]
    quirks = sandbox.quirks(job.provider)
    if job.state is State.SUCCEEDED or not provider.refunds(quirks, job, struck):
        return account, job
    delay_us = provider.refund_delay_us(quirks, job) if provider.refund_delay_us else 0
    if delay_us:
        await sandbox.plan(at_us + delay_us, DueKind.REFUND, job.id)
        return account, job
    return await refunded(sandbox, account, job, at_us)


async def refunded(
    sandbox: SandboxAccess, account: Account, job: Job, at_us: int
) -> tuple[Account, Job]:
    """The account and the job once its charge went back, which it does once."""
    charged = await sandbox.tx.get(Entry, f"charge:{job.id}")
    if charged is None or job.refunded or job.refund_lost:
        return account, job
    serial = await sandbox.serial("entries")
    account, entry = refund(account, charged, serial=serial, at_us=at_us)
    sandbox.tx.put(entry)
    await wallet_moved(sandbox, account, account.balance - entry.amount, at_us)
    return account, changed(job, refunded=True)
