"""What a process knows of one sandbox in a file that others write to as well.

It holds as long as nobody else wrote, which the writer finds out. Of a record it knows what it is,
or that there is none; of a group how it begins. It asks no database.
"""

from __future__ import annotations

from bisect import insort
from typing import Any, Final

from bodydouble.core.store import Record

HEAD = 16
"""So many records at the beginning of a group are read at once."""


class _Unknown:
    """Not the same as None, which says that there is no such record."""


UNKNOWN: Final = _Unknown()


def place_of(record: Record) -> tuple[int, str]:
    """Where a record stands in its group."""
    return record.order, record.id


class Head:
    """The first records of a group in order; ``whole``: there are no others."""

    __slots__ = ("records", "whole")

    def __init__(self, records: list[Any], *, whole: bool) -> None:
        self.records = records
        self.whole = whole

    def slice(self, newest_first: bool, offset: int, limit: int | None) -> list[Any] | None:
        """Part of the group; None where more of it would have to be known."""
        stop = None if limit is None else offset + limit
        if self.whole:
            return self.records[:: -1 if newest_first else 1][offset:stop]
        if newest_first or stop is None or stop > len(self.records):
            return None
        return self.records[offset:stop]

    def learn(self, id: str, record: Record | None) -> None:
        """A record of this kind was written, here (or, None, not here any more)."""
        records = self.records
        for at, one in enumerate(records):
            if one.id == id:
                if record is not None and place_of(one) == place_of(record):
                    records[at] = record
                    return
                del records[at]
                break
        if record is None:
            return
        if self.whole or (records and place_of(record) < place_of(records[-1])):
            insort(records, record, key=place_of)
            if len(records) > 2 * HEAD:
                del records[HEAD:]
                self.whole = False


class Known:
    """Some records of a sandbox by kind and id, and how some groups begin."""

    __slots__ = ("heads", "records")

    def __init__(self) -> None:
        self.records: dict[tuple[type, str], Any] = {}
        self.heads: dict[type, dict[str, Head]] = {}

    def learn(self, kind: type, id: str, record: Record | None) -> None:
        """A record was written, or (None) deleted."""
        self.records[kind, id] = record
        heads = self.heads.get(kind)
        if heads is not None:
            for group, head in heads.items():
                here = record is not None and record.group == group
                head.learn(id, record if here else None)

    def put_back(self, kind: type, id: str, before: Any) -> None:
        """What was learned last is not so: before (or `UNKNOWN`) was what there is."""
        if before is UNKNOWN:
            self.records.pop((kind, id), None)
        else:
            self.records[kind, id] = before
        self.heads.pop(kind, None)
