"""Claims about records: they come back equal, sorted, in slices, and kinds and groups stay apart.

Half of the suite in `stores.py`; each takes a new, empty store.
"""

from __future__ import annotations

import asyncio

from bodydouble.conformance import samples
from bodydouble.core.jobs import Job
from bodydouble.core.sandboxes import Counter
from bodydouble.core.schedule import DueKind, due
from bodydouble.core.store import Store, Transaction, keep


async def every_kind_survives(store: Store) -> None:
    """A record comes back equal in a later transaction, whatever its kind."""
    records = samples.records()
    async with store.transaction("s") as tx:
        keep(tx, records)
    async with store.transaction("s") as tx:
        for record in records:
            found = await tx.get(type(record), record.id)
            assert found == record, f"put {record!r:.300}, got {found!r:.300}"
            listed = await tx.list(type(record), record.group)
            assert listed == [record], f"list gave {listed!r:.300} for {type(record).__name__}"


async def own_writes_are_read(store: Store) -> None:
    """A transaction reads its own writes, in every way of reading."""
    async with store.transaction("s") as tx:
        tx.put(Counter("kept", 1))
        tx.put(Counter("changed", 1))
        tx.put(Counter("gone", 1))
    async with store.transaction("s") as tx:
        tx.put(Counter("changed", 2))
        tx.delete(Counter, "gone")
        tx.put(Counter("new", 3))
        tx.put(Counter("brief", 4))
        tx.delete(Counter, "brief")
        await holds(tx, ["changed", "kept", "new"])
        changed = await tx.get(Counter, "changed")
        assert changed == Counter("changed", 2), f"get gave {changed}"
        assert await tx.get(Counter, "gone") is None, "a deleted record is still found"
        tx.delete(Counter, "never there")
    async with store.transaction("s") as tx:
        await holds(tx, ["changed", "kept", "new"])


async def holds(tx: Transaction, ids: list[str]) -> None:
    """Asserts that the counters of the empty group are these, in this order, however read."""
    listed = [one.id for one in await tx.list(Counter)]
    assert listed == ids, f"list gave {listed}, not {ids}"
    assert await tx.count(Counter) == len(ids), "count disagrees with list"
    first = await tx.first(Counter)
    assert (first.id if first else None) == (ids[0] if ids else None), f"first gave {first}"


# In their right order; ids speak against it, and the last two orders differ by one beyond 2**53.
_ORDERED = (
    Counter("z", 0, "g", -5),
    Counter("b", 0, "g", 0),
    Counter("c", 0, "g", 0),
    Counter("y", 0, "g", 9),
    Counter("a", 0, "g", 10),
    Counter("ä", 0, "g", 10),
    Counter("x", 0, "g", samples.LATE_US),
    Counter("d e", 0, "g", samples.LATE_US + 1),
)


async def order_is_kept(store: Store) -> None:
    """Records of a group are sorted by (order, id), in both directions, in slices."""
    rows = [*_ORDERED]
    async with store.transaction("s") as tx:
        for row in rows[1::2] + rows[::2][::-1]:
            tx.put(row)
        await _is_sorted(tx, rows)
    async with store.transaction("s") as tx:
        await _is_sorted(tx, rows)


async def _is_sorted(tx: Transaction, rows: list[Counter]) -> None:
    listed = await tx.list(Counter, "g")
    assert listed == rows, f"oldest first gave {[row.id for row in listed]}"
    newest = await tx.list(Counter, "g", newest_first=True)
    assert newest == rows[::-1], f"newest first gave {[row.id for row in newest]}"
    assert await tx.first(Counter, "g") == rows[0], "first is not the lowest"
    assert await tx.count(Counter, "g") == len(rows), "count is wrong"
    for offset in (0, 1, len(rows) - 1, len(rows), 99):
        for limit in (None, 0, 1, 3, 99):
            stop = None if limit is None else offset + limit
            part = await tx.list(Counter, "g", offset=offset, limit=limit)
            assert part == rows[offset:stop], f"offset {offset}, limit {limit}: {part}"
            part = await tx.list(Counter, "g", newest_first=True, offset=offset, limit=limit)
            assert part == rows[::-1][offset:stop], f"newest, offset {offset}, limit {limit}"


