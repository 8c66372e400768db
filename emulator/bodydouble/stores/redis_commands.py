"""What the Redis store asks of Redis for one transaction at a time, each in one round trip.

A question may be asked twice and is, if a connection fell; a commit never is. It knows no record.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from itertools import count
from typing import Any, ClassVar
from weakref import WeakValueDictionary

from redis import ConnectionError as NotConnected

from bodydouble.stores import fences
from bodydouble.stores.durable import WAIT_MAX_S, Fresh, pauses_s
from bodydouble.stores.kept_back import Question
from bodydouble.stores.known import Memory
from bodydouble.stores.redis_client import FAILURES, connected, run

# Renewed all the while, so that it tells who is gone and not who takes long.
LEASE_MS = 3000
ROOT = "bodydouble"
SANDBOXES = f"{ROOT}:sandboxes"
_TRIES = 3


def pointer(digest: str) -> str:
    """Where it is written whose a key is."""
    return f"{ROOT}:key:{digest}"


class RedisCommands:
    """The Redis at ``url``, and what this process remembers of it."""

    failures: ClassVar[tuple[type[Exception], ...]] = FAILURES

    def __init__(self, url: str) -> None:
        self.redis, self._process = connected(url)
        self._tokens = count(1)
        self.memory = Memory()
        self.fresh = Fresh()
        self.unknown_keys: dict[str, float] = {}
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def name(self, sandbox: str) -> str:
        """What the names of a sandbox's keys start with; braces choose its slot."""
        return f"{ROOT}:{{{sandbox.replace('%', '%25').replace('}', '%7D')}}}"

    def token(self) -> bytes:
        """What nobody else has."""
        return b"%b-%d" % (self._process, next(self._tokens))

    def local_lock(self, sandbox: str) -> asyncio.Lock:
        """A queue for this process's own tasks, so that they wait in order and ask Redis once."""
        lock = self._locks.get(sandbox)
        if lock is None:
            lock = self._locks[sandbox] = asyncio.Lock()
        return lock

    async def take(
        self, keys: list[str], token: bytes, version: bytes, questions: list[Question]
    ) -> Any:
        """Takes the lock for ``token``; TimeoutError if others never let go."""
        for pause_s in pauses_s():
            found = await self.ask(keys, questions, token, version)
            if found is not None:
                return found
            await asyncio.sleep(pause_s)
        raise TimeoutError(f"{keys[0]} was held by others for {WAIT_MAX_S:.0f} s")

    async def ask(
        self, keys: list[str], questions: list[Question], token: bytes = b"", version: bytes = b""
    ) -> Any:
        """The head of a sandbox and the answers."""
        flat = [part for one in questions for part in (len(one), *one)]
        return await self.asked(fences.ASK, keys, [token, LEASE_MS, version, *flat])

    async def asked(self, script: str, keys: list[str], args: list[Any]) -> Any:
        """What a script gives that changes nothing, or nothing more when it runs again."""
        # Asked twice, the answer is the same.
        for _ in range(_TRIES - 1):
            with suppress(NotConnected):
                return await run(self.redis, script, keys, args)
        return await run(self.redis, script, keys, args)

    async def commit(self, keys: list[str], args: list[Any]) -> Any:
        """Whether it was written, and what that changed."""
        return await run(self.redis, fences.COMMIT, keys, args)

    async def lengths(self, keys: list[str]) -> Any:
        """The lines of a journal, as `fences.lengths` reads them."""
        return await self.asked(fences.LENGTHS, keys, [])

    async def renew(self, lock: str, token: bytes) -> None:
        """The lock is held on to."""
        with suppress(*FAILURES):
            await run(self.redis, fences.RENEW, [lock], [token, LEASE_MS])

    # The list of sandboxes ------------------------------------------------------------------------

    async def list_sandbox(self, sandbox: str, token: bytes) -> None:
        """It is about to be made."""
        await self.redis.hset(SANDBOXES, sandbox, token)

    async def unlist(self, sandbox: str, token: bytes) -> None:
        """It is empty, unless somebody has made it anew."""
        await run(self.redis, fences.UNLIST, [SANDBOXES], [sandbox, token])

    async def forget_keys(self, sandbox: str, gone: list[bytes]) -> None:
        """The keys of a dropped sandbox are nobody's, unless they were put anew."""
        for digest, data in zip(gone[::2], gone[1::2], strict=True):
            owned = data.partition(b":")[0] + b":" + sandbox.encode()
            await run(self.redis, fences.FORGET, [pointer(digest.decode())], [owned])
