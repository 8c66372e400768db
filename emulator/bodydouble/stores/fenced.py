"""One sandbox of the Redis store at a time: writes are kept back and committed in one script.

It is held either under a lock, or by what this process remembers of it: then the script that
commits first checks that nobody has written since, and whoever was wrong is told so (`Stale`). A
process that slept through its lease writes nothing either. A transaction reads its own writes. It
knows no rule.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from bodydouble.core.store import Journaled, Stale
from bodydouble.stores.changes import same_place
from bodydouble.stores.codec import KINDS, name_of
from bodydouble.stores.durable import too_old
from bodydouble.stores.fences import LeaseLost, lengths
from bodydouble.stores.kept_back import UNSEEN, KeptBack, Question, kept
from bodydouble.stores.known import MEMBERS_REMEMBERED_MAX, journaled
from bodydouble.stores.redis_commands import LEASE_MS, RedisCommands

_RENEWED_EVERY_S = LEASE_MS / 3000
# What is read of more records than these is not remembered: a copy was made.
_REMEMBERED_AT_ONCE = 1000
# No version is called that.
_NONE = b"-"


class FencedTransaction(KeptBack):
    """Holds one sandbox and keeps its writes back until the end. ``locks``: it waits for others."""

    def __init__(self, store: RedisCommands, sandbox: str, *, locks: bool) -> None:
        super().__init__(store.name(sandbox))
        self._store = store
        self.sandbox = sandbox
        self.fresh = store.fresh
        self._long: set[type[Journaled]] = set()
        self.trim = self._long.add
        self._locks = locks
        self._token = store.token()
        self._renewal: asyncio.TimerHandle | None = None
        self._drops = False

    async def __aenter__(self) -> FencedTransaction:
        self._local = self._store.local_lock(self.sandbox)
        await self._local.acquire()
        try:
            self._known = self._store.memory.of(self.sandbox)
            # What is not there yet is made under a lock.
            if not self._known.listed or self._known.shared:
                self._locks = True
            if self._locks:
                await self._take()
            self._version = self._known.version or b""
        except BaseException:
            self._local.release()
            raise
        return self

    async def _take(self) -> None:
        known = self._known
        again = [*known.hot]
        holds = known.version or _NONE if known.records else _NONE
        questions = [self._again(one) for one in again]
        found = await self._store.take(self._keys, self._token, holds, questions)
        known.at(found[0] or b"", found[1] or b"")
        # There are no answers where what is remembered still holds.
        for place, told in zip(again, found[2:], strict=False):
            if len(place) == 2:
                self._note((place[0], place[1]), told)
            else:
                self._begins((place[0], place[1]), told)
        self._renew_later()

    def _again(self, place: tuple[Any, ...]) -> Question:
        if len(place) == 2:
            return "hget", self._records(place[0]), place[1]
        return "zrange", self._index(place[0], place[1]), 0, MEMBERS_REMEMBERED_MAX - 1

    def _renew_later(self) -> None:
        later = asyncio.get_running_loop().call_later
        self._renewal = later(_RENEWED_EVERY_S, self._renew)

    def _renew(self) -> None:
        self._renewing = asyncio.ensure_future(self._store.renew(self._keys[0], self._token))
        self._renew_later()

    async def __aexit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        if self._renewal is not None:
            self._renewal.cancel()
        try:
            if kind is None:
                for long in self._long:
                    await self._shorten(long)
                await self._commit([*self._writes()])
            elif self._locks:
                # The lease ends by itself; what went wrong first is what the caller must see.
                with suppress(*self._store.failures, LeaseLost):
                    await self._commit([])
            elif issubclass(kind, Exception) and not issubclass(kind, self._store.failures):
                # It may have gone wrong by what no longer holds.
                await self._commit([])
        finally:
            self._local.release()

    async def _shorten(self, kind: type[Journaled]) -> None:
        found = await self._store.lengths([self._index(kind, ""), self._records(kind)])
        for id in too_old(kind, lengths(found)):
            self.delete(kind, id)

    async def _commit(self, writes: list[Any]) -> None:
        known, listed = self._known, b""
        if writes and not known.listed and not self._drops:
            await self._store.list_sandbox(self.sandbox, self._token)
            listed = self._token
        lock = self._token if self._locks else b""
        try:
            said = await self._store.commit(
                [*self._keys, self._name], [lock, self._version, self._token, listed, *writes]
            )
        except BaseException:
            known.forget()  # nobody knows whether it was written
            raise
        if not said[0]:
            self._refuse()
        self._remember(bool(writes), unseen=said[1], empty=bool(said[2]))
        if said[2]:
            await self._store.unlist(self.sandbox, said[3])
        if said[4]:
            await self._store.forget_keys(self.sandbox, said[4])

    def _refuse(self) -> None:
        self._known.meet()
        self._store.unknown_keys.clear()
        if self._locks:
            raise LeaseLost(f"sandbox {self.sandbox} was held for longer than its lease")
        raise Stale(self.sandbox)

    def _remember(self, wrote: bool, *, unseen: int, empty: bool) -> None:
        known = self._known
        if known.version != self._version or unseen or empty:
            known.forget()
            return
        if len(self._before) <= _REMEMBERED_AT_ONCE:
            for place, record in self._before.items():
                known.remember(place, record, self._sizes[place])
        for group, head in self._heads.items():
            known.index(group, head)
        if wrote:
            for place, new in self._after.items():
                old = self._stood(place)
                size = len(self._encoded[place]) if new is not None else 0
                known.wrote(place, None if old is UNSEEN else old, new, size)
            known.version = self._token
            known.listed = known.listed or self._token
        known.read(self._read)
        self._store.memory.weigh(self.sandbox)

    @property
    def _keys(self) -> list[str]:
        return [f"{self._name}:lock", f"{self._name}:head"]

    def _writes(self) -> Iterator[Any]:
        if self._drops:
            yield from ("drop", "", "", ",".join(KINDS))
        for place, new in self._after.items():
            old = self._stood(place)
            if new is None and old is None:
                continue
            what = "moved"
            if old is UNSEEN:
                what = "moved" if journaled(place[0]) else "unseen"
            elif new is not None and old is not None and same_place(old, new):
                what = "same"
            yield from (what, name_of(place[0]), place[1])
            yield kept(new, self._encoded[place]) if new is not None else b""

    async def _ask(self, question: Question) -> Any:
        found = await self._store.ask(self._keys, [question])
        # Under a lock it is a key that was written.
        if (found[0] or b"") != self._version and not self._locks:
            self._refuse()
        return found[2:]

    def drop_everything(self) -> None:
        """Deletes everything of this sandbox that is in Redis, its keys with it."""
        self._drops = True
