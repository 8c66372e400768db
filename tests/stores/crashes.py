"""A process that ends before the n-th write of a request, and what its store holds afterwards.

Writes are counted where the store speaks to its database: each statement of SQLite that is no
question, each command or script sent to Redis. Nothing runs after the end: no rollback, no unlock;
the connections fall, and whoever opens the store anew sees what was committed. It knows no rule.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha1
from pathlib import Path
from typing import Any

from bodydouble.core.keys import Key
from bodydouble.core.store import Record
from bodydouble.stores import fences, open_store
from bodydouble.stores.redis import RedisStore
from bodydouble.stores.sqlite.store import SqliteStore
from bodydouble.web.control.sandbox_copies import replace_records
from tests.stores.keepers import flushed

# What makes writes of a transaction last; everything before it must leave no trace.
COMMITS = ("COMMIT", "KEEP_KEY", "CONFIRM", "FORGET", "UNLIST", "PUT_KEY")
_QUESTIONS = ("PRAGMA", "SELECT", "HGETALL", "ASK", "POINTER", "LENGTHS")
_SCRIPTS = ("COMMIT", "RENEW", "KEEP_KEY", "CONFIRM", "FORGET", "UNLIST", "POINTER", "LENGTHS")


class Ended(BaseException):
    """The process is gone: nothing may catch this."""


@dataclass
class Writes:
    """Every write so far by name; before the one numbered ``last`` (from 1) the process ends."""

    last: int = 0
    names: list[str] = field(default_factory=list)
    over: bool = False

    def next(self, name: str) -> None:
        """About to write. Ended, also for whatever comes after the end."""
        if self.over:
            raise Ended
        if name in _QUESTIONS:
            return
        self.names.append(name)
        if len(self.names) == self.last:
            self.over = True
            raise Ended


class _Statements:
    """A connection to SQLite whose statements are counted."""

    def __init__(self, connection: Any, writes: Writes) -> None:
        self._connection, self._writes = connection, writes

    def execute(self, statement: str, *of: Any) -> Any:
        self._writes.next(statement.split(None, 1)[0].upper())
        return self._connection.execute(statement, *of)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)


def mortal(url: str, writes: Writes) -> SqliteStore | RedisStore:
    """The store at ``url``, whose writes are counted."""
    store: Any = open_store(url)
    if isinstance(store, SqliteStore):
        store.file.connection = _Statements(store.file.connection, writes)  # type: ignore[assignment]
        return store
    send, put_key = store.redis.execute_command, store.put_key

    async def counted(name: str, *of: Any, **more: Any) -> Any:
        if name == "EVALSHA":
            writes.next(_script(*of))
        elif name != "EVAL":  # once more, since its text was not known
            writes.next(name.upper())
        return await send(name, *of, **more)

    async def counted_key(key: Key, /) -> None:
        writes.next("PUT_KEY")
        await put_key(key)

    store.redis.execute_command, store.put_key = counted, counted_key
    return store  # type: ignore[no-any-return]


def _script(sha: str, keys: int, *of: Any) -> str:
    """What a script is called. A question that takes the lock is a write."""
    for name in _SCRIPTS:
        if sha1(getattr(fences, name).encode()).hexdigest() == sha:
            return name
    return "TAKE" if of[keys] else "ASK"


@dataclass
class Scene:
    """What a store held at a moment, to be set up again: records by sandbox, and keys."""

    records: dict[str, Sequence[Record]]
    keys: dict[str, Key]

    async def set_up(self, url: str) -> None:
        """Makes the store at ``url`` hold this and nothing else."""
        scheme, _, path = url.partition(":")
        if scheme == "sqlite":
            for file in Path(path).parent.glob(f"{Path(path).name}*"):
                file.unlink()
        else:
            flushed(url)
        store = open_store(url)
        for key in self.keys.values():
            await store.put_key(key)
        for sandbox, records in self.records.items():
            await replace_records(store, sandbox, records)
        await store.close()

    @classmethod
    async def of(cls, url: str, digests: Sequence[str] = ()) -> Scene:
        """What the store at ``url`` holds. Whoever died in it holds nothing any more."""
        store: Any = open_store(url)
        if isinstance(store, RedisStore):
            # As if the lease of whoever died had run out.
            for lock in await store.redis.keys("bodydouble:{*}:lock"):
                await store.redis.delete(lock)
        found: dict[str, Sequence[Record]] = {}
        for sandbox in await store.sandboxes():
            async with store.transaction(sandbox) as tx:
                found[sandbox] = list(await tx.everything())
        keys = {one: key for one in digests if (key := await store.key(one)) is not None}
        await store.close()
        return cls(found, keys)
