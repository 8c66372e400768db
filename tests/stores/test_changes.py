"""Every store gives the slices a plain sorted list would give, while its transaction goes on.

And after one that was undone, it gives what it gave before.
"""

import asyncio
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bodydouble.core.sandboxes import Counter
from bodydouble.core.store import Transaction
from bodydouble.stores.changes import id_of, member
from tests.stores.keepers import MakeStore

IDS = st.sampled_from("abc")
ORDERS = st.sampled_from([-3, 0, 1, 2, 2**53, 2**53 + 1])
DEEDS = st.one_of(
    st.tuples(st.just("put"), IDS, ORDERS),
    st.tuples(st.just("delete"), IDS, st.none()),
    st.tuples(st.just("take the first"), st.none(), st.none()),
    st.tuples(st.just("look"), st.integers(0, 4), st.sampled_from([None, 1, 2, 9])),
    st.tuples(st.just("clear"), st.none(), st.none()),
    st.tuples(st.just("commit"), st.none(), st.none()),
    st.tuples(st.just("undo"), st.none(), st.none()),
)


class Undo(Exception):
    """Ends a transaction so that nothing of it stays."""


def right(rows: dict[str, Counter]) -> list[Counter]:
    """The rows in their order."""
    return sorted(rows.values(), key=lambda row: (row.order, row.id))


async def act(tx: Transaction, rows: dict[str, Counter], what: str, one: Any, other: Any) -> None:
    """Does one thing to the store and to the plain rows, and compares."""
    if what == "put":
        rows[one] = Counter(one, 0, "", other)
        tx.put(rows[one])
    elif what == "delete":
        rows.pop(one, None)
        tx.delete(Counter, one)
    elif what == "take the first":
        first = await tx.first(Counter)
        assert first == next(iter(right(rows)), None)
        if first is not None:
            del rows[first.id]
            tx.delete(Counter, first.id)
    elif what == "clear":
        rows.clear()
        await tx.clear()
    elif what == "look":
        stop = None if other is None else one + other
        assert await tx.list(Counter, offset=one, limit=other) == right(rows)[one:stop]
        newest = await tx.list(Counter, newest_first=True, offset=one, limit=other)
        assert newest == right(rows)[::-1][one:stop]
        assert await tx.count(Counter) == len(rows)


@settings(
    max_examples=150,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(deeds=st.lists(DEEDS, min_size=12, max_size=40))
def test_slices_are_those_of_a_sorted_list(
    make_store: MakeStore, deeds: list[tuple[str, Any, Any]]
) -> None:
    async def play() -> None:
        store, rows = make_store(), dict[str, Counter]()
        parts: list[list[tuple[str, Any, Any]]] = [[]]
        for deed in deeds:
            parts[-1].append(deed)
            if deed[0] in ("commit", "undo"):
                parts.append([])
        for part in parts:
            before = dict(rows)
            undone = bool(part) and part[-1][0] == "undo"
            with suppress(Undo):
                async with store.transaction("s") as tx:
                    for deed in part:
                        await act(tx, rows, *deed)
                    if undone:
                        raise Undo
            rows = before if undone else rows
        async with store.transaction("s") as tx:
            await act(tx, rows, "look", 0, None)
        await store.close()

    asyncio.run(play())


@pytest.mark.parametrize("order", [-(2**63), -1, 0, 1, 2**53 + 1, 2**63 - 1])
def test_a_member_sorts_as_its_order_does_and_tells_its_id(order: int) -> None:
    place = member(Counter("a:b ä", 0, "", order))
    assert id_of(place) == "a:b ä"
    if order < 2**63 - 1:
        assert place < member(Counter("", 0, "", order + 1))
