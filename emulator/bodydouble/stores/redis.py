"""The Redis store: one sandbox per lock, writes kept back and committed in one fenced script.

The lock carries a number that only grows and ends with its lease; the script that commits first
checks that the number still holds the lock, so a process that slept through its lease writes
nothing. A transaction reads its own writes. It knows no rule.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, ClassVar, TypeVar, cast
from weakref import WeakValueDictionary

from redis import Redis as BlockingRedis
from redis import RedisError
from redis.asyncio import Redis

from bodydouble.core.keys import Key
from bodydouble.core.store import Journaled, Record, When, always
from bodydouble.stores.changes import Changes, member, same_place
from bodydouble.stores.codec import KINDS, decode, decode_key, encode, encode_key, name_of
from bodydouble.stores.durable import WAIT_MAX_S, DurableTransaction, Fresh, pauses_s, too_old
from bodydouble.stores.fences import COMMIT, LENGTHS, TAKE, LeaseLost, lengths

R = TypeVar("R", bound=Record)

LEASE_MS = 10_000
_SANDBOXES, _KEYS, _NUMBERS = "bodydouble:sandboxes", "bodydouble:keys", "bodydouble:numbers"


def _prefix(sandbox: str) -> str:
    # Braces keep a sandbox called "keys" apart from the keys.
    return f"bodydouble:{{{sandbox}}}"


class _Transaction(DurableTransaction):
    """Holds one sandbox's lock and keeps its writes back until the end."""

    def __init__(self, store: RedisStore, sandbox: str) -> None:
        self._store = store
        self._redis = store.redis
        self._name = _prefix(sandbox)
        self.sandbox = sandbox
        self.fresh = store.fresh
        self._long: set[type[Journaled]] = set()
        self.trim = self._long.add
        self._number = 0
        self._before: dict[tuple[type, str], Any] = {}
        self._after: dict[tuple[type, str], Any] = {}
        self._changes: dict[tuple[type, str], Changes] = defaultdict(Changes)
        # Written before anybody asked what stood there.
        self._unknown: dict[tuple[type, str], None] = {}
        self._drop_commands: list[list[Any]] = []
        self._drop_change = 0

    async def __aenter__(self) -> _Transaction:
        self._local = self._store.local_lock(self.sandbox)
        await self._local.acquire()
        try:
            self._number = await self._store.take(f"{self._name}:lock")
        except BaseException:
            self._local.release()
            raise
        return self

    async def __aexit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        try:
            if kind is None:
                for long in self._long:
                    of = [self._index(long, ""), self._records(long)]
                    for id in too_old(long, lengths(await self._store.lengths(of))):
                        self.delete(long, id)
                await self._read_unknown()
                await self._commit(*self._writes())
            else:
                # The lease ends by itself; what went wrong first is what the caller must see.
                with suppress(RedisError, LeaseLost):
                    await self._commit([], 0)
        finally:
            self._local.release()

    async def _commit(self, commands: list[list[Any]], change: int) -> None:
        keys = [f"{self._name}:lock", _SANDBOXES, f"{self._name}:indexes"]
        flat = [part for one in commands for part in (len(one), *one)]
        if not await self._store.finish(keys, [self._number, self.sandbox, change, *flat]):
            raise LeaseLost(f"sandbox {self.sandbox} was held for longer than {LEASE_MS} ms")

    def _records(self, kind: type[Any]) -> str:
        return f"{self._name}:records:{name_of(kind)}"

    def _index(self, kind: type[Any], group: str) -> str:
        return f"{self._name}:index:{name_of(kind)}:{group}"

    def _writes(self) -> tuple[list[list[Any]], int]:
        commands, change = self._drop_commands, self._drop_change
        for (kind, id), new in self._after.items():
            old = self._before[kind, id]
            change += (new is not None) - (old is not None)
            if old is not None and (new is None or not same_place(old, new)):
                commands.append(["zrem", self._index(kind, old.group), member(old)])
            if new is None:
                commands.append(["hdel", self._records(kind), id])
                continue
            commands.append(["hset", self._records(kind), id, encode(new)])
            if old is None or not same_place(old, new):
                index = self._index(kind, new.group)
                commands.append(["zadd", index, 0, member(new)])
                commands.append(["sadd", f"{self._name}:indexes", index])
        return commands, change

    async def get(self, kind: type[R], id: str, /) -> R | None:
        place = (kind, id)
        if place in self._after:
            mine: R | None = self._after[place]
            return mine
        if place not in self._before:
            data = await self._redis.hget(self._records(kind), id)
            self._before[place] = decode(kind, data) if data is not None else None
        return cast("R | None", self._before[place])

    def put(self, record: Record, /) -> None:
        self.keep(record)

    def keep(self, record: Record, /) -> int:
        size = len(encode(record))
        self._write(type(record), record.id, record)
        return size

    def delete(self, kind: type[R], id: str, /) -> None:
        self._write(kind, id, None)

    def _write(self, kind: type[Any], id: str, new: Record | None) -> None:
        place = (kind, id)
        mine = self._after.get(place)
        if mine is not None:
            self._changes[kind, mine.group].undo_arrival(member(mine))
        elif place not in self._before:
            self._unknown[place] = None
        else:
            self._mark_gone(place)
        if new is not None:
            self._changes[kind, new.group].arrive(member(new))
        self._after[place] = new

    def _mark_gone(self, place: tuple[type, str]) -> None:
        old = self._before[place]
        if old is not None:
            self._changes[place[0], old.group].gone.add(member(old))

    async def _read_unknown(self) -> None:
        """Reads what stood where something was written, to move it in the index, to count it."""
        unknown: dict[type, list[str]] = defaultdict(list)
        for kind, id in self._unknown:
            unknown[kind].append(id)
        if len(unknown) > 1:
            async with self._redis.pipeline(transaction=False) as pipe:
                for kind, ids in unknown.items():
                    pipe.hmget(self._records(kind), ids)
                answers = await pipe.execute()
            for (kind, ids), bodies in zip(unknown.items(), answers, strict=True):
                self._note(kind, ids, bodies)
        else:
            for kind, ids in unknown.items():
                await self._fetched(kind, ids)
        for place in self._unknown:
            self._mark_gone(place)
        self._unknown.clear()

    async def clear(self) -> None:
        for record in await self.everything():
            self.delete(type(record), record.id)

    async def list(
        self,
        kind: type[R],
        group: str = "",
        *,
        newest_first: bool = False,
        offset: int = 0,
        limit: int | None = None,
    ) -> list[R]:
        await self._read_unknown()
        changes = self._changes[kind, group]
        most = None if limit is None else offset + limit
        first, last = changes.needed(newest_first=newest_first, most=most)
        read = self._redis.zrevrange if newest_first else self._redis.zrange
        stored = await read(self._index(kind, group), first, last)
        ids = changes.merged(stored, newest_first=newest_first, offset=offset, most=most)
        return [*await self._fetched(kind, ids)]

    async def count(self, kind: type[R], group: str = "", /) -> int:
        await self._read_unknown()
        changes = self._changes[kind, group]
        kept: int = await self._redis.zcard(self._index(kind, group))
        return kept - len(changes.gone) + len(changes.come)

    async def everything(self) -> Sequence[Record]:
        found: tuple[Record, ...] = ()
        for kind in KINDS.values():
            kept = [id.decode() for id in await self._redis.hkeys(self._records(kind))]
            known = set(kept)
            fresh = [id for of, id in self._after if of is kind and id not in known]
            found += tuple(await self._fetched(kind, [*kept, *fresh]))
        return found

    async def _fetched(self, kind: type[R], ids: Sequence[str]) -> Sequence[R]:
        unread = [id for id in ids if (kind, id) not in self._before]
        if unread:
            self._note(kind, unread, await self._redis.hmget(self._records(kind), unread))
        found = [self._after.get((kind, id), self._before[kind, id]) for id in ids]
        return [one for one in found if one is not None]

    def _note(self, kind: type[Any], ids: Sequence[str], bodies: Sequence[bytes | None]) -> None:
        for id, data in zip(ids, bodies, strict=True):
            self._before[kind, id] = decode(kind, data) if data is not None else None

    async def drop_everything(self) -> None:
        """Deletes everything of this sandbox that is in Redis, its keys with it."""
        name = self._name
        indexes = await self._redis.smembers(f"{name}:indexes")
        keys = await self._redis.smembers(f"{name}:keys")
        kept = await self._redis.hget(_SANDBOXES, self.sandbox)
        names = [*indexes, f"{name}:keys", *(f"{name}:records:{kind}" for kind in KINDS)]
        self._drop_commands = [["del", one] for one in names]
        self._drop_commands += [["hdel", _KEYS, one] for one in keys]
        self._drop_change = -int(kept or 0)


