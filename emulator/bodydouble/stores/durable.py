"""What the stores outside this process share: how long they wait, and journals kept as records."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeVar

from bodydouble.core.store import Journaled, Record, Transaction

R = TypeVar("R", bound=Record)

WAIT_MAX_S = 30.0


def pauses_s() -> Iterator[float]:
    """Ever longer pauses between two tries, until they add up to `WAIT_MAX_S`."""
    pause_s, waited_s = 0.001, 0.0
    while waited_s < WAIT_MAX_S:
        yield pause_s
        waited_s += pause_s
        pause_s = min(pause_s * 1.5, 0.02)


class DurableTransaction:
    """The parts of a transaction that follow from its others."""

    __slots__ = ()

    def append(self: Transaction, kind: type[Journaled], values: tuple[Any, ...], /) -> None:
        record = kind(*values)
        self.put(record)
        self.delete(kind, str(record.order - kind.KEPT_MAX))

    async def first(self: Transaction, kind: type[R], group: str = "", /) -> R | None:
        found = await self.list(kind, group, limit=1)
        return found[0] if found else None
