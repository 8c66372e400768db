"""Every store keeps a store's promises, and the suite that says so convicts those that do not."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from bodydouble.conformance import check_store
from bodydouble.core.keys import Key
from bodydouble.core.store import Record, Transaction, When, always
from bodydouble.stores import open_store
from bodydouble.stores.memory import MemoryStore
from tests.stores.keepers import MakeStore


def test_the_store_conforms(make_any_store: MakeStore) -> None:
    check_store(make_any_store)


async def test_the_suite_also_runs_inside_an_event_loop() -> None:
    check_store(MemoryStore)


class Bent:
    """A memory store with one thing wrong: ``bend`` may change a transaction's behaviour."""

    failures: tuple[type[Exception], ...] = ()

    def __init__(self, bend: Callable[[Any, "Bent"], Any]) -> None:
        self.inner = MemoryStore()
        self.bend = bend

    def transaction(self, sandbox: str, /) -> Any:
        return self._opened(sandbox)

    @asynccontextmanager
    async def _opened(self, sandbox: str) -> AsyncIterator[Transaction]:
        async with self.inner.transaction(sandbox) as tx:
            yield self.bend(tx, self)

    async def key(self, digest: str, /) -> Key | None:
        return await self.inner.key(digest)

    async def put_key(self, key: Key, /) -> None:
        await self.inner.put_key(key)

    async def keys(self, sandbox: str, /) -> list[Key]:
        return await self.inner.keys(sandbox)

    async def sandboxes(self) -> list[str]:
        return await self.inner.sandboxes()

    async def drop(self, sandbox: str, /, when: When = always) -> bool:
        return await self.inner.drop(sandbox, when)

    async def close(self) -> None:
        await self.inner.close()


class Through:
    """Passes everything on to a real transaction."""

    def __init__(self, tx: Any, store: Bent) -> None:
        self.tx = tx

    def __getattr__(self, name: str) -> Any:
        return getattr(self.tx, name)


class IgnoresOffset(Through):
    async def list(self, *args: Any, offset: int = 0, **named: Any) -> Any:
        return await self.tx.list(*args, **named)


class IgnoresDirection(Through):
    async def list(self, *args: Any, newest_first: bool = False, **named: Any) -> Any:
        return await self.tx.list(*args, **named)


class ForgetsDeletes(Through):
    def delete(self, kind: type[Record], id: str, /) -> None:
        return None


class CountsOneTooMany(Through):
    async def count(self, *args: Any) -> int:
        found: int = await self.tx.count(*args)
        return found + 1


class GivesTheMainGroupForEverything(Through):
    async def everything(self) -> Any:
        return [one for one in await self.tx.everything() if not one.group]


class RoundsOrders(Through):
    """Orders through a float, as a Redis score would."""

    async def list(self, kind: type[Any], group: str = "", **named: Any) -> Any:
        offset, limit = named.get("offset", 0), named.get("limit")
        rows = sorted(await self.tx.list(kind, group), key=lambda row: (float(row.order), row.id))
        if named.get("newest_first"):
            rows.reverse()
        return rows[offset : None if limit is None else offset + limit]


class Unlocked(Bent):
    """Lets everybody in at once."""

    @asynccontextmanager
    async def _opened(self, sandbox: str) -> AsyncIterator[Transaction]:
        manager = self.inner.transaction(sandbox)
        tx = await manager.__aenter__()
        self.inner.contents(sandbox).lock.release()
        try:
            yield tx
        except BaseException as error:
            await self.inner.contents(sandbox).lock.acquire()
            await manager.__aexit__(type(error), error, None)
            raise
        await self.inner.contents(sandbox).lock.acquire()
        await manager.__aexit__(None, None, None)


class KeepsTrouble(Bent):
    """Commits what an exception should have undone."""

    @asynccontextmanager
    async def _opened(self, sandbox: str) -> AsyncIterator[Transaction]:
        trouble: BaseException | None = None
        async with self.inner.transaction(sandbox) as tx:
            try:
                yield tx
            except Exception as error:
                trouble = error
        if trouble is not None:
            raise trouble


