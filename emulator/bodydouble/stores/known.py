"""What a process remembers of sandboxes that are kept elsewhere: records, indexes and keys.

All that is remembered of a sandbox held at one version of it, which every commit changes; whoever
relies on it has the database compare versions. How much is remembered is bounded in bytes, and what
was used least lately goes first. It knows no database.
"""

from __future__ import annotations

import asyncio
from bisect import bisect_left, insort
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from bodydouble.core.keys import Key
from bodydouble.core.store import Record
from bodydouble.stores.changes import member

Place = tuple[type, str]

# All sandboxes together, and one record that is remembered, as they are kept.
REMEMBERED_BYTES_MAX = 64 * 1024 * 1024
RECORD_REMEMBERED_BYTES_MAX = 256 * 1024
# Of an index, from its beginning.
MEMBERS_REMEMBERED_MAX = 256
# What is read again at once when others have written.
READ_AGAIN_MAX = 32
# Whose the keys are that are remembered.
OWNERS_REMEMBERED_MAX = 10_000
# How long a sandbox counts as shared in which others were met.
SHARED_S = 0.2
_EACH_BYTES = 2048


def journaled(kind: type[Any]) -> bool:
    """Whether records of this kind are lines of a journal, which nobody remembers."""
    return hasattr(kind, "KEPT_MAX")


class Head:
    """The first members of an index in order; all of them if it is ``whole``."""

    __slots__ = ("members", "whole")

    def __init__(self, members: list[bytes], *, whole: bool) -> None:
        self.members, self.whole = members, whole

    def leave(self, place: bytes) -> None:
        """One is gone."""
        at = bisect_left(self.members, place)
        if at < len(self.members) and self.members[at] == place:
            del self.members[at]

    def come(self, place: bytes) -> None:
        """One has come. What stands behind the last one known is not known to be the next."""
        if not self.whole and (not self.members or place > self.members[-1]):
            return
        insort(self.members, place)
        if len(self.members) > 2 * MEMBERS_REMEMBERED_MAX:
            del self.members[MEMBERS_REMEMBERED_MAX:]
            self.whole = False


class Known:
    """What is remembered of one sandbox. ``version`` is None where nothing is known to hold."""

    __slots__ = ("_shared_until", "bytes", "heads", "hot", "keys", "listed", "records", "version")

    def __init__(self) -> None:
        # What was read last, the latest at the end; an index has the word "index" behind its group.
        self.hot: dict[tuple[Any, ...], None] = {}
        self._shared_until = 0.0
        self.forget()

    def forget(self) -> None:
        """From now on nothing of it holds."""
        self.version: bytes | None = None
        self.listed = b""
        # With the bytes that each takes, None for what is known to be missing.
        self.records: dict[Place, tuple[Any, int]] = {}
        self.heads: dict[tuple[type, str], Head] = {}
        self.keys: dict[str, Key] = {}
        self.bytes = _EACH_BYTES

    def at(self, version: bytes, listed: bytes) -> None:
        """What the database says: whatever is known of another version is forgotten."""
        if self.version != version:
            self.forget()
            self.version = version
        self.listed = listed

    @property
    def shared(self) -> bool:
        """Whether others wrote here a moment ago."""
        return self._shared_until > 0.0 and asyncio.get_running_loop().time() < self._shared_until

    def meet(self) -> None:
        """Others wrote here."""
        self.forget()
        self._shared_until = asyncio.get_running_loop().time() + SHARED_S

    def read(self, places: Mapping[tuple[Any, ...], None]) -> None:
        """These were read, and will be again."""
        hot = self.hot
        for place in places:
            hot.pop(place, None)
            hot[place] = None
        while len(hot) > READ_AGAIN_MAX:
            del hot[next(iter(hot))]

    def remember(self, place: Place, record: Record | None, size: int) -> None:
        """That is what stands there."""
        old = self.records.pop(place, None)
        if old is not None:
            self.bytes -= old[1]
        if size > RECORD_REMEMBERED_BYTES_MAX or journaled(place[0]):
            return
        size += 200  # an estimate of what Python adds
        self.records[place] = record, size
        self.bytes += size

    def index(self, group: tuple[type, str], head: Head) -> None:
        """That is how its index begins."""
        self.heads[group] = head
        self.bytes += 100 * len(head.members)

    def wrote(self, place: Place, old: Record | None, new: Record | None, size: int) -> None:
        """A commit put ``new`` in the place of ``old``."""
        if old is not None and (head := self.heads.get((place[0], old.group))) is not None:
            head.leave(member(old))
        if new is not None and (head := self.heads.get((place[0], new.group))) is not None:
            head.come(member(new))
        self.remember(place, new, size)


class Memory:
    """What one process remembers of all sandboxes, and whose keys are."""

    def __init__(self) -> None:
        self._sandboxes: OrderedDict[str, Known] = OrderedDict()
        self._bytes: dict[str, int] = {}
        self._total = 0
        self._owners: dict[str, str] = {}

    def of(self, sandbox: str) -> Known:
        """What is remembered of a sandbox, perhaps nothing."""
        known = self._sandboxes.get(sandbox)
        if known is None:
            known = self._sandboxes[sandbox] = Known()
            self.weigh(sandbox)
        else:
            self._sandboxes.move_to_end(sandbox)
        return known

    def weigh(self, sandbox: str) -> None:
        """What is remembered of a sandbox has changed: others make room if it is too much."""
        known = self._sandboxes.get(sandbox)
        if known is not None:
            self._total += known.bytes - self._bytes.get(sandbox, 0)
            self._bytes[sandbox] = known.bytes
        while self._total > REMEMBERED_BYTES_MAX:
            oldest, gone = self._sandboxes.popitem(last=False)
            gone.forget()
            self._total -= self._bytes.pop(oldest, 0)

    def key(self, digest: str) -> Key | None:
        """A key that is remembered."""
        owner = self._owners.get(digest)
        known = self._sandboxes.get(owner) if owner is not None else None
        key = known.keys.get(digest) if known is not None else None
        if key is None:
            self._owners.pop(digest, None)
        return key

    def remember_key(self, key: Key, version: bytes, listed: bytes) -> None:
        """A key that was read while its sandbox was at ``version``."""
        known = self.of(key.sandbox)
        if known.version is None:
            known.at(version, listed)
        if known.version == version:
            if len(self._owners) >= OWNERS_REMEMBERED_MAX:
                self._owners.clear()
            known.keys[key.id] = key
            self._owners[key.id] = key.sandbox
            known.bytes += _EACH_BYTES
            self.weigh(key.sandbox)
