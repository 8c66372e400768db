"""What the stores outside this process share: how long they wait, and journals kept as records.

Counting what a journal holds costs a look at each of its lines, so it is done only once that much
has come since it was counted last; each process keeps that count for itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Protocol, TypeVar

from bodydouble.core.store import Journaled, Record, Transaction

R = TypeVar("R", bound=Record)
L = TypeVar("L")

WAIT_MAX_S = 30.0
# What may come to one journal before a process counts it again.
FRESH_BYTES_MAX = 2 * 1024 * 1024
_COUNTED_MAX = 10_000


def pauses_s() -> Iterator[float]:
    """Ever longer pauses between two tries, until they add up to `WAIT_MAX_S`."""
    pause_s, waited_s = 0.001, 0.0
    while waited_s < WAIT_MAX_S:
        yield pause_s
        waited_s += pause_s
        pause_s = min(pause_s * 1.5, 0.02)


class Fresh:
    """How much came to each sandbox's journals since this process counted them."""

    def __init__(self) -> None:
        self._bytes: dict[str, int] = {}

    def came(self, sandbox: str, size: int) -> bool:
        """Notes so many bytes; whether it is time to count, as it is where nobody did yet."""
        fresh = self._bytes.get(sandbox, FRESH_BYTES_MAX) + size
        due = fresh > FRESH_BYTES_MAX
        if len(self._bytes) >= _COUNTED_MAX:
            self._bytes.clear()
        self._bytes[sandbox] = size if due else fresh
        return due


def too_old(kind: type[Journaled], newest_first: Iterable[tuple[L, int]]) -> Iterator[L]:
    """Of lines and their lengths those that make room; the newest stays, whatever its length."""
    room = kind.KEPT_BYTES_MAX - FRESH_BYTES_MAX
    for number, (line, length) in enumerate(newest_first):
        room -= length
        if number and room < 0:
            yield line


class _Durable(Transaction, Protocol):
    """What a store's own part of a transaction has."""

    @property
    def fresh(self) -> Fresh: ...
    @property
    def sandbox(self) -> str: ...

    def keep(self, record: Record, /) -> int:
        """`put`; gives how many bytes that takes."""
        ...

    def trim(self, kind: type[Journaled], /) -> None:
        """Has the oldest lines leave at the end of the transaction at the latest: `too_old`."""
        ...


class DurableTransaction:
    """The parts of a transaction that follow from its others."""

    __slots__ = ()

    def append(self: _Durable, kind: type[Journaled], values: tuple[Any, ...], /) -> None:
        record = kind(*values)
        size = self.keep(record)
        if record.order > kind.KEPT_MAX:
            self.delete(kind, str(record.order - kind.KEPT_MAX))
        if self.fresh.came(self.sandbox, size):
            self.trim(kind)

    async def first(self: Transaction, kind: type[R], group: str = "", /) -> R | None:
        found = await self.list(kind, group, limit=1)
        return found[0] if found else None
