"""Stores: records in, records out. A URL chooses one; none of them knows a rule."""

from __future__ import annotations

import re

from bodydouble.core.store import Store
from bodydouble.installation import install_command


def shown(url: str) -> str:
    """``url`` as it may be printed: without its user, password and parameters."""
    return re.sub(r"//.*@", "//…@", url.partition("?")[0])


def open_store(url: str) -> Store:
    """The store at ``memory:``, ``sqlite:PATH`` or ``redis://…``; ValueError if there is none.

    ``rediss://…`` and ``unix://…`` reach a Redis over TLS and over a socket in the file system,
    ``redis+cluster://…`` and ``rediss+cluster://…`` a Redis Cluster by one of its nodes.
    """
    scheme, _, rest = url.partition(":")
    if scheme == "memory" and not rest:
        from bodydouble.stores.memory import MemoryStore

        return MemoryStore()
    if scheme == "sqlite":
        from bodydouble.stores.sqlite.store import SqliteStore

        return SqliteStore(rest)
    if scheme in ("redis", "rediss", "unix", "redis+cluster", "rediss+cluster"):
        try:
            from bodydouble.stores.redis import RedisStore
        except ModuleNotFoundError:
            raise ValueError(f"a Redis store needs: {install_command('redis')}") from None
        try:
            return RedisStore(url)
        except ValueError as error:
            raise ValueError(f"the Redis at {shown(url)!r} {error}") from None
    raise ValueError(
        f"no store is called {shown(url)!r}: use memory:, sqlite:PATH or redis://HOST:PORT/DB"
    )
