"""What a store is: a keeper of records by sandbox, with no rule of its own.

A record is any frozen dataclass with `id`, `group` and `order`. A transaction holds one sandbox
exclusively and is all-or-nothing: leaving it by an exception undoes every write. Stores are
async so that one can live across a network; the memory store never really suspends.
`testing.check_store` is the conformance suite of this interface.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol, TypeVar

from understudy.core.keys import Key


class Record(Protocol):
    """What every kept thing has. ``order`` sorts within a ``group``; ties sort by ``id``."""

    @property
    def id(self) -> str: ...
    @property
    def group(self) -> str: ...
    @property
    def order(self) -> int: ...


R = TypeVar("R", bound=Record)


class Transaction(Protocol):
    """One sandbox's records, held exclusively. A record's type is its kind."""

    async def get(self, kind: type[R], id: str, /) -> R | None:
        """The record, or None."""
        ...

    async def put(self, record: Record, /) -> None:
        """Keeps ``record`` in place of the one of its kind and id; its group must not change."""
        ...

    async def delete(self, kind: type[R], id: str, /) -> None:
        """Forgets a record; forgetting what is not there is fine."""
        ...

    async def first(self, kind: type[R], group: str = "", /) -> R | None:
        """The lowest by (order, id)."""
        ...

    async def list(
        self,
        kind: type[R],
        group: str = "",
        *,
        newest_first: bool = False,
        offset: int = 0,
        limit: int | None = None,
    ) -> list[R]:
        """A slice of one group by (order, id)."""
        ...

    async def count(self, kind: type[R], group: str = "", /) -> int:
        """How many records a group has."""
        ...

    async def everything(self) -> Sequence[Record]:
        """Every record of the sandbox, of every kind, in no order."""
        ...


class Store(Protocol):
    """Where sandboxes and keys are kept.

    One that can do better than reading and writing every record may have ``async copy(source,
    target)``, which makes the records of ``target`` those of ``source`` and leaves keys alone.
    """

    def transaction(self, sandbox: str, /) -> AbstractAsyncContextManager[Transaction]:
        """Opens ``sandbox`` (empty if unknown); waits while somebody else holds it."""
        ...

    async def key(self, digest: str, /) -> Key | None:
        """The key kept under ``digest``."""
        ...

    async def put_key(self, key: Key, /) -> None:
        """Keeps a key."""
        ...

    async def sandboxes(self) -> list[str]:
        """Ids of all sandboxes that hold at least one record, sorted."""
        ...

    async def drop(self, sandbox: str, /) -> None:
        """Forgets a sandbox whole, its keys with it."""
        ...

    async def close(self) -> None:
        """Lets go of files and connections."""
        ...
