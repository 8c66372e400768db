"""The file of the SQLite store: its tables, whose it is, and how it is opened.

Records lie in one table under sandbox, kind and id. Lines of journals lie in another under one
number, made of the journal's and the line's own: they come at the end and leave at the front, and
need no index. It knows no record.
"""

from __future__ import annotations

import sqlite3

# The file says whose it is in its header, where the program `file` finds it, too.
APPLICATION = int.from_bytes(b"bdbl")
LAYOUT = 3
_SCHEMA = (
    """CREATE TABLE record (
    sandbox TEXT NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL,
    grp TEXT NOT NULL, ord INTEGER NOT NULL, body BLOB NOT NULL,
    PRIMARY KEY (sandbox, kind, id)
    )""",
    "CREATE INDEX place ON record (sandbox, kind, grp, ord, id)",
    """CREATE TABLE journal (
    number INTEGER PRIMARY KEY, sandbox TEXT NOT NULL, kind TEXT NOT NULL, UNIQUE (sandbox, kind)
    )""",
    "CREATE TABLE line (place INTEGER PRIMARY KEY, body BLOB NOT NULL)",
    "CREATE TABLE key (id TEXT PRIMARY KEY, sandbox TEXT NOT NULL, body BLOB NOT NULL)",
    "CREATE INDEX owner ON key (sandbox)",
    f"PRAGMA application_id = {APPLICATION}",
    f"PRAGMA user_version = {LAYOUT}",
)
_TRIES_MAX = 1000


def opened(path: str) -> sqlite3.Connection:
    """A connection to the file at ``path``, made ours if new; ValueError if it is another's."""
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
