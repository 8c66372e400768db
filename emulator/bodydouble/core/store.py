"""What a store is: a keeper of records by sandbox, with no rule of its own.

A record is any frozen dataclass with `id`, `group` and `order`. A transaction holds one sandbox
exclusively and is all-or-nothing: leaving it by an exception undoes every write. Reading is async
so that a store can live across a network, although the memory store never really suspends; writing
never waits, because nothing is kept before the transaction ends.
`testing.check_store` is the conformance suite of this interface.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, ClassVar, Protocol, TypeAlias, TypeVar, cast

from bodydouble.core.keys import Key
from bodydouble.core.records import values


class Record(Protocol):
    """What every kept thing has. ``order`` sorts within a ``group``; ties sort by ``id``."""

    @property
    def id(self) -> str: ...
    @property
    def group(self) -> str: ...
    @property
    def order(self) -> int: ...


class Journaled(Record, Protocol):
    """A kind that only comes at the end and leaves at the front: the last ``KEPT_MAX`` are kept,
    and within a process no more than ``KEPT_BYTES_MAX`` of them, but for the last.

    Its id is its order in digits, its group the empty one, and its fields are plain values:
    numbers, text, bytes and tuples of such.
    """

    KEPT_MAX: ClassVar[int]
    KEPT_BYTES_MAX: ClassVar[int]


R = TypeVar("R", bound=Record)


class Transaction(Protocol):
    """One sandbox's records, held exclusively. A record's type is its kind."""

    async def get(self, kind: type[R], id: str, /) -> R | None:
        """The record, or None."""
        ...

    def put(self, record: Record, /) -> None:
        """Keeps ``record`` in place of the one of its kind and id; its group must not change."""
        ...

    def delete(self, kind: type[R], id: str, /) -> None:
        """Forgets a record; forgetting what is not there is fine."""
        ...

    def append(self, kind: type[Journaled], values: tuple[Any, ...], /) -> None:
        """Keeps ``kind(*values)``, which comes after all of its kind; the oldest makes room.

        Records of such a kind are neither put nor deleted. A store that keeps values need not make
        the record.
        """
        ...

    async def clear(self) -> None:
        """Forgets every record of the sandbox."""
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


def keep(tx: Transaction, records: Sequence[Record]) -> None:
    """Keeps records of any kinds in an empty sandbox."""
    for record in sorted(records, key=lambda one: one.order):
        if hasattr(type(record), "KEPT_MAX"):
            tx.append(cast(type[Journaled], type(record)), values(record))
        else:
            tx.put(record)


class Stale(BaseException):
    """What an attempt had read was no longer so when it ended. Nothing of it was kept.

    No error, and nobody but whoever made the attempt has anything to do about it.
    """


When: TypeAlias = Callable[[Transaction], Awaitable[bool]]


async def always(tx: Transaction) -> bool:
    """Drops whatever is there."""
    return True


class Store(Protocol):
    """Where sandboxes and keys are kept.

    ``failures`` are what it raises while it cannot be reached, read or written, and no call of ours
    is to blame; a store within the process has none.

    One that can do better than reading and writing every record may have ``async copy(source,
    target)``, which makes the records of ``target`` those of ``source`` and leaves keys alone.
    One for which it is costly to hold a sandbox may have ``attempt(sandbox)``: a transaction that
    holds nothing and ends in `Stale`, whatever was raised in it, if somebody else wrote meanwhile.
    Whoever uses it does nothing that cannot be done again, and then takes a `transaction`.
    """

    @property
    def failures(self) -> tuple[type[Exception], ...]: ...

    def transaction(self, sandbox: str, /) -> AbstractAsyncContextManager[Transaction]:
        """Opens ``sandbox`` (empty if unknown); waits while somebody else holds it."""
        ...

    async def key(self, digest: str, /) -> Key | None:
        """The key kept under ``digest``."""
        ...

    async def put_key(self, key: Key, /) -> None:
        """Keeps a key."""
        ...

    async def keys(self, sandbox: str, /) -> list[Key]:
        """The keys kept for a sandbox, sorted by id."""
        ...

    async def sandboxes(self) -> list[str]:
        """Ids of all sandboxes that hold at least one record, sorted."""
        ...

    async def drop(self, sandbox: str, /, when: When = always) -> bool:
        """Forgets a sandbox whole, its keys with it, if ``when`` says so while nobody else is in.

        Gives what ``when`` said.
        """
        ...

    async def close(self) -> None:
        """Lets go of files and connections."""
        ...


Opened: TypeAlias = Callable[[str], AbstractAsyncContextManager[Transaction]]


def attempts(store: Store) -> Opened:
    """How to make an attempt in a store, or take a transaction where it has no such thing."""
    opened: Opened = getattr(store, "attempt", store.transaction)
    return opened
