"""What a sandbox's jobs cost, and which of them were paid for and never fetched.

Read off the ledger and the request log; amounts are integers of the vendor's smallest unit. Nothing
is decided or written here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bodydouble.core.evidence.request_log import Exchange
from bodydouble.core.jobs import Job
from bodydouble.core.lifecycle import State
from bodydouble.core.money.ledger import Entry, EntryKind
from bodydouble.core.webhooks import Delivery, DeliveryStatus


@dataclass(frozen=True, slots=True)
class Bill:
    """One vendor's part: what was charged and what of it came back."""

    provider: str
    charged: int = 0
    refunded: int = 0
    charges: int = 0

    @property
    def net(self) -> int:
        """What the real vendor would have kept."""
        return self.charged - self.refunded


@dataclass(frozen=True, slots=True)
class Orphan:
    """A job that was charged, and of whose end the client never learned."""

    job: Job
    why: str


def bills(entries: Iterable[Entry]) -> tuple[Bill, ...]:
    """One bill per vendor that charged anything, by name. Money put in is nobody's bill."""
    sums: dict[str, list[int]] = {}
    for entry in entries:
        if entry.kind is EntryKind.TOP_UP:
            continue
        vendor = entry.group.partition("/")[0]
        charged, refunded, charges = sums.setdefault(vendor, [0, 0, 0])
        if entry.kind is EntryKind.CHARGE:
            sums[vendor] = [charged - entry.amount, refunded, charges + 1]
        else:
            sums[vendor] = [charged, refunded + entry.amount, charges]
    return tuple(Bill(vendor, *sums[vendor]) for vendor in sorted(sums))


def orphans(
    jobs: Iterable[Job], exchanges: Sequence[Exchange], deliveries: Sequence[Delivery]
) -> tuple[Orphan, ...]:
    """Jobs that were charged and neither fetched after their end nor cancelled nor refunded."""
    found = []
    for job in jobs:
        if not job.submission.price or job.refunded or job.state is State.CANCELED:
            continue
        if not job.final:
            found.append(Orphan(job, f"it was left {job.state} and never cancelled"))
        elif not (_read(job, exchanges) or _announced(job, deliveries)):
            found.append(Orphan(job, f"it {job.state} and nobody asked for it"))
    return tuple(found)


def _read(job: Job, exchanges: Sequence[Exchange]) -> bool:
    ended_us = job.ended_at_us or 0
    return any(
        one.at_us >= ended_us
        and one.method == "GET"
        and 200 <= one.status < 300
        and (one.job == job.id or _mentions(one, job))
        for one in exchanges
    )


def _mentions(one: Exchange, job: Job) -> bool:
    return any(name.encode() in one.response_body for name in job.submission.names.values())


def _announced(job: Job, deliveries: Sequence[Delivery]) -> bool:
    return any(one.job == job.id and one.status is DeliveryStatus.DELIVERED for one in deliveries)
