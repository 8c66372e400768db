"""Pages of one account's jobs by cursor: the rules of `core.cursors` in one open sandbox.

A page is found by the number of the job it lies behind, so jobs that come or go in between move
nothing. It reads and writes nothing else.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

from bodydouble.core.cursors import Page, Place, cursor_of, place_of
from bodydouble.core.jobs import Job
from bodydouble.core.store import Transaction

_READ_AT_ONCE = 200


async def page_of(
    tx: Transaction,
    account: str,
    cursor: str,
    limit: int,
    *,
    newest_first: bool = True,
    keep: Callable[[Job], bool] | None = None,
) -> Page:
    """Up to ``limit`` jobs at a cursor; the first page where it is empty. Refused: INVALID."""
    place = place_of(account, cursor) if cursor else None
    backwards = place is not None and place.before
    found: list[Job] = []
    async for job in _beyond(tx, account, place, newest_first is not backwards):
        if keep is None or keep(job):
            found.append(job)
        if len(found) > limit:
            break
    more, jobs = len(found) > limit, found[:limit]
    if backwards:
        jobs.reverse()
    if not jobs:
        return Page([])
    behind = cursor_of(account, Place(jobs[-1].order)) if backwards or more else None
    ahead = place is not None if not backwards else more
    return Page(jobs, behind, cursor_of(account, Place(jobs[0].order, True)) if ahead else None)


async def _beyond(
    tx: Transaction, account: str, place: Place | None, downwards: bool
) -> AsyncIterator[Job]:
    """The account's jobs on one side of a place, the nearest first."""
    offset = 0
    while True:
        jobs = await tx.list(
            Job, account, newest_first=downwards, offset=offset, limit=_READ_AT_ONCE
        )
        for job in jobs:
            if place is None or (job.order < place.order if downwards else job.order > place.order):
                yield job
        if len(jobs) < _READ_AT_ONCE:
            return
        offset += len(jobs)
