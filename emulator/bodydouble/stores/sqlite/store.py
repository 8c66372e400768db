"""The SQLite store: one file, one table of records, one writer at a time.

A transaction is SQLite's own (``BEGIN IMMEDIATE``), so several processes may share the file and a
crash undoes what was half done. All sandboxes wait for the one writer: a file that outlives the
process is what this store is for, not parallelism. It knows no rule.
"""

from __future__ import annotations

import sqlite3
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import ClassVar

from bodydouble.core.keys import Key
from bodydouble.core.store import When, always
from bodydouble.stores.codec import decode_key, encode_key
from bodydouble.stores.sqlite.commits import OneWriter
from bodydouble.stores.sqlite.file import opened
from bodydouble.stores.sqlite.transaction import SqliteTransaction

_KEYS_KNOWN = 4096
_SANDBOXES = "SELECT sandbox FROM record UNION SELECT sandbox FROM journal"


class SqliteStore:
    """Implements `core.store.Store` in the file at ``path``; ValueError if it cannot be one."""

    failures: ClassVar[tuple[type[Exception], ...]] = (sqlite3.DatabaseError, TimeoutError)

    def __init__(self, path: str) -> None:
        if not path or path.startswith(":"):
            raise ValueError("sqlite: needs a file, as in sqlite:bodydouble.db (or use memory:)")
        try:
            self.file = OneWriter(opened(path))
            self._reader = opened(path)
        except sqlite3.Error as error:
            raise ValueError(f"no SQLite store can be opened at {path!r}: {error}") from None

    def transaction(self, sandbox: str, /) -> SqliteTransaction:
        return SqliteTransaction(self.file, sandbox)

    def _writing(self, sandbox: str) -> AbstractAsyncContextManager[SqliteTransaction]:
        # Whoever holds the writer already writes along with it; waiting would be for itself.
        inside = self.file.inside
        if isinstance(inside, SqliteTransaction) and self.file.held_here():
            return nullcontext(inside)
        return self.transaction(sandbox)

    async def key(self, digest: str, /) -> Key | None:
        if not self.file.connection.in_transaction:  # inside one nobody else writes
            self.file.look()
        known = self.file.keys.get(digest)
        if known is not None:
            return known
        row = self._reader.execute("SELECT body FROM key WHERE id = ?", (digest,)).fetchone()
        if row is None:
            return None
        if len(self.file.keys) >= _KEYS_KNOWN:
            self.file.keys.clear()
        found = self.file.keys[digest] = decode_key(row[0])
        return found

    async def put_key(self, key: Key, /) -> None:
        row = (key.id, key.sandbox, encode_key(key))
        async with self._writing(key.sandbox) as tx:
            tx.write_through()
            self.file.connection.execute("INSERT OR REPLACE INTO key VALUES (?, ?, ?)", row)
        self.file.keys.clear()

    async def keys(self, sandbox: str, /) -> list[Key]:
        asked = "SELECT body FROM key WHERE sandbox = ? ORDER BY id"
        return [decode_key(body) for (body,) in self._reader.execute(asked, (sandbox,))]

    async def sandboxes(self) -> list[str]:
        return [id for (id,) in self._reader.execute(_SANDBOXES)]

    async def drop(self, sandbox: str, /, when: When = always) -> bool:
        async with self._writing(sandbox) as tx:
            about = tx
            if tx.sandbox != sandbox:
                tx.write_through()
                about = SqliteTransaction(self.file, sandbox)
                about.written = True
            if not await when(about):
                return False
            await about.clear()
            self.file.connection.execute("DELETE FROM key WHERE sandbox = ?", (sandbox,))
        return True

    async def close(self) -> None:
        self.file.close()
        self._reader.close()
