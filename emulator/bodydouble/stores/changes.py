"""What a transaction that keeps its writes back did to one group, laid over the stored order.

Members are text that sorts as (order, id) does. Nothing that left comes back by itself, so the
stored members known to have left at the head are never read again: emptying a queue of any length
costs one look per row. It knows no database.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Sequence
from heapq import merge
from itertools import islice

from bodydouble.core.store import Record

# Orders exceed 2**53, so a number would round them: they are text, shifted to be positive.
_SHIFT = 1 << 63
_DIGITS = 20


def member(record: Record) -> bytes:
    """Where the record stands in its group."""
    return f"{record.order + _SHIFT:0{_DIGITS}d}:{record.id}".encode()


def same_place(old: Record, new: Record) -> bool:
    """Whether a record that is written anew stays where it is."""
    return (old.group, old.order) == (new.group, new.order)


def id_of(place: bytes) -> str:
    """Whose place it is."""
    return place[_DIGITS + 1 :].decode()


class Changes:
    """Which stored members of a group left, and which ones came that are not stored yet."""

    __slots__ = ("_head", "come", "gone")

    def __init__(self) -> None:
        self.gone: set[bytes] = set()
        self.come: list[bytes] = []
        self._head = 0

    def arrive(self, place: bytes) -> None:
        """A member came."""
        insort(self.come, place)

    def undo_arrival(self, place: bytes) -> None:
        """A member that came is gone again."""
        del self.come[bisect_left(self.come, place)]

    def needed(self, *, newest_first: bool, most: int | None) -> tuple[int, int]:
        """The first and last stored position (-1: the end) that tell the first ``most`` members."""
        head = 0 if newest_first else self._head
        # Enough to fill the slice even if every one that left stood before it.
        return head, -1 if most is None else most + len(self.gone) - 1

    def merged(
        self, stored: Sequence[bytes], *, newest_first: bool, offset: int, most: int | None
    ) -> list[str]:
        """The ids of a slice, given the stored members at the `needed` positions."""
        if not newest_first:
            for place in stored:
                if place not in self.gone:
                    break
                self._head += 1
        left = [place for place in stored if place not in self.gone]
        come = self.come[::-1] if newest_first else self.come
        both = merge(left, come, reverse=newest_first)
        return [id_of(place) for place in islice(both, offset, most)]