class SharesSandboxes(Bent):
    """Keeps every sandbox in the same place."""

    def transaction(self, sandbox: str, /) -> Any:
        return self.inner.transaction("the only one")


class KeepsKeys(Bent):
    """Forgets a sandbox and leaves its keys usable."""

    async def drop(self, sandbox: str, /, when: When = always) -> bool:
        keys = dict(self.inner._keys)
        dropped = await self.inner.drop(sandbox, when)
        self.inner._keys = keys
        return dropped


class ListsEveryKey(Bent):
    """Gives the keys of all sandboxes for those of one."""

    async def keys(self, sandbox: str, /) -> list[Key]:
        return sorted(self.inner._keys.values(), key=lambda key: key.id)


class CopiesLate(Bent):
    """Copies a sandbox by keeping it twice in one place."""

    async def copy(self, source: str, target: str, /) -> None:
        self.inner._sandboxes[target] = self.inner.contents(source)


class ForgetsDrops(Bent):
    async def drop(self, sandbox: str, /, when: When = always) -> bool:
        self.inner._keys = {}
        return True


class DropsUnasked(Bent):
    """Forgets a sandbox whatever is said of it."""

    async def drop(self, sandbox: str, /, when: When = always) -> bool:
        async with self.inner.transaction(sandbox) as tx:
            said = await when(tx)
        await self.inner.drop(sandbox)
        return said


BENT: dict[str, Callable[[], Any]] = {
    "drops unasked": lambda: DropsUnasked(lambda tx, store: tx),
    "ignores offset": lambda: Bent(IgnoresOffset),
    "ignores direction": lambda: Bent(IgnoresDirection),
    "forgets deletes": lambda: Bent(ForgetsDeletes),
    "counts one too many": lambda: Bent(CountsOneTooMany),
    "gives one group for everything": lambda: Bent(GivesTheMainGroupForEverything),
    "rounds orders": lambda: Bent(RoundsOrders),
    "lets two in": lambda: Unlocked(Through),
    "keeps trouble": lambda: KeepsTrouble(Through),
    "shares sandboxes": lambda: SharesSandboxes(Through),
    "keeps keys": lambda: KeepsKeys(Through),
    "lists every key": lambda: ListsEveryKey(Through),
    "copies no record": lambda: CopiesLate(Through),
    "forgets drops": lambda: ForgetsDrops(Through),
}


@pytest.mark.parametrize("flaw", BENT)
def test_the_suite_convicts_a_store_that(flaw: str) -> None:
    with pytest.raises(AssertionError):
        check_store(BENT[flaw])


def test_a_bent_store_with_nothing_bent_conforms() -> None:
    check_store(lambda: Bent(Through))


@pytest.mark.parametrize(
    "url", ["", "memory:x", "mysql://x", "sqlite:", "sqlite::memory:", "sqlite:/no/such/folder/a"]
)
def test_a_bad_store_url_is_refused_with_a_sentence(url: str) -> None:
    with pytest.raises(ValueError, match=r"\w+ \w+ \w+"):
        open_store(url)


def test_a_file_that_is_no_database_is_refused_with_its_name(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("not a database " * 1000)
    with pytest.raises(ValueError, match=r"notes\.txt"):
        open_store(f"sqlite:{path}")


def test_a_redis_that_does_not_answer_is_refused_with_its_address() -> None:
    with pytest.raises(ValueError, match="the Redis at 'unix:///no/such/socket' does not answer"):
        open_store("unix:///no/such/socket")


def test_two_sandboxes_of_one_memory_store_are_open_at_once() -> None:
    async def both() -> None:
        store = MemoryStore()
        async with store.transaction("a"), store.transaction("b"):
            pass

    asyncio.run(asyncio.wait_for(both(), 10))
