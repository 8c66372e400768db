"""Answers that are kept for keys of idempotency: so many and so many bytes of them in a sandbox.

Which requests have such a key, and how long it counts, is the vendor's.
"""

from __future__ import annotations

from bodydouble.core.idempotency import (
    REMEMBERED_BYTES_MAX,
    REMEMBERED_PER_SANDBOX_MAX,
    Remembered,
    still_counts,
)
from bodydouble.sandbox.access import SandboxAccess
from bodydouble.sandbox.bounds import ANSWERS, make_room


async def keep_answer(sandbox: SandboxAccess, memory: Remembered, lifetime_us: int) -> None:
    """Keeps an answer; the oldest goes once it no longer counts, and the oldest make room."""
    tx = sandbox.tx
    before = await tx.get(Remembered, memory.id)
    tx.put(memory)

    async def oldest() -> Remembered | None:
        found = await tx.list(Remembered, limit=2)
        return next((one for one in found if one.id != memory.id), None)

    async def forget() -> int | None:
        one = await oldest()
        if one is None:
            return None
        tx.delete(Remembered, one.id)
        return _size(one)

    came = _size(memory) - (_size(before) if before else 0)
    old = await oldest()
    if old is not None and not still_counts(old, sandbox.now_us, lifetime_us):
        came -= await forget() or 0
    # Answers about jobs are as many as jobs at most.
    surplus = 0 if memory.job else await tx.count(Remembered) - REMEMBERED_PER_SANDBOX_MAX
    await make_room(sandbox, ANSWERS, came, REMEMBERED_BYTES_MAX, forget, surplus=surplus)


def _size(memory: Remembered) -> int:
    return len(memory.id) + len(memory.body)