class RedisStore:
    """Implements `core.store.Store` in the Redis at ``url``; ValueError if none answers there."""

    failures: ClassVar[tuple[type[Exception], ...]] = (RedisError, TimeoutError)

    def __init__(self, url: str) -> None:
        try:
            probe = BlockingRedis.from_url(url, socket_connect_timeout=3, socket_timeout=3)
        except ValueError:
            # What is wrong with an address may be a part of its password.
            raise ValueError("the address cannot be read") from None
        try:
            with probe:
                probe.ping()
        except (RedisError, OSError) as error:
            raise ValueError(str(error)) from None
        self.redis: Any = Redis.from_url(url)
        self.finish = self.redis.register_script(COMMIT)
        self._take = self.redis.register_script(TAKE)
        self.lengths = self.redis.register_script(LENGTHS)
        self.fresh = Fresh()
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def local_lock(self, sandbox: str) -> asyncio.Lock:
        """A queue for this process's own tasks, so that they wait in order and ask Redis once."""
        lock = self._locks.get(sandbox)
        if lock is None:
            lock = self._locks[sandbox] = asyncio.Lock()
        return lock

    async def take(self, lock: str) -> int:
        """A number that holds ``lock`` from now on; TimeoutError if others never let go."""
        for pause_s in pauses_s():
            number: int = await self._take([lock, _NUMBERS], [LEASE_MS])
            if number:
                return number
            await asyncio.sleep(pause_s)
        raise TimeoutError(f"{lock} was held by others for {WAIT_MAX_S:.0f} s")

    def transaction(self, sandbox: str, /) -> _Transaction:
        return _Transaction(self, sandbox)

    async def key(self, digest: str, /) -> Key | None:
        data = await self.redis.hget(_KEYS, digest)
        return decode_key(data) if data is not None else None

    async def put_key(self, key: Key, /) -> None:
        async with self.redis.pipeline() as pipe:
            pipe.hset(_KEYS, key.id, encode_key(key))
            pipe.sadd(f"{_prefix(key.sandbox)}:keys", key.id)
            await pipe.execute()

    async def keys(self, sandbox: str, /) -> list[Key]:
        ids = sorted(await self.redis.smembers(f"{_prefix(sandbox)}:keys"))
        bodies = await self.redis.hmget(_KEYS, ids) if ids else []
        return [decode_key(body) for body in bodies if body is not None]

    async def sandboxes(self) -> list[str]:
        return sorted([id.decode() for id in await self.redis.hkeys(_SANDBOXES)])

    async def drop(self, sandbox: str, /, when: When = always) -> bool:
        async with self.transaction(sandbox) as tx:
            if not await when(tx):
                return False
            await tx.drop_everything()
        return True

    async def close(self) -> None:
        await self.redis.aclose()
