"""SQLite's commits: shared by what ends in one turn, waited for by each, and spoiled by nobody.

And what a process remembers of the file is never anything but what is in it.
"""

import asyncio
import random
import sqlite3
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from bodydouble.conformance import samples
from bodydouble.core.sandboxes import Counter
from bodydouble.core.store import Store, Transaction
from bodydouble.stores.memory import MemoryStore
from bodydouble.stores.sqlite.commits import OneWriter
from bodydouble.stores.sqlite.store import SqliteStore


class Trouble(Exception):
    """What a transaction is left by."""


async def counted(store: Store, id: str, trouble: Exception | None = None) -> int:
    """Adds one to a counter; gives what it then is."""
    async with store.transaction("s") as tx:
        found = await tx.get(Counter, id)
        value = found.value + 1 if found else 1
        tx.put(Counter(id, value))
        tx.put(Counter(f"{id} by {value}", value, "others"))
        if trouble is not None:
            await tx.list(Counter, "others", newest_first=True)  # has the file hold it
            raise trouble
    return value


def commits(patch: pytest.MonkeyPatch) -> list[str]:
    """Grows with each commit."""
    real, seen = OneWriter._kept, list[str]()

    def kept(self: OneWriter) -> None:
        real(self)
        seen.append("commit")

    patch.setattr(OneWriter, "_kept", kept)
    return seen


async def test_what_ends_in_one_turn_is_committed_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, seen = SqliteStore(str(tmp_path / "a.db")), commits(monkeypatch)
    assert await asyncio.gather(*(counted(store, "n") for _ in range(8))) == [*range(1, 9)]
    assert len(seen) == 1
    assert await counted(store, "n") == 9
    assert len(seen) == 2
    await store.close()


async def test_nobody_goes_on_before_it_is_in_the_file(tmp_path: Path) -> None:
    store, other = (SqliteStore(str(tmp_path / "a.db")) for _ in range(2))

    async def seen_by_another() -> None:
        value = await counted(store, "n")
        async with other.transaction("s") as tx:
            found = await tx.get(Counter, "n")
        assert found is not None
        assert found.value >= value

    await asyncio.gather(*(seen_by_another() for _ in range(8)))
    await store.close()
    await other.close()


async def test_one_that_fails_takes_nobody_with_it(tmp_path: Path) -> None:
    store = SqliteStore(str(tmp_path / "a.db"))
    troubles = [Trouble() if number % 3 == 1 else None for number in range(9)]
    said = await asyncio.gather(
        *(counted(store, "n", one) for one in troubles), return_exceptions=True
    )
    assert [isinstance(one, Trouble) for one in said] == [one is not None for one in troubles]
    again = SqliteStore(str(tmp_path / "a.db"))
    async with again.transaction("s") as tx:
        assert await tx.get(Counter, "n") == Counter("n", 6)
        assert await tx.count(Counter, "others") == 6
    await store.close()
    await again.close()


