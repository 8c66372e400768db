"""A transaction that keeps its writes back: what is stored, what is remembered of it, its own.

What it asks of the database, and how its writes get there, is `fenced`'s; it knows no rule.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Sequence
from typing import Any, TypeVar

from bodydouble.core.store import Record
from bodydouble.stores.changes import Changes, member
from bodydouble.stores.codec import KINDS, decode, encode, name_of
from bodydouble.stores.durable import DurableTransaction
from bodydouble.stores.known import MEMBERS_REMEMBERED_MAX, Head, Known, Place, journaled

R = TypeVar("R", bound=Record)

# More would not fit on the stack of a script.
_IDS_AT_ONCE = 1000
UNSEEN: Any = object()
Question = tuple[Any, ...]


class KeptBack(DurableTransaction, ABC):
    """Reads what nobody changes meanwhile, and writes nothing yet."""

    _known: Known

    def __init__(self, name: str) -> None:
        self._name = name
        self._before: dict[Place, Any] = {}  # read here, and not yet remembered
        self._sizes: dict[Place, int] = {}
        self._after: dict[Place, Any] = {}
        self._encoded: dict[Place, bytes] = {}
        self._read: dict[tuple[Any, ...], None] = {}
        self._heads: dict[tuple[type, str], Head] = {}
        self._changes: dict[tuple[type, str], Changes] = defaultdict(Changes)
        # Written before anybody asked what stood there.
        self._unknown: dict[Place, None] = {}

    @abstractmethod
    async def _ask(self, question: Question) -> Any:
        """The answer of the database, in a list."""

    def _records(self, kind: type[Any]) -> str:
        return f"{self._name}:records:{name_of(kind)}"

    def _index(self, kind: type[Any], group: str) -> str:
        return f"{self._name}:index:{name_of(kind)}:{group}"

    def _stood(self, place: Place) -> Any:
        """What stood there before this transaction, as far as is known."""
        found = self._before.get(place, UNSEEN)
        if found is not UNSEEN:
            return found
        kept = self._known.records.get(place)
        return UNSEEN if kept is None else kept[0]

    async def get(self, kind: type[R], id: str, /) -> R | None:
        place = (kind, id)
        if place in self._after:
            mine: R | None = self._after[place]
            return mine
        found: Any = self._stood(place)
        if found is UNSEEN:
            (data,) = await self._ask(("hget", self._records(kind), id))
            found = self._note(place, data)
        self._read[place] = None
        return found  # type: ignore[no-any-return]

    def put(self, record: Record, /) -> None:
        self.keep(record)

    def keep(self, record: Record, /) -> int:
        """Keeps it; gives the bytes that takes."""
        place = (type(record), record.id)
        body = self._encoded[place] = encode(record)
        self._write(place, record)
        return len(body)

    def delete(self, kind: type[R], id: str, /) -> None:
        self._write((kind, id), None)

    def _write(self, place: Place, new: Record | None) -> None:
        kind = place[0]
        mine = self._after.get(place)
        if mine is not None:
            self._changes[kind, mine.group].undo_arrival(member(mine))
        elif place not in self._after:
            old = self._stood(place)
            if old is UNSEEN:
                self._unknown[place] = None
            else:
                self._mark_gone(place, old)
        if new is not None:
            self._changes[kind, new.group].arrive(member(new))
        self._after[place] = new

    def _mark_gone(self, place: Place, old: Record | None) -> None:
        if old is not None:
            self._changes[place[0], old.group].gone.add(member(old))

    async def _see(self, kind: type[Any]) -> None:
        """Reads what stood where something of a kind was written, before its order is asked for."""
        unknown = [place for place in self._unknown if place[0] is kind]
        if unknown:
            await self._fetch(kind, [id for _, id in unknown])
        for place in unknown:
            self._mark_gone(place, self._stood(place))
            del self._unknown[place]

    async def clear(self) -> None:
        for record in await self.everything():
            self.delete(type(record), record.id)

    async def list(
        self,
        kind: type[R],
        group: str = "",
        *,
        newest_first: bool = False,
        offset: int = 0,
        limit: int | None = None,
    ) -> list[R]:
        if self._unknown:
            await self._see(kind)
        self._read[kind, group, "index"] = None
        changes = self._changes[kind, group]
        most = None if limit is None else offset + limit
        first, last = changes.needed(newest_first=newest_first, most=most)
        stored = await self._slice((kind, group), first, last, newest_first=newest_first)
        ids = changes.merged(stored, newest_first=newest_first, offset=offset, most=most)
        await self._fetch(kind, ids)
        if limit == 1:
            self._read |= dict.fromkeys((kind, id) for id in ids)
        found = [self._now((kind, id)) for id in ids]
        return [one for one in found if one is not None]

    async def _slice(
        self, group: tuple[type, str], first: int, last: int, *, newest_first: bool
    ) -> Sequence[bytes]:
        """Members from one stored position to another (-1: the end)."""
        head = await self._head(group)
        if head is not None:
            end = None if last == -1 else last + 1
            if head.whole:
                return (head.members[::-1] if newest_first else head.members)[first:end]
            if not newest_first and 0 <= last < len(head.members):
                return head.members[first:end]
        way = "zrevrange" if newest_first else "zrange"
        (found,) = await self._ask((way, self._index(*group), first, last))
        return found  # type: ignore[no-any-return]

    async def _head(self, group: tuple[type, str]) -> Head | None:
        head = self._heads.get(group) or self._known.heads.get(group)
        if journaled(group[0]) or (head is not None and (head.whole or head.members)):
            return head
        last = MEMBERS_REMEMBERED_MAX - 1
        (found,) = await self._ask(("zrange", self._index(*group), 0, last))
        return self._begins(group, found)

    def _begins(self, group: tuple[type, str], found: Any) -> Head:
        head = self._heads[group] = Head(found, whole=len(found) < MEMBERS_REMEMBERED_MAX)
        return head

    async def count(self, kind: type[R], group: str = "", /) -> int:
        if self._unknown:
            await self._see(kind)
        head = await self._head((kind, group))
        if head is not None and head.whole:
            kept = len(head.members)
        else:
            (kept,) = await self._ask(("zcard", self._index(kind, group)))
        changes = self._changes[kind, group]
        return kept - len(changes.gone) + len(changes.come)

    async def everything(self) -> Sequence[Record]:
        found: list[Record] = []
        for kind in KINDS.values():
            (told,) = await self._ask(("hgetall", self._records(kind)))
            for id, data in zip(told[::2], told[1::2], strict=True):
                if self._stood((kind, id.decode())) is UNSEEN:
                    self._note((kind, id.decode()), data)
            kept = dict.fromkeys((kind, id.decode()) for id in told[::2])
            kept |= dict.fromkeys(place for place in self._after if place[0] is kind)
            found += [one for place in kept if (one := self._now(place)) is not None]
        return found

    def _now(self, place: Place) -> Any:
        return self._after[place] if place in self._after else self._stood(place)

    async def _fetch(self, kind: type[Any], ids: Sequence[str]) -> None:
        unread = [id for id in ids if self._stood((kind, id)) is UNSEEN]
        for at in range(0, len(unread), _IDS_AT_ONCE):
            some = unread[at : at + _IDS_AT_ONCE]
            (bodies,) = await self._ask(("hmget", self._records(kind), *some))
            for id, data in zip(some, bodies, strict=True):
                self._note((kind, id), data)

    def _note(self, place: Place, data: bytes | None) -> Any:
        record = decode(place[0], _body(data)) if data is not None else None
        self._before[place], self._sizes[place] = record, len(data or b"")
        return record


def kept(record: Record, body: bytes) -> bytes:
    """The record as it is kept: where it stands, then itself."""
    place = member(record)[:20] + record.group.encode()
    return b"%d:%b%b" % (len(place), place, body)


def _body(data: bytes) -> bytes:
    size, _, rest = data.partition(b":")
    return rest[int(size) :]
