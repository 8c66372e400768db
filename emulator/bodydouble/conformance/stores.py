"""The conformance suite of `core.store.Store`: what every rule of the core relies on.

Each claim gets a store of its own, new and empty. A wait that should end is bounded, so that a
store that never lets go fails instead of hanging.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable

from bodydouble.conformance import journals, records, samples
from bodydouble.conformance.running import run, sentence_of
from bodydouble.core.media.uploads import Blob
from bodydouble.core.sandboxes import Counter
from bodydouble.core.schedule import Due
from bodydouble.core.store import Store, Transaction

MakeStore = Callable[[], Store | Awaitable[Store]]
_PATIENCE_S = 20.0


def check_store(make_store: MakeStore) -> None:
    """Holds a store to every claim. ``make_store`` gives a new, empty one each time it is called.

    AssertionError names the first claim that does not hold.
    """
    for claim in CLAIMS:
        with sentence_of(claim):
            run(_checked(claim, make_store))


async def _checked(claim: Callable[[Store], Awaitable[None]], make_store: MakeStore) -> None:
    made = make_store()
    store = await made if inspect.isawaitable(made) else made
    try:
        await asyncio.wait_for(claim(store), _PATIENCE_S)
    finally:
        await store.close()


class _Abort(Exception):
    """What the suite raises to leave a transaction."""


async def an_exception_undoes_everything(store: Store) -> None:
    """Leaving by an exception undoes every write, in records and in the index."""
    async with store.transaction("s") as tx:
        tx.put(Counter("kept", 1, "", 5))
        tx.put(Counter("moved", 1, "", 6))
    try:
        async with store.transaction("s") as tx:
            tx.put(Counter("kept", 2, "", 5))
            tx.put(Counter("moved", 2, "", 1))
            tx.put(Counter("moved", 3, "", 9))
            tx.put(Counter("new", 1, "", 0))
            tx.put(Counter("new in a new group", 1, "g", 0))
            tx.delete(Counter, "kept")
            tx.delete(Counter, "new")
            raise _Abort
    except _Abort:
        pass
    else:
        raise AssertionError("the store swallowed the exception")
    async with store.transaction("s") as tx:
        await records.holds(tx, ["kept", "moved"])
        assert await tx.get(Counter, "kept") == Counter("kept", 1, "", 5), "kept was not undone"
        assert await tx.get(Counter, "moved") == Counter("moved", 1, "", 6), "moved was not"
        assert await tx.count(Counter, "g") == 0, "a group outlived its transaction"


async def an_undone_beginning_leaves_nothing(store: Store) -> None:
    """A sandbox whose only transaction failed, or that was only looked at, does not exist."""
    try:
        async with store.transaction("s") as tx:
            tx.put(Counter("a", 1))
            raise _Abort
    except _Abort:
        pass
    async with store.transaction("t") as tx:
        assert await tx.first(Due) is None, "an unknown sandbox is not empty"
        assert await tx.count(Due) == 0, "an unknown sandbox is not empty"
    async with store.transaction("u") as tx:
        tx.put(Counter("a", 1))
        tx.delete(Counter, "a")
    assert await store.sandboxes() == [], f"there is {await store.sandboxes()}"


async def sandboxes_are_apart(store: Store) -> None:
    """Sandboxes share nothing, are listed sorted, and vanish with their last record."""
    for name in ("b", "a", "c:d"):
        async with store.transaction(name) as tx:
            tx.put(Counter("x", ord(name[0])))
    for name in ("a", "b", "c:d"):
        async with store.transaction(name) as tx:
            found = await tx.get(Counter, "x")
            assert found == Counter("x", ord(name[0])), f"{name} holds {found}"
            assert await tx.count(Counter) == 1, f"{name} counts its neighbours"
    assert await store.sandboxes() == ["a", "b", "c:d"], f"listed {await store.sandboxes()}"
    async with store.transaction("a") as tx:
        tx.delete(Counter, "x")
    assert await store.sandboxes() == ["b", "c:d"], "an emptied sandbox is still listed"


async def one_holder_at_a_time(store: Store) -> None:
    """Two tasks never hold one sandbox at once, and no update is lost."""
    inside = 0

    async def visit() -> None:
        nonlocal inside
        async with store.transaction("s") as tx:
            inside += 1
            assert inside == 1, "two tasks hold the sandbox"
            found = await tx.get(Counter, "n")
            for _ in range(3):
                await asyncio.sleep(0)
            tx.put(Counter("n", (found.value if found else 0) + 1))
            inside -= 1

    # The first ones meet a sandbox that does not exist yet; a failing one stands in the way.
    async def fail() -> None:
        try:
            async with store.transaction("s") as tx:
                tx.put(Counter("n", 1000))
                await asyncio.sleep(0)
                raise _Abort
        except _Abort:
            pass

    await asyncio.gather(fail(), *(visit() for _ in range(10)), fail(), visit())
    async with store.transaction("s") as tx:
        found = await tx.get(Counter, "n")
        assert found == Counter("n", 11), f"11 visits left {found}"


async def a_given_up_wait_harms_nobody(store: Store) -> None:
    """A task that is cancelled while it waits, or while it holds, leaves the sandbox free."""

    async def hold() -> None:
        async with store.transaction("s") as tx:
            tx.put(Counter("x", 1))
            await asyncio.sleep(3600)

    holder = asyncio.create_task(hold())
    await asyncio.sleep(0.05)
    waiter = asyncio.create_task(hold())
    await asyncio.sleep(0.05)
    for task in (waiter, holder):
        task.cancel()
        await asyncio.wait([task])
    async with store.transaction("s") as tx:
        assert await tx.get(Counter, "x") is None, "a cancelled task's write was kept"
        tx.put(Counter("x", 2))
    assert await store.sandboxes() == ["s"], "the sandbox did not come back to life"


async def a_wait_given_up_as_it_ends_harms_nobody(store: Store) -> None:
    """A task that is cancelled just as its turn comes ends so, and frees the sandbox."""

    async def wait() -> None:
        async with store.transaction("s"):
            await asyncio.sleep(0)

    for before in (True, False):
        held = store.transaction("s")
        await held.__aenter__()
        waiters = [asyncio.create_task(wait()) for _ in range(3)]
        await asyncio.sleep(0.02)
        if before:
            waiters[0].cancel()
        await held.__aexit__(None, None, None)
        if not before:
            waiters[0].cancel()
        await asyncio.wait(waiters)
        assert waiters[0].cancelled() or not waiters[0].exception(), "it ended in an error"
        assert not any(one.exception() for one in waiters[1:]), "it spoiled the others' turns"


async def keys_are_kept(store: Store) -> None:
    """Keys come back equal, are replaced whole, listed by sandbox, and go with it."""
    one, other = samples.key("k1", "s"), samples.key("k2", "t")
    assert await store.key("k1") is None, "an unknown key is found"
    await store.put_key(one)
    await store.put_key(other)
    assert await store.key("k1") == one, f"put {one}, got {await store.key('k1')}"
    assert await store.sandboxes() == [], "a key alone makes no sandbox"
    plain = type(one)("k1", "s", "p", "p/main", "h")
    await store.put_key(plain)
    assert await store.key("k1") == plain, "a key was not replaced"
    await store.put_key(samples.key("k0", "s"))
    listed = [key.id for key in await store.keys("s")]
    assert listed == ["k0", "k1"], f"the keys of one sandbox are {listed}"
    assert await store.keys("s") == [samples.key("k0", "s"), plain], "keys are listed changed"
    await store.drop("s")
    assert await store.key("k1") is None, "a dropped sandbox left its key"
    assert await store.keys("s") == [], "a dropped sandbox still lists keys"
    assert await store.key("k2") == other, "dropping one sandbox took another's key"


async def dropping_forgets(store: Store) -> None:
    """A dropped sandbox is gone whole, can be made anew, and its neighbours stay."""
    for name in ("s", "t"):
        async with store.transaction(name) as tx:
            for record in samples.records():
                tx.put(record)
    await store.drop("s")
    await store.drop("never there")
    assert await store.sandboxes() == ["t"], f"left: {await store.sandboxes()}"

    async def no(tx: Transaction) -> bool:
        return not await tx.everything()

    assert await store.drop("t", no) is False, "a drop did not give what its question said"
    assert await store.sandboxes() == ["t"], "a sandbox was dropped against what was said of it"
    assert await store.drop("t of nobody", no) is True, "a question saw another sandbox"
    async with store.transaction("s") as tx:
        for record in samples.records():
            kind = type(record)
            assert await tx.get(kind, record.id) is None, f"{kind.__name__} outlived the drop"
            assert await tx.count(kind, record.group) == 0, f"{kind.__name__} is still counted"
        tx.put(Counter("x", 1))
    assert await store.sandboxes() == ["s", "t"], "a dropped sandbox cannot be made anew"
    async with store.transaction("t") as tx:
        assert await tx.first(Blob) is not None, "dropping one sandbox emptied another"


CLAIMS: tuple[Callable[[Store], Awaitable[None]], ...] = (
    records.every_kind_survives,
    records.own_writes_are_read,
    records.order_is_kept,
    records.slices_see_changes,
    records.moving_reorders,
    records.groups_and_kinds_are_apart,
    records.everything_is_everything,
    records.a_copy_is_apart,
    journals.a_journal_keeps_the_newest,
    journals.a_journal_is_read_in_slices,
    journals.a_journal_takes_kinds_of_numbers_and_text,
    journals.an_exception_undoes_a_journals_lines,
    journals.clearing_leaves_nothing,
    an_exception_undoes_everything,
    an_undone_beginning_leaves_nothing,
    sandboxes_are_apart,
    one_holder_at_a_time,
    a_given_up_wait_harms_nobody,
    a_wait_given_up_as_it_ends_harms_nobody,
    keys_are_kept,
    dropping_forgets,
)
