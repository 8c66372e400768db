"""A transaction of the SQLite store: what it writes waits, what it asks is what is known or read.

It knows no other transaction: when its writes are kept is the writer's to say.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar, cast

from bodydouble.core.records import values
from bodydouble.core.store import Journaled, Record
from bodydouble.stores.codec import KINDS, decode, decode_line, encode, encode_line, name_of
from bodydouble.stores.memory import journaled
from bodydouble.stores.sqlite.commits import OneWriter
from bodydouble.stores.sqlite.known import HEAD, UNKNOWN, Head
from bodydouble.stores.sqlite.writes import ORDERS, Writes

R = TypeVar("R", bound=Record)

_WHERE = "FROM record WHERE sandbox = ? AND kind = ?"
_GET = f"SELECT body {_WHERE} AND id = ?"
_COUNT = f"SELECT count(*) {_WHERE} AND grp = ?"
_OLDEST = f"SELECT body {_WHERE} AND grp = ? ORDER BY ord, id LIMIT ? OFFSET ?"
_NEWEST = f"SELECT body {_WHERE} AND grp = ? ORDER BY ord DESC, id DESC LIMIT ? OFFSET ?"
_EVERYTHING = "SELECT kind, body FROM record WHERE sandbox = ?"
_CLEAR = "DELETE FROM record WHERE sandbox = ?"
_JOURNALS = "SELECT kind, number FROM journal WHERE sandbox = ?"
_CLEAR_JOURNALS = "DELETE FROM journal WHERE sandbox = ?"
_LINES = "FROM line WHERE place BETWEEN ? AND ?"
_CLEAR_LINES = f"DELETE {_LINES}"
_COUNT_LINES = f"SELECT count(*) {_LINES}"
_LAST_LINE = f"SELECT max(place) {_LINES}"
_OLDEST_LINES = f"SELECT body {_LINES} ORDER BY place LIMIT ? OFFSET ?"
_NEWEST_LINES = f"SELECT body {_LINES} ORDER BY place DESC LIMIT ? OFFSET ?"


class SqliteTransaction:
    """One sandbox; what it writes is known at once, and written when it ends or somebody asks."""

    __slots__ = ("_before", "_file", "_fresh", "_known", "_lines", "apart", "sandbox", "written")

    def __init__(self, file: OneWriter, sandbox: str) -> None:
        self._file = file
        self.sandbox = sandbox
        self._known = file.known(sandbox)
        # What it wrote that no commit knows of, and what was known of these records before.
        self._fresh: dict[tuple[type, str], Record | None] = {}
        self._before: dict[tuple[type, str], Any] = {}
        self._lines: list[tuple[type[Journaled], tuple[Any, ...]]] = []
        # Whether writes of its own are in the file already, and whether a savepoint is before them.
        self.written = self.apart = False

    async def __aenter__(self) -> SqliteTransaction:
        await self._file.begin(self)
        self._known = self._file.known(self.sandbox)
        return self

    async def __aexit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        committed = self._file.end(self, keep=kind is None)
        if committed is not None:
            await committed

    async def get(self, kind: type[R], id: str, /) -> R | None:
        found: Any = self._known.records.get((kind, id), UNKNOWN)
        if found is UNKNOWN:
            found = self._line(kind, id) if journaled(kind) else self._read(kind, id)
        answer: R | None = found
        return answer

    def _read(self, kind: type[R], id: str) -> R | None:
        if self._file.writes.hold(kind):
            self._file.write()
        row = self._file.connection.execute(_GET, (self.sandbox, name_of(kind), id)).fetchone()
        found = decode(kind, row[0]) if row else None
        if self._file.remembers(len(id) + (len(row[0]) if row else 0)):
            self._known.records[kind, id] = found
        return found

    def put(self, record: Record, /) -> None:
        kind = type(record)
        if journaled(kind):
            self.append(cast(type[Journaled], kind), values(record))
        else:
            name_of(kind)
            self._learn(kind, record.id, record)

    def delete(self, kind: type[R], id: str, /) -> None:
        self._learn(kind, id, None)

    def _learn(self, kind: type, id: str, record: Record | None) -> None:
        place = kind, id
        if place not in self._before:
            self._before[place] = self._known.records.get(place, UNKNOWN)
        self._fresh[place] = record
        self._known.learn(kind, id, record)

    def append(self, kind: type[Journaled], values: tuple[Any, ...], /) -> None:
        self._lines.append((kind, values))

    def undo(self) -> None:
        """What it wrote is not so."""
        for (kind, id), before in self._before.items():
            self._known.put_back(kind, id, before)

    def merge(self, writes: Writes) -> None:
        """Hands over what it wrote, all or nothing."""
        lines = [(kind, of, encode_line(kind, of)) for kind, of in self._lines]
        rows = [
            (place, record, encode(record) if record is not None else b"")
            for place, record in self._fresh.items()
        ]
        for kind, of, line in lines:
            writes.append(self.sandbox, kind, of, line)
        for place, record, body in rows:
            before = self._before.pop(place)
            if record is not None:
                known = before is not UNKNOWN and before is not None
                stays = known and before.order == record.order and before.group == record.group
                writes.put(self.sandbox, record, body, stays=stays)
            elif before is not None:
                writes.delete(self.sandbox, *place)
            if not self._file.remembers(len(place[1]) + len(body)):
                self._known.put_back(*place, UNKNOWN)
        self._fresh.clear()
        self._lines.clear()

    def write_through(self) -> None:
        """Has the file hold what was written so far, here and before; a rollback undoes it."""
        self._file.write()
        if not self.written:
            self.written = True
            self.apart = self._file.savepoint()
        self.merge(self._file.writes)
        self._file.write()

    def _asked(self, kind: type) -> None:
        """Has the file hold what a question about this kind has to see."""
        if any(of is kind for of, _ in (self._lines if journaled(kind) else self._fresh)):
            self.write_through()
        elif self._file.writes.hold(kind):
            self._file.write()

    async def clear(self) -> None:
        self.write_through()
        writer = self._file.connection
        for _, number in writer.execute(_JOURNALS, (self.sandbox,)).fetchall():
            writer.execute(_CLEAR_LINES, (number * ORDERS, (number + 1) * ORDERS - 1))
        for statement in (_CLEAR, _CLEAR_JOURNALS):
            writer.execute(statement, (self.sandbox,))
        self._file.forget()
        self._known = self._file.known(self.sandbox)

    async def first(self, kind: type[R], group: str = "", /) -> R | None:
        heads = self._known.heads.get(kind)
        head = heads.get(group) if heads is not None else None
        if head is not None and head.records:
            found: R = head.records[0]
            return found
        return next(iter(await self.list(kind, group, limit=1)), None)

    def _listed(
        self, kind: type[R], group: str, newest_first: bool, offset: int, limit: int | None
    ) -> list[R]:
        heads = self._known.heads.setdefault(kind, {})
        head = heads.get(group)
        known = head.slice(newest_first, offset, limit) if head is not None else None
        if known is not None:
            return known
        self._asked(kind)
        most = -1 if limit is None else limit
        # How a group begins is asked for again and again: more of it is read than was wanted.
        begins = not newest_first and offset == 0
        if begins and 0 <= most < HEAD:
            most = HEAD
        asked = (self.sandbox, name_of(kind), group, most, offset)
        rows = self._file.connection.execute(_NEWEST if newest_first else _OLDEST, asked).fetchall()
        found = [decode(kind, body) for (body,) in rows]
        size = sum([len(body) for (body,) in rows])
        if begins and len(found) <= HEAD and self._file.remembers(size):
            heads[group] = Head([*found], whole=len(found) < HEAD)
        return found[:limit]

    async def list(
        self,
        kind: type[R],
        group: str = "",
        *,
        newest_first: bool = False,
        offset: int = 0,
        limit: int | None = None,
    ) -> list[R]:
        if not journaled(kind):
            return self._listed(kind, group, newest_first, offset, limit)
        self._asked(kind)
        page = (-1 if limit is None else limit, offset)
        if group or (places := self._places(kind)) is None:
            return []
        ordered = _NEWEST_LINES if newest_first else _OLDEST_LINES
        rows = self._file.connection.execute(ordered, (*places, *page))
        return [decode_line(kind, body) for (body,) in rows]

    async def count(self, kind: type[R], group: str = "", /) -> int:
        self._asked(kind)
        execute = self._file.connection.execute
        if not journaled(kind):
            rows = execute(_COUNT, (self.sandbox, name_of(kind), group))
        elif group or (places := self._places(kind)) is None:
            return 0
        else:
            rows = execute(_COUNT_LINES, places)
        found: int = rows.fetchone()[0]
        return found

    async def everything(self) -> Sequence[Record]:
        self.write_through()
        rows = self._file.connection.execute(_EVERYTHING, (self.sandbox,))
        kept = [decode(KINDS[name], body) for name, body in rows]
        for name, _ in self._file.connection.execute(_JOURNALS, (self.sandbox,)).fetchall():
            kept += await self.list(KINDS[name])
        return kept

    # Journals ------------------------------------------------------------------------------------

    def _places(self, kind: type) -> tuple[int, int] | None:
        """Where the lines lie that a journal still has; None if there are none."""
        zero = self._file.journals.place(self._file.connection, self.sandbox, name_of(kind))
        if zero is None:
            return None
        whole = zero, zero + ORDERS - 1
        newest = self._file.connection.execute(_LAST_LINE, whole).fetchone()[0]
        most: int = kind.KEPT_MAX  # type: ignore[attr-defined]
        return (max(zero, newest - most + 1), newest) if newest is not None else None

    def _line(self, kind: type[R], id: str) -> R | None:
        self._asked(kind)
        places = self._places(kind) if id.isdecimal() else None
        if places is None:
            return None
        at = places[1] // ORDERS * ORDERS + int(id)
        if not places[0] <= at <= places[1]:
            return None
        row = self._file.connection.execute(f"SELECT body {_LINES}", (at, at)).fetchone()
        return decode_line(kind, row[0]) if row else None


def _alike(one: Record, other: Record) -> bool:
    return one.order == other.order and one.group == other.group