async def slices_see_changes(store: Store) -> None:
    """Slices stay right while the same transaction adds, moves and deletes."""
    expected = {f"{n:02d}": n * 10 for n in range(12)}
    async with store.transaction("s") as tx:
        for id, order in expected.items():
            tx.put(Counter(id, 0, "", order))
    async with store.transaction("s") as tx:
        for id, to in (("00", 55), ("11", -1), ("05", 50), ("06", 1)):
            expected[id] = to
            tx.put(Counter(id, 1, "", to))
        for id in ("01", "07"):
            del expected[id]
            tx.delete(Counter, id)
        expected["new"] = 56
        tx.put(Counter("new", 0, "", 56))
        ids = sorted(expected, key=lambda id: (expected[id], id))
        for offset in range(len(ids) + 1):
            for newest in (False, True):
                part = await tx.list(Counter, newest_first=newest, offset=offset, limit=3)
                right = (ids[::-1] if newest else ids)[offset : offset + 3]
                given = [one.id for one in part]
                assert given == right, f"offset {offset}: {given}, not {right}"
    async with store.transaction("s") as tx:
        assert [one.id for one in await tx.list(Counter)] == ids, "commit forgot a move"


async def moving_reorders(store: Store) -> None:
    """A record put again with another order stands at its new place alone."""
    async with store.transaction("s") as tx:
        for id, order in (("a", 1), ("b", 2), ("c", 3)):
            tx.put(Counter(id, 0, "", order))
    async with store.transaction("s") as tx:
        tx.put(Counter("a", 0, "", 9))
        await holds(tx, ["b", "c", "a"])
    async with store.transaction("s") as tx:
        await holds(tx, ["b", "c", "a"])


async def groups_and_kinds_are_apart(store: Store) -> None:
    """Groups and kinds do not mix, even where ids agree."""
    async with store.transaction("s") as tx:
        tx.put(Counter("x", 1, "a"))
        tx.put(Counter("y", 2, "b"))
        tx.put(due(1, 5, DueKind.START, "x"))
        tx.put(samples.job("x", "a", 1))
    async with store.transaction("s") as tx:
        assert [one.id for one in await tx.list(Counter, "a")] == ["x"], "group a is wrong"
        assert [one.id for one in await tx.list(Counter, "b")] == ["y"], "group b is wrong"
        assert await tx.list(Counter) == [], "the empty group is not every group"
        assert await tx.count(Counter, "c") == 0, "an unknown group counts something"
        assert await tx.first(Job, "b") is None, "a job stands in a group of counters"
        tx.delete(Counter, "x")
        assert await tx.get(Job, "x") is not None, "deleting a counter deleted a job"


async def everything_is_everything(store: Store) -> None:
    """Everything gives each record once, own writes included, whatever its kind and group."""
    async with store.transaction("s") as tx:
        keep(tx, samples.records())
        tx.put(Counter("gone", 1))
    async with store.transaction("s") as tx:
        tx.put(Counter("new", 1, "a group"))
        tx.put(Counter("requests", 2))
        tx.delete(Counter, "gone")
        await _is_everything(tx)
    async with store.transaction("s") as tx:
        await _is_everything(tx)
    async with store.transaction("t") as tx:
        assert not await tx.everything(), "an empty sandbox holds something"


async def _is_everything(tx: Transaction) -> None:
    wanted = {(type(one), one.id): one for one in samples.records()}
    wanted |= {
        (Counter, one.id): one for one in (Counter("new", 1, "a group"), Counter("requests", 2))
    }
    given = [*await tx.everything()]
    found = {(type(one), one.id): one for one in given}
    assert len(found) == len(given), "a record is given twice"
    assert found == wanted, f"more or less than everything: {set(found) ^ set(wanted)}"


async def a_copy_is_apart(store: Store) -> None:
    """Where a store copies sandboxes itself, copies are whole, and change alone."""
    copy = getattr(store, "copy", None)
    if copy is None:
        return
    async with store.transaction("s") as tx:
        for id, order in (("a", 2), ("b", 1), ("c", 3)):
            tx.put(Counter(id, 0, "", order))
    async with store.transaction("t") as tx:
        tx.put(Counter("old", 1))
    await asyncio.wait_for(copy("s", "t"), 10)
    async with store.transaction("s") as tx:
        tx.delete(Counter, "b")
        tx.put(Counter("a", 9, "", 9))
    async with store.transaction("t") as tx:
        await holds(tx, ["b", "a", "c"])
        assert await tx.get(Counter, "a") == Counter("a", 0, "", 2), "a copy changed with its model"
        tx.delete(Counter, "c")
    async with store.transaction("s") as tx:
        await holds(tx, ["c", "a"])
