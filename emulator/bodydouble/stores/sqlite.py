"""The SQLite store: one file, one table of records, one writer at a time.

A transaction is SQLite's own (``BEGIN IMMEDIATE``), so several processes may share the file and a
crash undoes what was half done. All sandboxes wait for the one writer: a file that outlives the
process is what this store is for, not parallelism. It knows no rule.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager, nullcontext, suppress
from typing import Any, ClassVar, TypeVar

from bodydouble.core.keys import Key
from bodydouble.core.store import Journaled, Record, When, always
from bodydouble.stores.codec import KINDS, decode, decode_key, encode, encode_key, name_of
from bodydouble.stores.durable import WAIT_MAX_S, DurableTransaction, Fresh, pauses_s, too_old

R = TypeVar("R", bound=Record)

# The file says whose it is in its header, where the program `file` finds it, too.
APPLICATION = int.from_bytes(b"bdbl")
LAYOUT = 2
_SCHEMA = (
    """CREATE TABLE record (
    sandbox TEXT NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL,
    grp TEXT NOT NULL, ord INTEGER NOT NULL, body BLOB NOT NULL,
    PRIMARY KEY (sandbox, kind, id)
    )""",
    "CREATE INDEX place ON record (sandbox, kind, grp, ord, id)",
    "CREATE TABLE key (id TEXT PRIMARY KEY, sandbox TEXT NOT NULL, body BLOB NOT NULL)",
    "CREATE INDEX owner ON key (sandbox)",
    f"PRAGMA application_id = {APPLICATION}",
    f"PRAGMA user_version = {LAYOUT}",
)
_TRIES_MAX = 1000
_PUT = """
INSERT INTO record VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (sandbox, kind, id)
DO UPDATE SET grp = excluded.grp, ord = excluded.ord, body = excluded.body
"""
_WHERE = "FROM record WHERE sandbox = ? AND kind = ?"
_EVERYTHING = "SELECT kind, body FROM record WHERE sandbox = ?"
_GET = f"SELECT body {_WHERE} AND id = ?"
_DELETE = f"DELETE {_WHERE} AND id = ?"
_LENGTHS = f"SELECT ord, length(body) {_WHERE} AND grp = '' ORDER BY ord DESC"
_TRIM = f"DELETE {_WHERE} AND grp = '' AND ord <= ?"
_CLEAR = "DELETE FROM record WHERE sandbox = ?"
_COUNT = f"SELECT count(*) {_WHERE} AND grp = ?"
_OLDEST = f"SELECT body {_WHERE} AND grp = ? ORDER BY ord, id LIMIT ? OFFSET ?"
_NEWEST = f"SELECT body {_WHERE} AND grp = ? ORDER BY ord DESC, id DESC LIMIT ? OFFSET ?"


def _opened(path: str) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, timeout=10, check_same_thread=False)
    try:
        _laid_out(connection, path)
        _log_ahead(connection)
        # A power cut may cost the last answers, never the file; a simulation need not fsync more.
        connection.execute("PRAGMA synchronous = NORMAL")
    except BaseException:
        connection.close()
        raise
    return connection


def _log_ahead(connection: sqlite3.Connection) -> None:
    """Writers no longer stop readers. Refused at once, whatever `timeout`, while others are in."""
    for _ in range(_TRIES_MAX):
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error):
                raise
        # For a lock SQLite does wait: then the others are through.
        connection.execute("BEGIN EXCLUSIVE")
        connection.execute("COMMIT")


def _laid_out(connection: sqlite3.Connection, path: str, begin: str = "BEGIN") -> None:
    """Make an empty file ours; ValueError, and nothing written, if it is another program's.

    Judged in one transaction, so that nobody meets half of what another process just makes.
    """
    connection.execute(begin)
    try:
        fresh = _is_fresh(connection, path)
        if fresh and begin != "BEGIN":
            for statement in _SCHEMA:
                connection.execute(statement)
        connection.execute("COMMIT")
    except BaseException:
        connection.rollback()
        raise
    if fresh and begin == "BEGIN":  # once more under the lock: another may have been quicker
        _laid_out(connection, path, "BEGIN IMMEDIATE")


def _is_fresh(connection: sqlite3.Connection, path: str) -> bool:
    """Whether the file is still empty; ValueError if it is neither empty nor of this layout."""
    application = connection.execute("PRAGMA application_id").fetchone()[0]
    layout = connection.execute("PRAGMA user_version").fetchone()[0]
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
    if (application, layout) == (APPLICATION, LAYOUT):
        return False
    if (application, layout, tables) == (0, 0, set()):
        return True
    # The first layout had no mark of its own.
    first = (application, layout) == (0, 1) and {"record", "key"} <= tables
    if application == APPLICATION or first:
        raise ValueError(
            f"{path} was written by another version, which kept sandboxes in layout {layout} "
            f"where this one keeps layout {LAYOUT}: use another file"
        )
    raise ValueError(f"{path} is a database of another program: use another file")


class _Transaction(DurableTransaction):
    """Holds the file's write lock; every statement speaks of one sandbox."""

    __slots__ = ("_store", "_writer", "fresh", "sandbox")

    def __init__(self, store: SqliteStore, sandbox: str) -> None:
        self._store = store
        self.sandbox = sandbox
        self.fresh = store.fresh
        self._writer = store.writer

    async def __aenter__(self) -> _Transaction:
        await self._store.begin()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        self._store.end(keep=kind is None)

    async def get(self, kind: type[R], id: str, /) -> R | None:
        row = self._writer.execute(_GET, (self.sandbox, name_of(kind), id)).fetchone()
        return decode(kind, row[0]) if row else None

    def put(self, record: Record, /) -> None:
        self.keep(record)

    def keep(self, record: Record, /) -> int:
        place = (self.sandbox, name_of(type(record)), record.id, record.group, record.order)
        body = encode(record)
        self._writer.execute(_PUT, (*place, body))
        return len(body)

    def trim(self, kind: type[Journaled], /) -> None:
        lengths = self._writer.execute(_LENGTHS, (self.sandbox, name_of(kind)))
        oldest = next(too_old(kind, lengths), None)
        lengths.close()
        if oldest is not None:
            self._writer.execute(_TRIM, (self.sandbox, name_of(kind), oldest))

    def delete(self, kind: type[R], id: str, /) -> None:
        self._writer.execute(_DELETE, (self.sandbox, name_of(kind), id))

    async def clear(self) -> None:
        self._writer.execute(_CLEAR, (self.sandbox,))

    async def list(
        self,
        kind: type[R],
        group: str = "",
        *,
        newest_first: bool = False,
        offset: int = 0,
        limit: int | None = None,
    ) -> list[R]:
        most = -1 if limit is None else limit
        asked = (self.sandbox, name_of(kind), group, most, offset)
        rows = self._writer.execute(_NEWEST if newest_first else _OLDEST, asked)
        return [decode(kind, body) for (body,) in rows]

    async def count(self, kind: type[R], group: str = "", /) -> int:
        found: int = self._writer.execute(_COUNT, (self.sandbox, name_of(kind), group)).fetchone()[
            0
        ]
        return found

    async def everything(self) -> Sequence[Record]:
        rows = self._writer.execute(_EVERYTHING, (self.sandbox,))
        return [decode(KINDS[name], body) for name, body in rows]


