"""Claims about journals: kinds whose records only come at the end, the oldest making room.

Part of the suite in `stores.py`; each takes a new, empty store.
"""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from http import HTTPStatus

from bodydouble.conformance import samples
from bodydouble.core.evidence.request_log import Exchange
from bodydouble.core.records import values
from bodydouble.core.store import Store, Transaction

MOST = Exchange.KEPT_MAX


class Method(StrEnum):
    """Text that is more than text."""

    POST = "POST"


class _Abort(Exception):
    """What this suite raises to leave a transaction."""


def _append(tx: Transaction, order: int) -> None:
    tx.append(Exchange, values(samples.exchange(order)))


async def a_journal_keeps_the_newest(store: Store) -> None:
    """A journal keeps as many records as its kind says, the newest, in their order."""
    async with store.transaction("s") as tx:
        for order in range(1, MOST):
            _append(tx, order)
    async with store.transaction("s") as tx:
        for order in range(MOST, MOST + 4):
            _append(tx, order)
        await _holds(tx, range(4, MOST + 4))
    async with store.transaction("s") as tx:
        await _holds(tx, range(4, MOST + 4))


async def _holds(tx: Transaction, orders: range) -> None:
    listed = [one.order for one in await tx.list(Exchange)]
    assert listed == [*orders], f"list gave {len(listed)}: {listed[:3]} to {listed[-3:]}"
    assert await tx.count(Exchange) == len(orders), "count disagrees with list"
    first = await tx.first(Exchange)
    assert first is not None, "a journal with lines has no first"
    assert first.order == orders[0], f"first gave {first.order}, not {orders[0]}"
    assert await tx.get(Exchange, str(orders[0] - 1)) is None, "what made room is still found"
    last = await tx.get(Exchange, str(orders[-1]))
    assert last == samples.exchange(orders[-1]), f"get gave {last!r:.300}"


async def a_journal_is_read_in_slices(store: Store) -> None:
    """A journal is read in slices from either end, lines not kept yet among them."""
    async with store.transaction("s") as tx:
        for order in (1, 2, 3):
            _append(tx, order)
    async with store.transaction("s") as tx:
        _append(tx, 4)
        newest = await tx.list(Exchange, newest_first=True, offset=0, limit=2)
        assert [one.order for one in newest] == [4, 3], f"newest gave {newest!r:.200}"
        middle = await tx.list(Exchange, offset=1, limit=2)
        assert [one.order for one in middle] == [2, 3], f"a slice gave {middle!r:.200}"
        assert await tx.list(Exchange, "elsewhere") == [], "a journal has one group"


async def a_journal_takes_kinds_of_numbers_and_text(store: Store) -> None:
    """A status from the standard library, or text out of an enumeration, is kept as what it is."""
    sample = samples.exchange(1)
    odd = replace(
        sample, status=HTTPStatus(sample.status), method=Method.POST, notes=(Method.POST,)
    )
    async with store.transaction("s") as tx:
        tx.append(Exchange, values(odd))
    async with store.transaction("s") as tx:
        found = await tx.get(Exchange, "1")
        assert found == replace(sample, notes=("POST",)), f"get gave {found!r:.300}"


async def an_exception_undoes_a_journals_lines(store: Store) -> None:
    """Leaving by an exception leaves a journal as it was, a cleared one too."""
    async with store.transaction("s") as tx:
        _append(tx, 1)
    try:
        async with store.transaction("s") as tx:
            _append(tx, 2)
            await tx.clear()
            _append(tx, 3)
            raise _Abort
    except _Abort:
        pass
    async with store.transaction("s") as tx:
        left = [one.order for one in await tx.list(Exchange)]
        assert left == [1], f"after an exception the journal holds {left}"


async def clearing_leaves_nothing(store: Store) -> None:
    """A cleared sandbox holds only what came afterwards."""
    async with store.transaction("s") as tx:
        _append(tx, 1)
        tx.put(samples.job("old", "a", 1))
    async with store.transaction("s") as tx:
        tx.put(samples.job("older", "a", 2))
        await tx.clear()
        assert not await tx.everything(), "something is left after clearing"
        tx.put(samples.job("new", "a", 3))
        _append(tx, 7)
    async with store.transaction("s") as tx:
        found = sorted(one.id for one in await tx.everything())
        assert found == ["7", "new"], f"a cleared sandbox holds {found}"
    async with store.transaction("other") as tx:
        tx.put(samples.job("kept", "a", 1))
    async with store.transaction("s") as tx:
        await tx.clear()
    assert await store.sandboxes() == ["other"], "a cleared sandbox is still listed"
