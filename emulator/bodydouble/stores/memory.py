"""The memory store: dictionaries, a sorted index per group, and an undo log per transaction.

Nothing is copied, because records are frozen; nothing ever suspends unless two tasks want the same
sandbox. A journal is kept as bytes, one object a line: thousands of lines of two dozen objects each
would push everything else out of the processor's cache. It applies no rule and forgets everything
when the process ends.
"""

from __future__ import annotations

import marshal
from collections import defaultdict
from collections.abc import Sequence
from functools import cache
from itertools import islice
from typing import Any, ClassVar, TypeVar

from bodydouble.core.keys import Key
from bodydouble.core.store import Journaled, Record, When, always
from bodydouble.stores.contents import Index, Parts, SandboxContents, plain

R = TypeVar("R", bound=Record)

_Undo = dict[tuple[type, str], Record | None]

# All journals of a process, and how much may come before that is counted again.
JOURNALS_BYTES_MAX = 256 * 1024 * 1024
FRESH_BYTES_MAX = 32 * 1024 * 1024


# Asked at every look at what is not there, and an attribute that is missing is slow to miss.
@cache
def journaled(kind: type) -> bool:
    """Whether records of this kind are lines of a journal."""
    return hasattr(kind, "KEPT_MAX")


class _Transaction:
    """Holds one sandbox; remembers what it replaced, to put it back."""

    __slots__ = ("_before", "_contents", "_new", "_records", "_sandbox", "_store", "_undo")

    def __init__(self, store: MemoryStore, sandbox: str) -> None:
        self._store = store
        self._sandbox = sandbox
        # What stood where something was first put. Only that is needed to go back, and what a long
        # transaction replaces again and again may go at once.
        self._undo: _Undo = {}
        self._new: list[tuple[type[Journaled], bytes]] = []  # what is not in its journal yet
        self._before: tuple[Parts, _Undo] | None = None

    async def __aenter__(self) -> _Transaction:
        while True:
            contents = self._store.contents(self._sandbox)
            if not contents.lock.taken:
                contents.lock.taken = True
                break
            await contents.lock.acquire()
            # Whoever held it before us may have dropped it: writing there would be lost.
            if self._store.contents(self._sandbox) is contents:
                break
            contents.lock.release()
        self._contents = contents
        self._records = contents.records
        return self

    async def __aexit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        contents = self._contents
        if kind is not None:
            self._roll_back()
        elif self._new:
            for journaled, line in self._new:
                contents.append(journaled, line)
                self._store.fresh_bytes += len(line)
            contents.lock.release()
            if self._store.fresh_bytes > FRESH_BYTES_MAX:
                self._store.trim()
            return
        # A sandbox that was only looked at leaves nothing behind, so probing ids costs no memory.
        if contents.empty():
            self._store.remove(self._sandbox, contents)
        contents.lock.release()

    def _roll_back(self) -> None:
        undo = self._undo
        if self._before is not None:
            parts, undo = self._before
            self._contents.replace(parts)
        for (kind, id), old in undo.items():
            self._contents.swap(kind, id, old)

    async def get(self, kind: type[R], id: str, /) -> R | None:
        found: R | None = self._records[kind].get(id)
        if found is None and journaled(kind):
            return next((one for one in self._journal(kind) if one.id == id), None)
        return found

    def put(self, record: Record, /) -> None:
        kind, id = type(record), record.id
        records = self._records[kind]
        old = records.get(id)
        if old is None:
            self._contents.groups[kind, record.group].place((record.order, id))
            records[id] = record
        elif old.order == record.order and old.group == record.group:
            # The usual case, a record that stays where it is, touches no index.
            records[id] = record
        else:
            self._contents.swap(kind, id, record)
        self._undo.setdefault((kind, id), old)

    def delete(self, kind: type[R], id: str, /) -> None:
        old = self._contents.swap(kind, id, None)
        # What came and went in between leaves nothing to put back.
        if self._undo.setdefault((kind, id), old) is None:
            del self._undo[kind, id]

    def append(self, kind: type[Journaled], values: tuple[Any, ...], /) -> None:
        # The first format of marshal, which looks for no repetitions, is the quickest by far.
        try:
            line = marshal.dumps(values, 1)
        except ValueError:
            line = marshal.dumps(plain(values), 1)
        self._new.append((kind, line))

    def _lines(self, kind: type[R]) -> list[bytes]:
        """What a journal holds, unread: whoever wants some of it need not read it all."""
        new = [line for of, line in self._new if of is kind]
        journal = self._contents.journals.get(kind)
        lines = (*(journal.lines if journal is not None else ()), *new)
        most: int = kind.KEPT_MAX  # type: ignore[attr-defined]
        return list(lines[-most:])

    def _journal(self, kind: type[R]) -> list[R]:
        return [kind(*marshal.loads(line)) for line in self._lines(kind)]

    async def clear(self) -> None:
        parts = self._contents.replace()
        self._new.clear()
        self._records = self._contents.records
        if self._before is None:
            self._before = parts, self._undo
        self._undo = {}

    async def first(self, kind: type[R], group: str = "", /) -> R | None:
        index = self._contents.groups.get((kind, group))
        position = index.first() if index is not None else None
        if position is None:
            if not journaled(kind):
                return None
            return next(iter(await self.list(kind, group, limit=1)), None)
        found: R = self._records[kind][position[1]]
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
        stop = None if limit is None else offset + limit
        if journaled(kind):
            lines = self._lines(kind) if not group else []
            chosen = lines[:: -1 if newest_first else 1][offset:stop]
            return [kind(*marshal.loads(line)) for line in chosen]
        index = self._contents.groups.get((kind, group))
        if index is None:
            return []
        records = self._records[kind]
        return [records[id] for _, id in islice(index.walk(newest_first), offset, stop)]

    async def count(self, kind: type[R], group: str = "", /) -> int:
        if journaled(kind):
            return len(self._lines(kind)) if not group else 0
        return len(self._contents.groups.get((kind, group), ()))

    async def everything(self) -> Sequence[Record]:
        kept = [record for kept in self._records.values() for record in kept.values()]
        for kind in {*self._contents.journals, *(kind for kind, _ in self._new)}:
            kept += self._journal(kind)
        return kept