class SqliteStore:
    """Implements `core.store.Store` in the file at ``path``; ValueError if it cannot be one."""

    failures: ClassVar[tuple[type[Exception], ...]] = (sqlite3.DatabaseError, TimeoutError)

    def __init__(self, path: str) -> None:
        if not path or path.startswith(":"):
            raise ValueError("sqlite: needs a file, as in sqlite:bodydouble.db (or use memory:)")
        try:
            self.writer = _opened(path)
            self.writer.execute("PRAGMA busy_timeout = 0")
            self._reader = _opened(path)
        except sqlite3.Error as error:
            raise ValueError(f"no SQLite store can be opened at {path!r}: {error}") from None
        self.fresh = Fresh()
        self._lock = asyncio.Lock()
        self._holder: Any = None

    async def begin(self) -> None:
        """Takes the write lock: first among this process's tasks, then among processes."""
        task = _task()
        if self._holder is not None and self._holder is task:
            raise RuntimeError("a task holds one sandbox at a time in a SQLite store")
        await self._lock.acquire()
        try:
            await self._begun()
        except BaseException:
            self._lock.release()
            raise
        self._holder = task

    async def _begun(self) -> None:
        for pause_s in pauses_s():
            try:
                self.writer.execute("BEGIN IMMEDIATE")
                return
            except sqlite3.OperationalError as error:
                if "locked" not in str(error):
                    raise
            # Waiting inside SQLite would stop the whole event loop.
            await asyncio.sleep(pause_s)
        raise TimeoutError(f"the file was held by another process for {WAIT_MAX_S:.0f} s")

    def end(self, *, keep: bool) -> None:
        """Commits or undoes, and lets the next one in."""
        try:
            self.writer.execute("COMMIT" if keep else "ROLLBACK")
        except sqlite3.Error:
            # A commit that fails (a full disk) must not leave its transaction to the next one.
            if self.writer.in_transaction:
                self.writer.execute("ROLLBACK")
            raise
        finally:
            self._holder = None
            self._lock.release()

    def transaction(self, sandbox: str, /) -> _Transaction:
        return _Transaction(self, sandbox)

    def _writing(self, sandbox: str) -> AbstractAsyncContextManager[object]:
        # Whoever holds the writer already writes along with it; waiting would be for itself.
        mine = self._holder is not None and self._holder is _task()
        return nullcontext() if mine else self.transaction(sandbox)

    async def key(self, digest: str, /) -> Key | None:
        row = self._reader.execute("SELECT body FROM key WHERE id = ?", (digest,)).fetchone()
        return decode_key(row[0]) if row else None

    async def put_key(self, key: Key, /) -> None:
        async with self._writing(key.sandbox):
            row = (key.id, key.sandbox, encode_key(key))
            self.writer.execute("INSERT OR REPLACE INTO key VALUES (?, ?, ?)", row)

    async def keys(self, sandbox: str, /) -> list[Key]:
        asked = "SELECT body FROM key WHERE sandbox = ? ORDER BY id"
        return [decode_key(body) for (body,) in self._reader.execute(asked, (sandbox,))]

    async def sandboxes(self) -> list[str]:
        rows = self._reader.execute("SELECT DISTINCT sandbox FROM record ORDER BY sandbox")
        return [id for (id,) in rows]

    async def drop(self, sandbox: str, /, when: When = always) -> bool:
        async with self._writing(sandbox):
            if not await when(_Transaction(self, sandbox)):
                return False
            self.writer.execute(_CLEAR, (sandbox,))
            self.writer.execute("DELETE FROM key WHERE sandbox = ?", (sandbox,))
        return True

    async def close(self) -> None:
        self.writer.close()
        self._reader.close()


def _task() -> asyncio.Task[Any] | None:
    # A caller that drives us without an event loop has no tasks to confuse.
    with suppress(RuntimeError):
        return asyncio.current_task()
    return None
