"""What a sandbox's jobs cost, and which of them were paid for and never fetched.

Read off the ledger and the request log; amounts are integers of the vendor's smallest unit. Nothing
is decided or written here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from bodydouble.core.evidence.request_log import Exchange
from bodydouble.core.jobs import Job
from bodydouble.core.lifecycle import State
from bodydouble.core.money.ledger import Entry, EntryKind
from bodydouble.core.webhooks import Delivery, DeliveryStatus

_WORDS = re.compile(rb"[\w-]+")


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
    jobs: Iterable[Job], exchanges: Iterable[Exchange], deliveries: Iterable[Delivery]
) -> tuple[Orphan, ...]:
    """Jobs that were charged and neither fetched after their end nor cancelled nor refunded.

    A job was fetched where a GET that was answered was about it, or its answer named it. The log
    and the deliveries are read once each, however many jobs there are.
    """
    about, named = _last_read(exchanges)
    announced = {one.job for one in deliveries if one.status is DeliveryStatus.DELIVERED}
    found = []
    for job in jobs:
        if not job.submission.price or job.refunded or job.state is State.CANCELED:
            continue
        if not job.final:
            found.append(Orphan(job, f"it was left {job.state} and never cancelled"))
        elif job.id not in announced:
            ended_us = job.ended_at_us or 0
            seen = [about.get(job.id, -1), *(_seen(name, named) for name in _names(job))]
            if max(seen) < ended_us:
                found.append(Orphan(job, f"it {job.state} and nobody asked for it"))
    return tuple(found)


def _last_read(exchanges: Iterable[Exchange]) -> tuple[dict[str, int], dict[bytes, int]]:
    """When each job was last asked for with success, and each word of an answer last said."""
    about: dict[str, int] = {}
    named: dict[bytes, int] = {}
    for one in exchanges:
        if one.method == "GET" and 200 <= one.status < 300:
            if one.job:
                about[one.job] = max(one.at_us, about.get(one.job, 0))
            for word in set(_WORDS.findall(one.response_body)):
                named[word] = max(one.at_us, named.get(word, 0))
    return about, named


def _names(job: Job) -> Iterable[bytes]:
    return (name.encode() for name in job.submission.names.values())


def _seen(name: bytes, named: dict[bytes, int]) -> int:
    """When an answer last had every word of a name, which is one word but in rare dialects."""
    return min((named.get(word, -1) for word in _WORDS.findall(name)), default=-1)