async def test_a_commit_that_fails_is_everybodys(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = SqliteStore(str(tmp_path / "a.db"))
    assert await counted(store, "n") == 1

    def kept(self: OneWriter) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    with monkeypatch.context() as full:
        full.setattr(OneWriter, "_kept", kept)
        calls = [counted(store, "n") for _ in range(4)]
        said = await asyncio.gather(*calls, return_exceptions=True)
    assert [type(one) for one in said] == [sqlite3.OperationalError] * 4
    assert await counted(store, "n") == 2
    await store.close()


async def test_who_gives_up_waiting_takes_nobody_with_it(tmp_path: Path) -> None:
    store = SqliteStore(str(tmp_path / "a.db"))
    tasks = [asyncio.create_task(counted(store, "n")) for _ in range(3)]
    await asyncio.sleep(0)  # each has ended its transaction and waits
    tasks[1].cancel()
    done = await asyncio.gather(*tasks, return_exceptions=True)
    assert (done[0], done[2]) == (1, 3)
    assert await counted(store, "n") == 4
    await store.close()


async def test_a_key_that_another_process_changed_is_seen_changed(tmp_path: Path) -> None:
    store, other = (SqliteStore(str(tmp_path / "a.db")) for _ in range(2))
    plain = type(samples.key("k", "s"))("k", "s", "p", "p/main", "h")
    await store.put_key(plain)
    assert await store.key("k") == await other.key("k") == plain
    await other.put_key(samples.key("k", "s"))
    assert await store.key("k") == samples.key("k", "s")
    await store.drop("s")
    assert await other.key("k") is None
    await store.close()
    await other.close()


# What is remembered is what is there -------------------------------------------------------------

Ask = Callable[[Transaction], Awaitable[Any]]


def _asked(rng: random.Random) -> Ask:
    """Something to do with a transaction; what it gives must be the same in every store."""
    id, group = f"c{rng.randrange(70)}", f"g{rng.randrange(2)}"
    order, offset, limit = (
        rng.randrange(30),
        rng.choice([0, 0, 0, 3]),
        rng.choice([None, 1, 3, 15, 40]),
    )
    newest_first = rng.random() < 0.3

    async def put(tx: Transaction) -> None:
        tx.put(Counter(f"{group}{id}", order, group, order))

    async def delete(tx: Transaction) -> None:
        tx.delete(Counter, f"{group}{id}")

    async def get(tx: Transaction) -> Any:
        return await tx.get(Counter, f"{group}{id}")

    async def first(tx: Transaction) -> Any:
        return await tx.first(Counter, group)

    async def listed(tx: Transaction) -> Any:
        return await tx.list(Counter, group, newest_first=newest_first, offset=offset, limit=limit)

    async def count(tx: Transaction) -> Any:
        return await tx.count(Counter, group)

    async def clear(tx: Transaction) -> None:
        if rng.random() < 0.02:
            await tx.clear()

    writes = [put] * 8 + [delete] * 4 + [clear]
    return rng.choice([*writes, get, get, first, first, first, listed, listed, count])


def _turn(rng: random.Random) -> tuple[str, list[Ask], bool]:
    asks = [_asked(rng) for _ in range(rng.randrange(1, 9))]
    return rng.choice("sst"), asks, rng.random() < 0.3


def _grown(at: int) -> Ask:
    async def put(tx: Transaction) -> None:
        tx.put(Counter(f"g{at % 2}c{at // 2}", 0, f"g{at % 2}", at % 30))

    return put


async def _done(store: Store, sandbox: str, asks: list[Ask], fails: bool) -> list[Any]:
    said = []
    try:
        async with store.transaction(sandbox) as tx:
            for ask in asks:
                said.append(await ask(tx))
            if fails:
                raise Trouble
    except Trouble:
        pass
    return said


@pytest.mark.parametrize("seed", range(6))
async def test_two_processes_on_one_file_see_what_one_memory_sees(
    tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = random.Random(seed)
    if seed % 2:  # hardly anything is remembered
        monkeypatch.setattr("bodydouble.stores.sqlite.commits.KNOWN_BYTES_MAX", 300)
        monkeypatch.setattr("bodydouble.stores.sqlite.commits.RECORD_KNOWN_BYTES_MAX", 58)
    memory = MemoryStore()
    files = [SqliteStore(str(tmp_path / "a.db")) for _ in range(2)]
    grown = [(sandbox, [_grown(at)], False) for sandbox in "st" for at in range(80)]
    stores: tuple[Store, ...] = (memory, files[0])
    for store in stores:
        for turn in grown:
            await _done(store, *turn)
    seen = 0
    for _ in range(200):
        file = rng.choice(files)
        turns = [
            (
                rng.choice("sst"),
                [_asked(rng) for _ in range(rng.randrange(1, 9))],
                rng.random() < 0.3,
            )
            for _ in range(rng.randrange(1, 5))
        ]
        state = rng.getstate()
        expected = [await _done(memory, *turn) for turn in turns]
        rng.setstate(state)
        said = await asyncio.gather(*(_done(file, *turn) for turn in turns))
        assert said == expected
        seen += sum(len(of) for of in said)
    assert seen > 500
    for file in files:
        await file.close()


async def test_a_group_that_grows_from_nothing_is_listed_whole(tmp_path: Path) -> None:
    store = SqliteStore(str(tmp_path / "a.db"))
    for number in range(50):
        async with store.transaction("s") as tx:
            await tx.first(Counter)
            tx.put(Counter(f"c{number:02}", number))
            assert len(await tx.list(Counter)) == number + 1
    await store.close()
