"""A store as it is, and what can be seen of a server by what it keeps.

Transitions, payments and attempts are told after the transaction that wrote them was kept. What is
copied whole, as a snapshot is, has happened already and is not told again.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, TypeVar, cast

from bodydouble.core.jobs import Job
from bodydouble.core.lifecycle import State
from bodydouble.core.money.ledger import Entry, EntryKind
from bodydouble.core.store import Record, Store, Transaction, attempts
from bodydouble.core.webhooks import Attempt, Delivery
from bodydouble.web.observing.watcher import Watcher

R = TypeVar("R", bound=Record)


class SeenStore:
    """``store``, with a watcher. What it does not know of a store, the store is asked."""

    def __init__(self, store: Store, watcher: Watcher) -> None:
        self._store = store
        self._watcher = watcher
        self._answers = True
        self._attempt = attempts(store)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def transaction(self, sandbox: str, /) -> AbstractAsyncContextManager[Transaction]:
        """Opens ``sandbox``."""
        return self._watched(self._store.transaction(sandbox))

    def attempt(self, sandbox: str, /) -> AbstractAsyncContextManager[Transaction]:
        """Opens ``sandbox`` and holds nothing, where the store can."""
        return self._watched(self._attempt(sandbox))

    @asynccontextmanager
    async def _watched(
        self, opened: AbstractAsyncContextManager[Transaction]
    ) -> AsyncIterator[Transaction]:
        watcher, began = self._watcher, time.perf_counter()
        try:
            async with opened as tx:
                watcher.stored("open", time.perf_counter() - began)
                seen = _SeenTransaction(tx)
                yield cast(Transaction, seen)
                began = time.perf_counter()
        except self._store.failures:
            self._answers = False
            watcher.failed(False)
            raise
        watcher.stored("keep", time.perf_counter() - began)
        if not self._answers:
            self._answers = True
            watcher.failed(True)
        seen.tell(watcher)


class _SeenTransaction:
    """One transaction, and what was written in it."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        self._states: dict[str, State] = {}
        self._attempts: dict[str, int] = {}
        self._moved: list[Job] = []
        self._paid: list[Entry] = []
        self._attempted: list[tuple[Delivery, Attempt]] = []
        self._copied = False
        # What is read and written most is not looked at.
        self.append, self.delete = tx.append, tx.delete

    def __getattr__(self, name: str) -> Any:
        return getattr(self._tx, name)

    async def get(self, kind: type[R], id: str, /) -> R | None:
        found = await self._tx.get(kind, id)
        if kind is Job or kind is Delivery:
            self._know(found)
        return found

    async def first(self, kind: type[R], group: str = "", /) -> R | None:
        found = await self._tx.first(kind, group)
        if kind is Job or kind is Delivery:
            self._know(found)
        return found

    async def list(self, kind: type[R], group: str = "", **how: Any) -> list[R]:
        found = await self._tx.list(kind, group, **how)
        if kind is Job or kind is Delivery:
            for one in found:
                self._know(one)
        return found

    async def clear(self) -> None:
        self._copied = True
        await self._tx.clear()

    def put(self, record: Record, /) -> None:
        self._tx.put(record)
        if isinstance(record, Job):
            if self._states.get(record.id) is not record.state:
                self._states[record.id] = record.state
                self._moved.append(record)
        elif isinstance(record, Entry) and record.kind is not EntryKind.TOP_UP:
            self._paid.append(record)
        elif isinstance(record, Delivery):
            known = self._attempts.get(record.id, 0)
            self._attempted += [(record, attempt) for attempt in record.attempts[known:]]
            self._attempts[record.id] = len(record.attempts)

    def tell(self, watcher: Watcher) -> None:
        """Tells what happened, now that it is kept."""
        if self._copied:
            return
        for job in self._moved:
            watcher.moved(job)
        for entry in self._paid:
            watcher.paid(_vendor(entry), entry)
        for delivery, attempt in self._attempted:
            watcher.attempted(_vendor(delivery), attempt)

    def _know(self, record: Any) -> None:
        if isinstance(record, Job):
            self._states.setdefault(record.id, record.state)
        elif isinstance(record, Delivery):
            self._attempts.setdefault(record.id, len(record.attempts))


def _vendor(record: Record) -> str:
    return record.group.partition("/")[0]
