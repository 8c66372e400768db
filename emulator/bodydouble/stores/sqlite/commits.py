"""The one writer of a SQLite file: who is inside, what waits for a commit, what is known meanwhile.

Transactions that end in the same turn of the event loop are committed together, and each goes on
only once that is done: whoever got an answer finds it in the file. Others' writes wait in the
file's own lock. What was read or written is remembered until another process writes.
"""

from __future__ import annotations

import asyncio
import sqlite3
from typing import Any, Protocol

from bodydouble.core.keys import Key
from bodydouble.stores.contents import Lock
from bodydouble.stores.durable import WAIT_MAX_S, pauses_s
from bodydouble.stores.sqlite.known import Known
from bodydouble.stores.sqlite.writes import Journals, Writes

KNOWN_BYTES_MAX = 8 * 1024 * 1024
RECORD_KNOWN_BYTES_MAX = 64 * 1024


class Inside(Protocol):
    """A transaction, as far as its end is concerned."""

    @property
    def written(self) -> bool:
        """Whether writes of its own are in the file already."""
        ...

    @property
    def apart(self) -> bool:
        """Whether a savepoint is before them."""
        ...

    def merge(self, writes: Writes, /) -> None:
        """Hands over what it wrote, all or nothing."""
        ...

    def undo(self) -> None:
        """What it wrote is not so."""
        ...


class OneWriter:
    """A connection that writes, for one transaction after the other."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self.connection.execute("PRAGMA busy_timeout = 0")
        self.writes, self.journals = Writes(), Journals()
        self.inside: Inside | None = None
        self.keys: dict[str, Key] = {}
        self._lock = Lock()
        self._holder: Any = None
        self._waiting: list[asyncio.Future[None]] = []  # transactions that ended and wait
        self._late = False  # their commit waits for whoever is inside
        self._version = -1
        self._known: dict[str, Known] = {}
        self._known_bytes = 0

    # What is known -------------------------------------------------------------------------------

    def known(self, sandbox: str) -> Known:
        """What is known of a sandbox."""
        known = self._known.get(sandbox)
        if known is None:
            known = self._known[sandbox] = Known()
        return known

    def remembers(self, size: int) -> bool:
        """Whether a record of so many bytes is short enough to be remembered."""
        if size > RECORD_KNOWN_BYTES_MAX:
            return False
        self._known_bytes += size
        if self._known_bytes > KNOWN_BYTES_MAX:
            self.forget()
        return True

    def forget(self) -> None:
        """From now on nothing is known."""
        self._known.clear()
        self.keys.clear()
        self.journals.numbers.clear()
        self._known_bytes = 0

    def look(self) -> None:
        """Forgets what another process may have changed."""
        (version,) = self.connection.execute("PRAGMA data_version").fetchone()
        if version != self._version:  # another process wrote
            self._version = version
            self.forget()

    # One writer ----------------------------------------------------------------------------------

    async def begin(self, tx: Inside) -> None:
        """Takes the write lock: first among this process's tasks, then among processes."""
        task = _task()
        if self._holder is not None and self._holder is task:
            raise RuntimeError("a task holds one sandbox at a time in a SQLite store")
        await self._lock.acquire()
        try:
            if not self.connection.in_transaction:
                await self._begun()
        except BaseException:
            self._lock.release()
            raise
        self._holder, self.inside = task, tx

    async def _begun(self) -> None:
        for pause_s in pauses_s():
            try:
                self.connection.execute("BEGIN IMMEDIATE")
                break
            except sqlite3.OperationalError as error:
                if "locked" not in str(error):
                    raise
            # Waiting inside SQLite would stop the whole event loop.
            await asyncio.sleep(pause_s)
        else:
            raise TimeoutError(f"the file was held by another process for {WAIT_MAX_S:.0f} s")
        self.look()

    def write(self) -> None:
        """Makes the writes that wait, before somebody asks for them."""
        self.writes.make(self.connection, self.journals)

    def savepoint(self) -> bool:
        """Sets apart what the file gets from now on, where others' writes wait for a commit."""
        if self._waiting:
            self.connection.execute("SAVEPOINT own")
        return bool(self._waiting)

    def end(self, tx: Inside, *, keep: bool) -> asyncio.Future[None] | None:
        """Lets the next one in; gives what is done once the writes are kept."""
        try:
            if not keep:
                self._undo(tx)
                return None
            try:
                tx.merge(self.writes)
                if tx.apart:
                    self.connection.execute("RELEASE own")
            except BaseException:
                self._undo(tx)
                raise
        finally:
            self._holder = self.inside = None
            self._lock.release()
        loop = _loop()
        if loop is None:
            self._commit()
            return None
        committed: asyncio.Future[None] = loop.create_future()
        self._waiting.append(committed)
        if self._late:
            self._commit()
        elif len(self._waiting) == 1:
            loop.call_soon(self._commit_in_turn)
        return committed

    def _undo(self, tx: Inside) -> None:
        tx.undo()
        if not self._waiting:
            self._give_up()
        elif not self.connection.in_transaction:
            # SQLite undid everybody's (a full disk).
            self._tell(sqlite3.OperationalError("what was written before was undone, too"))
            self._give_up()
        elif tx.written:
            self.connection.execute("ROLLBACK TO own")
            self.connection.execute("RELEASE own")
            self.forget()

    def _give_up(self) -> None:
        self.writes.forget()
        self.forget()
        if self.connection.in_transaction:
            self.connection.execute("ROLLBACK")

    def _commit_in_turn(self) -> None:
        if self.inside is not None:
            self._late = True
        elif self._waiting:
            self._commit()

    def _commit(self) -> None:
        self._late = False
        try:
            self.write()
            self._kept()
        except BaseException as error:
            # A commit that fails (a full disk) must not leave its transaction to the next one.
            nobody = not self._waiting
            self._tell(error)
            self._give_up()
            if nobody:
                raise
        else:
            self._tell(None)

    def _kept(self) -> None:
        self.connection.execute("COMMIT")

    def _tell(self, error: BaseException | None) -> None:
        waiting, self._waiting = self._waiting, []
        for one in waiting:
            if one.done():
                continue  # its task was cancelled
            if error is None:
                one.set_result(None)
            else:
                one.set_exception(error)

    def held_here(self) -> bool:
        """Whether it is the running task that is inside."""
        return self._holder is not None and self._holder is _task()

    def close(self) -> None:
        """Lets go of the file."""
        if self._waiting:
            self._commit()
        self.connection.close()


def _loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


def _task() -> asyncio.Task[Any] | None:
    # A caller that drives us without an event loop has no tasks to confuse.
    try:
        return asyncio.current_task()
    except RuntimeError:
        return None
