"""The memory store: dictionaries, a sorted index per group, and an undo log per transaction.

Nothing is copied, because records are frozen; nothing ever suspends unless two tasks want the same
sandbox. It applies no rule and forgets everything when the process ends.
"""

from __future__ import annotations

import asyncio
from bisect import bisect_left, insort
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import islice
from types import TracebackType
from typing import Any, TypeVar

from understudy.core.keys import Key
from understudy.core.store import Record

R = TypeVar("R", bound=Record)
_Position = tuple[int, str]
_GONE_MAX = 512


class _Index:
    """The positions of one group in order; the first leave it at no cost, as rows of a queue do."""

    __slots__ = ("gone", "positions")

    def __init__(self, positions: Iterable[_Position] = ()) -> None:
        self.positions = list(positions)
        self.gone = 0

    def __len__(self) -> int:
        return len(self.positions) - self.gone

    def place(self, position: _Position) -> None:
        positions = self.positions
        if not positions or positions[-1] < position:
            positions.append(position)
        else:
            insort(positions, position, self.gone)

    def remove(self, position: _Position) -> None:
        positions, gone = self.positions, self.gone
        if positions[gone] != position:
            del positions[bisect_left(positions, position, gone)]
            return
        self.gone = gone = gone + 1
        # Moving up what follows costs as much as there is; half a list at a time it costs nothing.
        if gone > _GONE_MAX and 2 * gone > len(positions):
            del positions[:gone]
            self.gone = 0

    def walk(self, newest_first: bool) -> Iterator[_Position]:
        positions = self.positions
        return (
            islice(reversed(positions), len(self))
            if newest_first
            else islice(positions, self.gone, None)
        )


class _Lock:
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


class _Shelf:
    """All records of one sandbox."""

    __slots__ = ("groups", "lock", "records")

    def __init__(self) -> None:
        self.records: dict[type, dict[str, Any]] = defaultdict(dict)
        self.groups: dict[tuple[type, str], _Index] = defaultdict(_Index)
        self.lock = _Lock()

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


class _Transaction:
    """Holds one shelf; remembers what it replaced, to put it back."""

    __slots__ = ("_records", "_sandbox", "_shelf", "_store", "_undo")

    def __init__(self, store: MemoryStore, sandbox: str) -> None:
        self._store = store
        self._sandbox = sandbox
        self._undo: list[tuple[type, str, Record | None]] = []

    async def __aenter__(self) -> _Transaction:
        while True:
            shelf = self._store.shelf(self._sandbox)
            if not shelf.lock.taken:
                shelf.lock.taken = True
                break
            await shelf.lock.acquire()
            # Whoever held it before us may have dropped it: writing there would be lost.
            if self._store.shelf(self._sandbox) is shelf:
                break
            shelf.lock.release()
        self._shelf = shelf
        self._records = shelf.records
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        shelf = self._shelf
        if kind is not None:
            for record_kind, id, old in reversed(self._undo):
                shelf.swap(record_kind, id, old)
        # A sandbox that was only looked at leaves nothing behind, so probing ids costs no memory.
        if not any(shelf.records.values()):
            self._store.remove(self._sandbox, shelf)
        shelf.lock.release()

    async def get(self, kind: type[R], id: str, /) -> R | None:
        found: R | None = self._records[kind].get(id)
        return found

    async def put(self, record: Record, /) -> None:
        kind, id = type(record), record.id
        records = self._records[kind]
        old = records.get(id)
        if old is None:
            self._shelf.groups[kind, record.group].place((record.order, id))
            records[id] = record
        elif old.order == record.order and old.group == record.group:
            # The usual case, a record that stays where it is, touches no index.
            records[id] = record
        else:
            self._shelf.swap(kind, id, record)
        self._undo.append((kind, id, old))

    async def delete(self, kind: type[R], id: str, /) -> None:
        self._undo.append((kind, id, self._shelf.swap(kind, id, None)))

    async def first(self, kind: type[R], group: str = "", /) -> R | None:
        index = self._shelf.groups.get((kind, group))
        if index is None or index.gone == len(index.positions):
            return None
        found: R = self._records[kind][index.positions[index.gone][1]]
        return found

    async def list(
        self,
        kind: type[R],
        group: str = "",
        *,
        newest_first: bool = False,
        offset: int = 0,
        limit: int | None = None,
    ) -> list[R]:
        index = self._shelf.groups.get((kind, group))
        if index is None:
            return []
        records = self._records[kind]
        stop = None if limit is None else offset + limit
        return [records[id] for _, id in islice(index.walk(newest_first), offset, stop)]

    async def count(self, kind: type[R], group: str = "", /) -> int:
        return len(self._shelf.groups.get((kind, group), ()))

    async def everything(self) -> Sequence[Record]:
        return [record for kept in self._shelf.records.values() for record in kept.values()]


class MemoryStore:
    """Implements `core.store.Store` in this process's memory."""

    def __init__(self) -> None:
        self._shelves: dict[str, _Shelf] = {}
        self._keys: dict[str, Key] = {}
        self._owned: dict[str, set[str]] = defaultdict(set)

    def shelf(self, sandbox: str) -> _Shelf:
        """The sandbox's shelf, an empty one if it has none."""
        shelf = self._shelves.get(sandbox)
        if shelf is None:
            shelf = self._shelves[sandbox] = _Shelf()
        return shelf

    def remove(self, sandbox: str, shelf: _Shelf) -> None:
        """Takes ``shelf`` away; whoever waits for it finds out when its turn comes."""
        if self._shelves.get(sandbox) is shelf:
            del self._shelves[sandbox]

    def transaction(self, sandbox: str, /) -> _Transaction:
        return _Transaction(self, sandbox)

    async def key(self, digest: str, /) -> Key | None:
        return self._keys.get(digest)

    async def put_key(self, key: Key, /) -> None:
        self._keys[key.id] = key
        self._owned[key.sandbox].add(key.id)

    async def sandboxes(self) -> list[str]:
        return sorted(id for id, shelf in self._shelves.items() if any(shelf.records.values()))

    async def copy(self, source: str, target: str, /) -> None:
        """Shares every record of ``source`` with ``target``: records never change."""
        first, second = sorted((source, target))
        async with self.transaction(first), self.transaction(second):
            old, new = self.shelf(source), self.shelf(target)
            new.records = defaultdict(dict, {kind: dict(of) for kind, of in old.records.items()})
            new.groups = defaultdict(
                _Index, {at: _Index(of.walk(False)) for at, of in old.groups.items()}
            )

    async def drop(self, sandbox: str, /) -> None:
        async with self.transaction(sandbox):
            self.remove(sandbox, self.shelf(sandbox))
        for id in self._owned.pop(sandbox, ()):
            self._keys.pop(id, None)

    async def close(self) -> None:
        self._shelves.clear()
        self._keys.clear()
        self._owned.clear()
