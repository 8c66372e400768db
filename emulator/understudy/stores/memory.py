"""The memory store: dictionaries, a sorted index per group, and an undo log per transaction.

Nothing is copied, because records are frozen; nothing ever suspends unless two tasks want the same
sandbox. It applies no rule and forgets everything when the process ends.
"""

from __future__ import annotations

import asyncio
from bisect import bisect_left, insort
from collections import defaultdict
from itertools import islice
from types import TracebackType
from typing import Any, TypeVar

from understudy.core.keys import Key
from understudy.core.store import Record

R = TypeVar("R", bound=Record)
_Position = tuple[int, str]


class _Shelf:
    """All records of one sandbox."""

    __slots__ = ("groups", "lock", "records")

    def __init__(self) -> None:
        self.records: dict[type, dict[str, Any]] = defaultdict(dict)
        self.groups: dict[tuple[type, str], list[_Position]] = defaultdict(list)
        self.lock = asyncio.Lock()

    def swap(self, kind: type, id: str, record: Record | None) -> Record | None:
        """Puts ``record`` (None: nothing) in the place of ``id`` and gives what stood there."""
        records = self.records[kind]
        old: Record | None = records.get(id)
        if record and old and old.order == record.order and old.group == record.group:
            # The usual case, a record that stays where it is, touches no index.
            records[id] = record
            return old
        if old is not None:
            index = self.groups[kind, old.group]
            del index[bisect_left(index, (old.order, id))]
        if record is None:
            records.pop(id, None)
            return old
        _place(self.groups[kind, record.group], (record.order, id))
        records[id] = record
        return old


def _place(index: list[_Position], position: _Position) -> None:
    if not index or index[-1] < position:
        index.append(position)
    else:
        insort(index, position)


class _Transaction:
    """Holds one shelf; remembers what it replaced, to put it back."""

    __slots__ = ("_sandbox", "_shelf", "_store", "_undo")

    def __init__(self, store: MemoryStore, sandbox: str) -> None:
        self._store = store
        self._sandbox = sandbox
        self._undo: list[tuple[type, str, Record | None]] = []

    async def __aenter__(self) -> _Transaction:
        while True:
            shelf = self._store.shelf(self._sandbox)
            await shelf.lock.acquire()
            # Whoever held it before us may have dropped it: writing there would be lost.
            if self._store.shelf(self._sandbox) is shelf:
                self._shelf = shelf
                return self
            shelf.lock.release()

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
        found: R | None = self._shelf.records[kind].get(id)
        return found

    async def put(self, record: Record, /) -> None:
        kind = type(record)
        self._undo.append((kind, record.id, self._shelf.swap(kind, record.id, record)))

    async def delete(self, kind: type[R], id: str, /) -> None:
        self._undo.append((kind, id, self._shelf.swap(kind, id, None)))

    async def first(self, kind: type[R], group: str = "", /) -> R | None:
        index = self._shelf.groups.get((kind, group))
        if not index:
            return None
        found: R = self._shelf.records[kind][index[0][1]]
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
        index = self._shelf.groups.get((kind, group), [])
        records = self._shelf.records[kind]
        stop = None if limit is None else offset + limit
        walk = reversed(index) if newest_first else iter(index)
        return [records[id] for _, id in islice(walk, offset, stop)]

    async def count(self, kind: type[R], group: str = "", /) -> int:
        return len(self._shelf.groups.get((kind, group), ()))


class MemoryStore:
    """Implements `core.store.Store` in this process's memory."""

    def __init__(self) -> None:
        self._shelves: dict[str, _Shelf] = {}
        self._keys: dict[str, Key] = {}

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

    async def sandboxes(self) -> list[str]:
        return sorted(id for id, shelf in self._shelves.items() if any(shelf.records.values()))

    async def drop(self, sandbox: str, /) -> None:
        async with self.transaction(sandbox):
            self.remove(sandbox, self.shelf(sandbox))
        self._keys = {id: key for id, key in self._keys.items() if key.sandbox != sandbox}

    async def close(self) -> None:
        self._shelves.clear()
        self._keys.clear()
