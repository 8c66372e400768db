"""What the memory store keeps of one sandbox: records, a sorted index per group, journals, a lock.

It moves things and undoes nothing; which change belongs to which transaction is `memory.py`'s.
"""

from __future__ import annotations

import asyncio
from bisect import bisect_left, insort
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator
from contextlib import suppress
from heapq import merge
from itertools import islice
from typing import Any

from understudy.core.store import Journaled, Record

_Position = tuple[int, str]
_GONE_MAX = 512
_SHORT = 2_048
_LATE_MAX = 512


class Index:
    """The positions of one group in order; the first leave it at no cost, as rows of a queue do.

    What comes between the others in a long group waits in ``late``, because making room in the
    middle costs as much as there is; it joins them in batches.
    """

    __slots__ = ("gone", "late", "positions")

    def __init__(self, positions: Iterable[_Position] = ()) -> None:
        self.positions = list(positions)
        self.gone = 0
        self.late: list[_Position] = []

    def __len__(self) -> int:
        return len(self.positions) - self.gone + len(self.late)

    def place(self, position: _Position) -> None:
        positions = self.positions
        if not positions or positions[-1] < position:
            positions.append(position)
        elif len(positions) < _SHORT:
            insort(positions, position, self.gone)
        else:
            insort(self.late, position)
            if len(self.late) > _LATE_MAX:
                self.positions = sorted([*positions[self.gone :], *self.late])
                self.gone = 0
                self.late = []

    def remove(self, position: _Position) -> None:
        if self.late:
            at = bisect_left(self.late, position)
            if at < len(self.late) and self.late[at] == position:
                del self.late[at]
                return
        positions, gone = self.positions, self.gone
        if positions[gone] != position:
            del positions[bisect_left(positions, position, gone)]
            return
        self.gone = gone = gone + 1
        # Moving up what follows costs as much as there is; half a list at a time it costs nothing.
        if gone > _GONE_MAX and 2 * gone > len(positions):
            del positions[:gone]
            self.gone = 0

    def first(self) -> _Position | None:
        if self.gone == len(self.positions):
            return self.late[0] if self.late else None
        first = self.positions[self.gone]
        return min(first, self.late[0]) if self.late else first

    def walk(self, newest_first: bool) -> Iterator[_Position]:
        count = len(self.positions) - self.gone
        if newest_first:
            most = islice(reversed(self.positions), count)
            return merge(most, reversed(self.late), reverse=True) if self.late else most
        most = islice(self.positions, self.gone, None)
        return merge(most, self.late) if self.late else most


class Lock:
    """An `asyncio.Lock`, first come first served, that costs a look while nobody waits."""

    __slots__ = ("taken", "waiting")

    def __init__(self) -> None:
        self.taken = False
        self.waiting: deque[asyncio.Future[None]] = deque()

    def locked(self) -> bool:
        return self.taken

    async def acquire(self) -> None:
        if not self.taken:
            self.taken = True
            return
        ours: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.waiting.append(ours)
        try:
            await ours
        except asyncio.CancelledError:
            if ours.cancelled():
                # Unless whoever let go in the same moment passed us over already.
                with suppress(ValueError):
                    self.waiting.remove(ours)
            else:
                self.release()
            raise

    def release(self) -> None:
        """Hands it to whoever has waited longest."""
        while self.waiting:
            ours = self.waiting.popleft()
            if not ours.done():
                ours.set_result(None)
                return
        self.taken = False


_Records = dict[type, dict[str, Any]]
_Groups = dict[tuple[type, str], Index]
_Journals = dict[type, deque[bytes]]
Contents = tuple[_Records, _Groups, _Journals]


class Shelf:
    """All records of one sandbox."""

    __slots__ = ("groups", "journals", "lock", "records")

    def __init__(self) -> None:
        self.records: _Records = defaultdict(dict)
        self.groups: _Groups = defaultdict(Index)
        self.journals: _Journals = {}
        self.lock = Lock()

    def empty(self) -> bool:
        """Whether it holds nothing."""
        return not any(self.records.values()) and not any(self.journals.values())

    def take_away(self) -> Contents:
        """Everything it holds, which it then no longer does."""
        contents = (self.records, self.groups, self.journals)
        self.fill((defaultdict(dict), defaultdict(Index), {}))
        return contents

    def fill(self, contents: Contents) -> None:
        """Makes this everything it holds."""
        self.records, self.groups, self.journals = contents

    def append(self, kind: type[Journaled], line: bytes) -> None:
        """Adds a line to a journal."""
        journal = self.journals.get(kind)
        if journal is None:
            journal = self.journals[kind] = deque(maxlen=kind.KEPT_MAX)
        journal.append(line)

    def swap(self, kind: type, id: str, record: Record | None) -> Record | None:
        """Puts ``record`` (None: nothing) in the place of ``id`` and gives what stood there."""
        records = self.records[kind]
        old: Record | None = records.get(id)
        if old is not None:
            self.groups[kind, old.group].remove((old.order, id))
        if record is None:
            records.pop(id, None)
        else:
            self.groups[kind, record.group].place((record.order, id))
            records[id] = record
        return old
