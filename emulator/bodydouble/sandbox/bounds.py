"""How much one sandbox keeps of what clients send: the one rule by which the oldest makes room.

What is kept is counted in bytes as it comes, in a `Counter` of its own for each sort; what came to
be counted in a transaction stands in `OpenSandbox.weights`, for whoever minds the whole process.
`docs/bounds.md` lists the bounds. Money bounds most clients long before.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from bodydouble.core.errors import Cause, Refused
from bodydouble.core.evidence.request_log import Exchange
from bodydouble.core.jobs import Submission
from bodydouble.core.sandboxes import Counter
from bodydouble.core.store import Transaction
from bodydouble.sandbox.access import SandboxAccess

JOBS_PER_SANDBOX_MAX = 200_000
TEXT_LONG = 4_096
"""Characters of a job that are not counted: the number of jobs bounds them."""
TEXTS_PER_SANDBOX_MAX = 64 * 1024 * 1024
JOB_BYTES = 4_096
"""What a job with its entries and names counts for: about twice what it takes without its text."""
JOBS, TEXTS = "jobs", "texts"
PICTURES, ANSWERS, DELIVERIES = "blob bytes", "answer bytes", "delivery bytes"


async def counted(tx: Transaction, name: str) -> int:
    """What a counter says; 0 where there is none yet."""
    counter = await tx.get(Counter, name)
    return counter.value if counter else 0


async def check_room(sandbox: SandboxAccess, submission: Submission, serial: int) -> Counter | None:
    """The characters that all long texts of jobs have with this one; None if this one is short.

    Refused(INTERNAL), with what to do, where there is no room.
    """
    if sandbox.full:
        raise Refused(Cause.INTERNAL, "this server keeps as much as it may: delete sandboxes")
    if serial > JOBS_PER_SANDBOX_MAX:
        raise Refused(Cause.INTERNAL, "this sandbox has as many jobs as it may: make another")
    size = len(submission.prompt) + len(str(submission.extra))
    if size <= TEXT_LONG:
        return None
    size += await counted(sandbox.tx, TEXTS)
    if size > TEXTS_PER_SANDBOX_MAX:
        raise Refused(Cause.INTERNAL, "this sandbox's jobs have as much text as they may keep")
    return Counter(TEXTS, size)


async def make_room(
    sandbox: SandboxAccess,
    sort: str,
    came: int,
    most: int,
    forget: Callable[[], Awaitable[int | None]],
    *,
    surplus: int,
) -> None:
    """Counts the bytes that came of a sort, of which ``most`` may be kept and ``surplus`` too many.

    ``forget`` has the oldest leave and gives its bytes; None where only the newest is left.
    """
    size = await counted(sandbox.tx, sort) + came
    while surplus > 0 or size > most:
        freed = await forget()
        if freed is None:
            break
        size, surplus = size - freed, surplus - 1
    size = max(0, size)
    sandbox.tx.put(Counter(sort, size))
    sandbox.weights[sort] = size


async def weights_of(tx: Transaction) -> dict[str, int]:
    """What all that is kept of a sandbox comes to, by its sort; its log is not among it."""
    weights = {sort: await counted(tx, sort) for sort in (TEXTS, PICTURES, ANSWERS, DELIVERIES)}
    return {**weights, JOBS: await counted(tx, JOBS) * JOB_BYTES}


async def size_of(tx: Transaction) -> int:
    """About how many bytes a copy of the sandbox has, its log with it."""
    size = sum((await weights_of(tx)).values())
    for one in await tx.list(Exchange):
        size += len(one.request_body) + len(one.response_body) + len(one.path) + len(one.query)
        size += sum([len(name) + len(value) for name, value in one.request_headers])
    return size
