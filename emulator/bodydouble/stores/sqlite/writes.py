"""Writes to the file of the SQLite store that wait for the commit, each record's last one alone.

It knows the statements, and which of them does for a record; when they are made is the store's.
"""

from __future__ import annotations

from dataclasses import fields
from functools import cache
from typing import Any

from bodydouble.core.store import Journaled, Record
from bodydouble.stores.codec import name_of
from bodydouble.stores.durable import Fresh, too_old

_PUT = """
INSERT INTO record VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (sandbox, kind, id)
DO UPDATE SET grp = excluded.grp, ord = excluded.ord, body = excluded.body
"""
# For a record that stays where it is: no index is touched.
_UPDATE = "UPDATE record SET body = ? WHERE sandbox = ? AND kind = ? AND id = ?"
_DELETE = "DELETE FROM record WHERE sandbox = ? AND kind = ? AND id = ?"
_NUMBER = "SELECT number FROM journal WHERE sandbox = ? AND kind = ?"
_APPEND = "INSERT OR REPLACE INTO line VALUES (?, ?)"
_LENGTHS = "SELECT place, length(body) FROM line WHERE place BETWEEN ? AND ? ORDER BY place DESC"
_TRIM = "DELETE FROM line WHERE place BETWEEN ? AND ?"
# A line's place is its order, behind so many for each journal that was there before.
ORDERS = 1 << 40
# The oldest lines of a journal make room so many at a time: whoever reads passes over the others.
_TRIM_EVERY = 64


class Journals:
    """The numbers of the journals in the file, as far as asked for, and how much came to them."""

    def __init__(self) -> None:
        self.numbers: dict[tuple[str, str], int] = {}
        self.fresh = Fresh()

    def place(self, connection: Any, sandbox: str, name: str) -> int | None:
        """Where the line of order 0 would be; None if there is no such journal."""
        number = self.numbers.get((sandbox, name))
        if number is None:
            row = connection.execute(_NUMBER, (sandbox, name)).fetchone()
            if row is None:
                return None
            number = self.numbers[sandbox, name] = row[0]
        return number * ORDERS

    def opened(self, connection: Any, sandbox: str, name: str) -> int:
        """The same of a journal that is there from now on."""
        found = self.place(connection, sandbox, name)
        if found is not None:
            return found
        made = connection.execute("INSERT INTO journal VALUES (NULL, ?, ?)", (sandbox, name))
        number: int = made.lastrowid
        self.numbers[sandbox, name] = number
        return number * ORDERS


class Writes:
    """What is to be written to the file and is not yet."""

    __slots__ = ("_lines", "_names", "_rows")

    def __init__(self) -> None:
        self._rows: dict[tuple[str, str, str], tuple[str, tuple[Any, ...]]] = {}
        self._lines: list[tuple[str, type[Journaled], int, bytes]] = []
        self._names: set[str] = set()  # of kinds

    def put(self, sandbox: str, record: Record, body: bytes, *, stays: bool) -> None:
        """A record is to be kept; ``stays``: one of its id is there, at the same place."""
        place = sandbox, name_of(type(record)), record.id
        self._names.add(place[1])
        before = self._rows.get(place)
        if stays and (before is None or before[0] is _UPDATE):
            self._rows[place] = _UPDATE, (body, *place)
        else:
            self._rows[place] = _PUT, (*place, record.group, record.order, body)

    def delete(self, sandbox: str, kind: type, id: str) -> None:
        """A record is to go."""
        place = sandbox, name_of(kind), id
        self._names.add(place[1])
        self._rows[place] = _DELETE, place

    def append(
        self, sandbox: str, kind: type[Journaled], values: tuple[Any, ...], line: bytes
    ) -> None:
        """A line is to be kept, and those that make room for it are to go."""
        self._names.add(name_of(kind))
        self._lines.append((sandbox, kind, values[_order_at(kind)], line))

    def hold(self, kind: type) -> bool:
        """Whether any of them is of this kind."""
        return name_of(kind) in self._names

    def make(self, connection: Any, journals: Journals) -> None:
        """Makes all of them."""
        for statement, values in self._rows.values():
            connection.execute(statement, values)
        for sandbox, kind, order, line in self._lines:
            first = journals.opened(connection, sandbox, name_of(kind))
            connection.execute(_APPEND, (first + order, line))
            if order % _TRIM_EVERY == 0:
                connection.execute(_TRIM, (first, first + order - kind.KEPT_MAX))
            if journals.fresh.came(sandbox, len(line)):
                lengths = connection.execute(_LENGTHS, (first, first + order))
                oldest = next(too_old(kind, lengths), None)
                lengths.close()
                if oldest is not None:
                    connection.execute(_TRIM, (first, oldest))
        self.forget()

    def forget(self) -> None:
        """None of them is to be made."""
        self._rows.clear()
        self._lines.clear()
        self._names.clear()


@cache
def _order_at(kind: type[Any]) -> int:
    return [one.name for one in fields(kind)].index("order")
