"""What the memory store keeps of one sandbox: records, a sorted index per group, journals, a lock.

It moves things and undoes nothing; which change belongs to which transaction is `memory.py`'s.
"""

from __future__ import annotations

import asyncio
from bisect import bisect_left, insort
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import chain
from operator import itemgetter
from typing import Any

from bodydouble.core.store import Journaled, Record

_Place = tuple[int, str]
_CHUNK = 512
_last = itemgetter(-1)


class Index:
    """The positions of one group in order, in chunks: a place in the middle of a long list would
    cost as much as everything behind it.
    """

    __slots__ = ("chunks", "count")

    def __init__(self, positions: Iterable[_Place] = ()) -> None:
        whole = list(positions)
        self.count = len(whole)
        starts = range(0, max(1, len(whole)), _CHUNK)
        self.chunks = [whole[start : start + _CHUNK] for start in starts]

    def __len__(self) -> int:
        return self.count

    def place(self, position: _Place) -> None:
        self.count += 1
        chunks = self.chunks
        last = chunks[-1]
        if not last or last[-1] < position:
            if len(last) < _CHUNK:
                last.append(position)
            else:
                chunks.append([position])
            return
        at = bisect_left(chunks, position, key=_last)
        chunk = chunks[at]
        insort(chunk, position)
        if len(chunk) > 2 * _CHUNK:
            chunks.insert(at + 1, chunk[_CHUNK:])
            del chunk[_CHUNK:]

    def remove(self, position: _Place) -> None:
        chunks = self.chunks
        at = 0 if position <= chunks[0][-1] else bisect_left(chunks, position, key=_last)
        chunk = chunks[at]
        del chunk[0 if chunk[0] == position else bisect_left(chunk, position)]
        self.count -= 1
        if not chunk and len(chunks) > 1:
            del chunks[at]

    def first(self) -> _Place | None:
        return self.chunks[0][0] if self.count else None

    def walk(self, newest_first: bool) -> Iterator[_Place]:
        if newest_first:
            return chain.from_iterable(map(reversed, reversed(self.chunks)))
        return chain.from_iterable(self.chunks)


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


class Journal:
    """Lines in the order in which they came, as many and as long as their kind allows."""

    __slots__ = ("bytes", "bytes_max", "lines", "most")

    def __init__(self, most: int, bytes_max: int) -> None:
        self.lines: deque[bytes] = deque()
        self.bytes = 0
        self.most, self.bytes_max = most, bytes_max

    def append(self, line: bytes) -> None:
        self.lines.append(line)
        self.bytes += len(line)
        if len(self.lines) > self.most:
            self.bytes -= len(self.lines.popleft())
        if self.bytes > self.bytes_max:
            self.trim(self.bytes_max)

    def trim(self, bytes_max: int) -> None:
        """The oldest go until no more than so many bytes are left; the last one stays."""
        while self.bytes > bytes_max and len(self.lines) > 1:
            self.bytes -= len(self.lines.popleft())

    def copy(self) -> Journal:
        """The same lines, to go on by itself."""
        copy = Journal(self.most, self.bytes_max)
        copy.lines, copy.bytes = self.lines.copy(), self.bytes
        return copy


_Records = dict[type, dict[str, Any]]
_Groups = dict[tuple[type, str], Index]
_Journals = dict[type, Journal]
Parts = tuple[_Records, _Groups, _Journals]


class SandboxContents:
    """All records of one sandbox."""

    __slots__ = ("groups", "journals", "lock", "records")

    def __init__(self) -> None:
        self.records: _Records = defaultdict(dict)
        self.groups: _Groups = defaultdict(Index)
        self.journals: _Journals = {}
        self.lock = Lock()

    def empty(self) -> bool:
        """Whether it holds nothing."""
        journals = self.journals.values()
        return not any(self.records.values()) and not any(one.lines for one in journals)

    def replace(self, parts: Parts | None = None) -> Parts:
        """Makes ``parts`` (None: nothing) everything it holds, and gives what it held."""
        held = (self.records, self.groups, self.journals)
        self.records, self.groups, self.journals = parts or (
            defaultdict(dict),
            defaultdict(Index),
            {},
        )
        return held

    def append(self, kind: type[Journaled], line: bytes) -> None:
        """Adds a line to a journal."""
        journal = self.journals.get(kind)
        if journal is None:
            journal = self.journals[kind] = Journal(kind.KEPT_MAX, kind.KEPT_BYTES_MAX)
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


def plain(value: Any) -> Any:
    """The value without what a subclass adds: an ``HTTPStatus`` is an int, a ``StrEnum`` text."""
    if isinstance(value, tuple):
        return tuple(map(plain, value))
    if isinstance(value, str):
        return str(value)
    return int(value) if isinstance(value, int) and not isinstance(value, bool) else value
