"""The Redis store: sandboxes and keys in one Redis, or in a cluster of them.

What belongs to a sandbox lies in one slot of a cluster and is written by one script (`fenced`). The
list of sandboxes and whose a key is lie elsewhere, so they may hold more than there is: they are
written before, taken back after, and nobody believes them unasked. It knows no rule.
"""

from __future__ import annotations

import asyncio

from bodydouble.core.keys import Key
from bodydouble.core.store import When, always
from bodydouble.stores import fences
from bodydouble.stores.codec import decode_key, encode_key
from bodydouble.stores.fenced import FencedTransaction
from bodydouble.stores.redis_client import run
from bodydouble.stores.redis_commands import SANDBOXES, RedisCommands, pointer

_LISTED_AT_ONCE = 200
# What is listed and not there goes when it was so for longer than anybody takes to make it.
_STALE_S = 60.0
_OWNED_MS = 60_000
# How long a key that nobody issued counts as such without a look.
UNKNOWN_S = 1.0
UNKNOWN_KEYS_MAX = 10_000


def _now() -> float:
    return asyncio.get_running_loop().time()


class RedisStore(RedisCommands):
    """Implements `core.store.Store` in the Redis at ``url``; ValueError if none answers there."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self._stale: dict[str, tuple[bytes, float]] = {}

    def transaction(self, sandbox: str, /) -> FencedTransaction:
        return FencedTransaction(self, sandbox, locks=True)

    def attempt(self, sandbox: str, /) -> FencedTransaction:
        return FencedTransaction(self, sandbox, locks=False)

    async def sandboxes(self) -> list[str]:
        listed: dict[bytes, bytes] = await self.redis.hgetall(SANDBOXES)
        ids = sorted(id.decode() for id in listed)
        found: list[str] = []
        for at in range(0, len(ids), _LISTED_AT_ONCE):
            some = ids[at : at + _LISTED_AT_ONCE]
            async with self.redis.pipeline(transaction=False) as pipe:
                for id in some:
                    pipe.hget(f"{self.name(id)}:head", "count")
                counts = await pipe.execute()
            found += [id for id, count in zip(some, counts, strict=True) if count is not None]
        there = set(found)
        await self._tidy({id: listed[id.encode()] for id in ids if id not in there})
        return found

    async def _tidy(self, missing: dict[str, bytes]) -> None:
        now = _now()
        seen, self._stale = self._stale, {}
        for id, listed in missing.items():
            since = seen[id][1] if id in seen and seen[id][0] == listed else now
            if now - since > _STALE_S:
                await self.unlist(id, listed)
            else:
                self._stale[id] = listed, since

    async def drop(self, sandbox: str, /, when: When = always) -> bool:
        async with self.transaction(sandbox) as tx:
            if not await when(tx):
                return False
            tx.drop_everything()
        return True

    # Keys -----------------------------------------------------------------------------------------

    async def key(self, digest: str, /) -> Key | None:
        known = self.memory.key(digest)
        if known is not None:
            return known
        if self.unknown_keys.get(digest, 0.0) > _now():
            return None
        found = await self._key(digest)
        if found is None:
            if len(self.unknown_keys) >= UNKNOWN_KEYS_MAX:
                self.unknown_keys.clear()
            self.unknown_keys[digest] = _now() + UNKNOWN_S
        return found

    async def _key(self, digest: str) -> Key | None:
        owned, left_ms = await self.asked(fences.POINTER, [pointer(digest)], [])
        if owned is None:
            return None
        sandbox = owned.partition(b":")[2].decode()
        name = self.name(sandbox)
        question = ("hget", f"{name}:keys", digest)
        version, listed, data = await self.ask([f"{name}:lock", f"{name}:head"], [question])
        if data is None:
            # Kept for good, and there is no such key: whoever dropped it was stopped.
            if left_ms == -1:
                await run(self.redis, fences.FORGET, [pointer(digest)], [owned])
            return None
        key = decode_key(data.partition(b":")[2])
        self.memory.remember_key(key, version or b"", listed or b"")
        return key

    async def put_key(self, key: Key, /) -> None:
        name, owner = self.name(key.sandbox), pointer(key.id)
        confirmed = 0
        while not confirmed:
            mine = self.token()
            owned = mine + b":" + key.sandbox.encode()
            await self.redis.set(owner, owned, px=_OWNED_MS)
            kept = [mine, key.id, mine + b":" + encode_key(key)]
            await run(self.redis, fences.KEEP_KEY, [f"{name}:head", f"{name}:keys"], kept)
            confirmed = await run(self.redis, fences.CONFIRM, [owner], [owned])
        self.memory.of(key.sandbox).forget()
        self.unknown_keys.pop(key.id, None)

    async def keys(self, sandbox: str, /) -> list[Key]:
        found = await self.redis.hgetall(f"{self.name(sandbox)}:keys")
        keys = [decode_key(data.partition(b":")[2]) for data in found.values()]
        return sorted(keys, key=lambda key: key.id)

    async def close(self) -> None:
        await self.redis.aclose()
