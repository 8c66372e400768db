"""The request log is bounded in bytes: a sandbox's in every store, a process's in memory."""

from __future__ import annotations

from typing import Any

import pytest

from bodydouble.core.evidence.request_log import Exchange
from bodydouble.core.records import values_for
from bodydouble.core.store import Store
from bodydouble.stores import durable, memory
from bodydouble.stores.memory import MemoryStore
from bodydouble.stores.sqlite.store import SqliteStore
from tests.stores.keepers import MakeStore

LINE = 90_000


def line(serial: int, size: int = LINE) -> tuple[Any, ...]:
    headers = ((b"x", b"h" * size),)
    return values_for(
        Exchange, str(serial), serial, 0, "v", "op", "v/main", "k", "", "GET", "/", "", headers,
        b"", 200, (), b"", "", "", 0, (), (), 0, False, "",
    )  # fmt: skip


async def filled(store: Store, sandbox: str, lines: int, size: int = LINE) -> None:
    for serial in range(1, lines + 1):
        async with store.transaction(sandbox) as tx:
            tx.append(Exchange, line(serial, size))


def held(store: MemoryStore, sandbox: str) -> int:
    return sum(journal.bytes for journal in store.contents(sandbox).journals.values())


async def test_a_log_of_long_lines_keeps_fewer_of_them() -> None:
    store = MemoryStore()
    await filled(store, "a", 1000)
    assert held(store, "a") <= Exchange.KEPT_BYTES_MAX
    async with store.transaction("a") as tx:
        kept = await tx.list(Exchange)
    assert [one.order for one in kept] == list(range(1001 - len(kept), 1001))
    assert 100 < len(kept) < 1000
    journal = store.contents("a").journals[Exchange]
    assert journal.bytes == sum(map(len, journal.lines))


async def test_a_line_longer_than_all_may_be_stays_while_it_is_the_last(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Exchange, "KEPT_BYTES_MAX", 1000)
    store = MemoryStore()
    await filled(store, "a", 3)
    async with store.transaction("a") as tx:
        assert [one.order for one in await tx.list(Exchange)] == [3]


async def test_a_process_keeps_so_many_bytes_and_takes_them_from_the_longest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(memory, "JOURNALS_BYTES_MAX", 4_000_000)
    monkeypatch.setattr(memory, "FRESH_BYTES_MAX", 400_000)
    store = MemoryStore()
    await filled(store, "quiet", 3, 1000)
    for name in ("a", "b", "c", "d", "e"):
        await filled(store, name, 40)
        boxes = ("quiet", "a", "b", "c", "d", "e")
        assert sum(held(store, one) for one in boxes) <= 4_000_000 + LINE
    async with store.transaction("quiet") as tx:
        assert len(await tx.list(Exchange)) == 3
    assert min(held(store, one) for one in ("a", "b", "c", "d", "e")) > 400_000


async def test_a_copy_goes_its_own_way() -> None:
    store = MemoryStore()
    await filled(store, "a", 5, 100)
    await store.copy("a", "b")
    await filled(store, "b", 7, 100)
    async with store.transaction("a") as tx:
        assert len(await tx.list(Exchange)) == 5
    async with store.transaction("b") as tx:
        assert len(await tx.list(Exchange)) == 12


async def kept(store: Store, sandbox: str = "a") -> list[Exchange]:
    async with store.transaction(sandbox) as tx:
        return await tx.list(Exchange)


@pytest.fixture
def a_megabyte(monkeypatch: pytest.MonkeyPatch) -> int:
    """A log that may hold that much, counted again whenever a tenth of it came."""
    monkeypatch.setattr(Exchange, "KEPT_BYTES_MAX", 1_000_000)
    monkeypatch.setattr(durable, "FRESH_BYTES_MAX", 100_000)
    return 1_000_000


async def test_each_store_keeps_so_many_bytes_of_a_log(
    make_store: MakeStore, a_megabyte: int
) -> None:
    store = make_store()
    try:
        await filled(store, "b", 5, 30_000)
        await filled(store, "a", 100, 30_000)
        orders = [one.order for one in await kept(store)]
        assert len(orders) * 30_000 <= a_megabyte
        assert orders == list(range(101 - len(orders), 101))
        assert len(orders) >= 20
        assert len(await kept(store, "b")) == 5
        async with store.transaction("a") as tx:
            assert await tx.count(Exchange) == len(orders)
    finally:
        await store.close()


async def test_each_store_keeps_the_last_line_whatever_its_length(
    make_store: MakeStore, a_megabyte: int
) -> None:
    store = make_store()
    try:
        await filled(store, "a", 3, 2 * a_megabyte)
        assert [one.order for one in await kept(store)] == [3]
    finally:
        await store.close()


async def test_a_second_process_finds_the_log_as_long_as_the_first_left_it(
    make_store: MakeStore, a_megabyte: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = make_store()
    try:
        await filled(store, "a", 30, 30_000)
        if isinstance(store, MemoryStore):
            return  # there is one process
        monkeypatch.setattr(Exchange, "KEPT_BYTES_MAX", 300_000)
        keeper: Any = store.file.journals if isinstance(store, SqliteStore) else store
        keeper.fresh = durable.Fresh()
        async with store.transaction("a") as tx:
            tx.append(Exchange, line(31, 30_000))
        assert len(await kept(store)) * 30_000 <= 300_000
    finally:
        await store.close()