class MemoryStore:
    """Implements `core.store.Store` in this process's memory."""

    failures: ClassVar[tuple[type[Exception], ...]] = ()

    def __init__(self) -> None:
        self._sandboxes: dict[str, SandboxContents] = {}
        self._keys: dict[str, Key] = {}
        self._owned: dict[str, set[str]] = defaultdict(set)
        self.fresh_bytes = 0

    def contents(self, sandbox: str) -> SandboxContents:
        """What a sandbox holds, nothing if it is unknown."""
        contents = self._sandboxes.get(sandbox)
        if contents is None:
            contents = self._sandboxes[sandbox] = SandboxContents()
        return contents

    def remove(self, sandbox: str, contents: SandboxContents) -> None:
        """Removes ``contents``; whoever waits for its lock finds out when its turn comes."""
        if self._sandboxes.get(sandbox) is contents:
            del self._sandboxes[sandbox]

    def trim(self) -> None:
        """Makes room in the longest journals, once all of them hold more than a process keeps."""
        self.fresh_bytes = 0
        journals = [one for kept in self._sandboxes.values() for one in kept.journals.values()]
        room = JOURNALS_BYTES_MAX - FRESH_BYTES_MAX
        if sum(one.bytes for one in journals) <= room:
            return
        # What the short ones leave of their share the longer ones have.
        journals.sort(key=lambda one: one.bytes)
        for left, journal in zip(range(len(journals), 0, -1), journals, strict=True):
            journal.trim(room // left)
            room -= journal.bytes

    def transaction(self, sandbox: str, /) -> _Transaction:
        return _Transaction(self, sandbox)

    async def key(self, digest: str, /) -> Key | None:
        return self._keys.get(digest)

    async def put_key(self, key: Key, /) -> None:
        self._keys[key.id] = key
        self._owned[key.sandbox].add(key.id)

    async def keys(self, sandbox: str, /) -> list[Key]:
        return [self._keys[id] for id in sorted(self._owned.get(sandbox, ()))]

    async def sandboxes(self) -> list[str]:
        return sorted(id for id, contents in self._sandboxes.items() if not contents.empty())

    async def copy(self, source: str, target: str, /) -> None:
        """Shares every record of ``source`` with ``target``: records never change."""
        first, second = sorted((source, target))
        async with self.transaction(first), self.transaction(second):
            old, new = self.contents(source), self.contents(target)
            new.records = defaultdict(dict, {kind: dict(of) for kind, of in old.records.items()})
            new.groups = defaultdict(
                Index, {at: Index(of.walk(False)) for at, of in old.groups.items()}
            )
            new.journals = {kind: of.copy() for kind, of in old.journals.items()}

    async def drop(self, sandbox: str, /, when: When = always) -> bool:
        async with self.transaction(sandbox) as tx:
            if not await when(tx):
                return False
            self.remove(sandbox, self.contents(sandbox))
        for id in self._owned.pop(sandbox, ()):
            self._keys.pop(id, None)
        return True

    async def close(self) -> None:
        self._sandboxes.clear()
        self._keys.clear()
        self._owned.clear()
