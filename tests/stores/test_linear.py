"""Law: a wallet and its idempotency keys behave as if one client after another had used them.

Eight clients at once, over two processes' worth of stores on one SQLite file or one Redis, or over
two servers and real sockets: orders under few keys, cancels of the same jobs, payments and looks.
For what they saw there must be an order that fits the model of `linear`. Stores and rules that
lose an update, refund twice, charge for a replay or never let go are seen.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, ExitStack, asynccontextmanager
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any, cast

import httpx
import pytest

from bodydouble.core.store import Store, Transaction, attempts
from bodydouble.sandbox import open_sandbox, refunds
from bodydouble.stores import durable, fences, open_store
from bodydouble.stores.sqlite.commits import OneWriter
from bodydouble.web.app import Application
from bodydouble.web.settings import Settings
from tests.contracts.third_party.programs import free_port
from tests.laws.session import Mutant
from tests.laws.test_interleaving import Slow
from tests.laws.test_repeating import keys_are_ignored
from tests.soak.kills import serving
from tests.stores.crowd import Crowd, Met, met
from tests.stores.keepers import REDISES, flushed
from tests.stores.linear import Called, Wallet, fits, in_order


class Pausing:
    """A store whose transactions let others go first before they read."""

    def __init__(self, inner: Store, rng: random.Random) -> None:
        self.inner, self.rng = inner, rng

    async def pause(self) -> None:
        for _ in range(self.rng.randrange(3)):
            await asyncio.sleep(0)

    def transaction(self, sandbox: str, /) -> AbstractAsyncContextManager[Transaction]:
        return self._slow(self.inner.transaction(sandbox))

    def attempt(self, sandbox: str, /) -> AbstractAsyncContextManager[Transaction]:
        return self._slow(attempts(self.inner)(sandbox))

    @asynccontextmanager
    async def _slow(
        self, opened: AbstractAsyncContextManager[Transaction]
    ) -> AsyncIterator[Transaction]:
        async with opened as tx:
            yield cast(Transaction, Slow(tx, cast(Any, self)))

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)


async def in_process(url: str, seed: int) -> Met:
    """One crowd over two applications, each with a store of its own on the same data."""
    rng = random.Random(seed)
    stores = [Pausing(open_store(url), rng) for _ in range(2)]
    async with AsyncExitStack() as stack:
        servers = []
        for store in stores:
            app = Application(Settings(seed=1, frozen=True), cast(Store, store))
            transport = httpx.ASGITransport(app, raise_app_exceptions=False)
            client = httpx.AsyncClient(transport=transport, base_url="http://localhost")
            servers.append(await stack.enter_async_context(client))
        crowd = Crowd(servers, seed)
        try:
            await crowd.judged()
        finally:
            for store in stores:
                await store.close()
    return met(crowd.history)


async def over_sockets(urls: list[str], seed: int) -> Met:
    """One crowd over servers that run."""
    async with AsyncExitStack() as stack:
        clients = [httpx.AsyncClient(base_url=url, timeout=60) for url in urls]
        crowd = Crowd([await stack.enter_async_context(one) for one in clients], seed)
        await crowd.judged()
    return met(crowd.history)


def rounds(play: Callable[[int], Awaitable[Met]], number: int) -> Met:
    """So many crowds; what was met in all of them together."""
    found: Met = {}
    for seed in range(number):
        with asyncio.Runner() as runner:
            for name, times in runner.run(cast(Any, play(seed))).items():
                found[name] = found.get(name, 0) + times
    return found


@pytest.fixture(params=["sqlite", *REDISES])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:{tmp_path}/a.db"
    return flushed(request.getfixturevalue(f"{request.param}_url"))


ROUNDS_MAX = 100
"""Within so many crowds a fault must show; how soon it does hangs on how busy the machine is."""
NUMBERS = [10, pytest.param(300, marks=pytest.mark.nightly)]


@pytest.mark.parametrize("number", NUMBERS)
def test_eight_clients_of_two_stores_saw_one_order(url: str, number: int) -> None:
    found = rounds(lambda seed: in_process(url, seed), number)
    assert found["overlaps"] > 100 * number, found
    assert all(times >= number / 2 for times in found.values()), found


@pytest.mark.parametrize("number", [3, pytest.param(100, marks=pytest.mark.nightly)])
def test_eight_clients_of_two_servers_saw_one_order(url: str, number: int) -> None:
    with ExitStack() as stack:
        ports = [free_port(), free_port()]
        for port in ports:
            stack.enter_context(serving(url, port))
        urls = [f"http://127.0.0.1:{port}" for port in ports]
        found = rounds(lambda seed: over_sockets(urls, seed), number)
    assert found["overlaps"] > 10 * number, found


# Stores and rules with one fault -----------------------------------------------------------------


def an_update_is_lost_in_sqlite(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(OneWriter, "look", lambda self: None)  # as if nobody else ever wrote


def an_update_is_lost_in_redis(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(fences, "ASK", fences.ASK.replace("'nx', ", ""))
    kept = fences.COMMIT.replace("if held and held ~= ARGV[1] or not held and not same", "if false")
    assert kept != fences.COMMIT
    patch.setattr(fences, "COMMIT", kept)


def a_lock_is_not_let_go_in_sqlite(patch: pytest.MonkeyPatch) -> None:
    real, ends = OneWriter.end, count()

    def end(self: Any, tx: Any, *, keep: bool) -> Any:
        if next(ends) % 40 == 39:
            return self._lock.release()  # and the file stays locked
        return real(self, tx, keep=keep)

    patch.setattr(durable, "WAIT_MAX_S", 0.2)
    patch.setattr(OneWriter, "end", end)


def a_lock_is_not_let_go_in_redis(patch: pytest.MonkeyPatch) -> None:
    go = "redis.call('del', lock)"
    kept = fences.COMMIT.replace(go, f"if string.match(ARGV[1], '%d+$') % 23 ~= 0 then {go} end")
    assert kept != fences.COMMIT
    patch.setattr(durable, "WAIT_MAX_S", 0.2)
    patch.setattr(fences, "COMMIT", kept)


def what_was_remembered_is_believed_in_redis(patch: pytest.MonkeyPatch) -> None:
    kept = fences.COMMIT.replace(" or not held and not same", "")
    assert kept != fences.COMMIT
    patch.setattr(fences, "COMMIT", kept)


def an_attempt_does_not_mind_a_lock_in_redis(patch: pytest.MonkeyPatch) -> None:
    kept = fences.COMMIT.replace("if held and", "if held and ARGV[1] ~= '' and")
    assert kept != fences.COMMIT
    patch.setattr(fences, "COMMIT", kept)


def a_refund_comes_twice(patch: pytest.MonkeyPatch) -> None:
    async def settled(sandbox: Any, account: Any, job: Any, struck: Any, at_us: int) -> Any:
        account, after = await refunds.settled(sandbox, account, job, struck, at_us)
        account, _ = await refunds.refunded(sandbox, account, job, at_us)
        return account, after

    patch.setattr(open_sandbox, "settled", settled)


MUTANTS: tuple[tuple[Mutant, str], ...] = (
    (an_update_is_lost_in_sqlite, "sqlite"),
    (an_update_is_lost_in_redis, "redis"),
    (a_lock_is_not_let_go_in_sqlite, "sqlite"),
    (a_lock_is_not_let_go_in_redis, "redis"),
    (what_was_remembered_is_believed_in_redis, "redis"),
    (an_attempt_does_not_mind_a_lock_in_redis, "redis"),
    (a_refund_comes_twice, "sqlite"),
    (keys_are_ignored, "sqlite"),
)


@pytest.mark.parametrize(
    ("url", "mutant"),
    [(store, mutant) for mutant, store in MUTANTS],
    indirect=["url"],
    ids=[mutant.__name__ for mutant, _ in MUTANTS],
)
def test_the_law_kills(url: str, mutant: Mutant, monkeypatch: pytest.MonkeyPatch) -> None:
    mutant(monkeypatch)
    with pytest.raises(AssertionError, match="no order fits"):
        rounds(lambda seed: in_process(url, seed), ROUNDS_MAX)


def test_the_search_finds_an_order_where_there_is_one_and_only_there() -> None:
    def call(verb: str, began: int, ended: int, **of: Any) -> Called:
        given = {"about": "", "status": 200, "job": "", "amount": Decimal(0), **of}
        return Called(verb, **given, began=began, ended=ended)

    wallet = Wallet(Decimal(2), Decimal(2))
    one = call("order", 0, 3, status=202, job="a", amount=Decimal(0))
    other = call("order", 1, 2, status=402)
    assert in_order([one, other], wallet, fits) == [one, other]
    assert in_order([other, call("look", 4, 5, amount=Decimal(2))], wallet, fits) == []
    # The refusal had ended before the order that took the money began.
    late = call("order", 4, 5, status=202, job="a", amount=Decimal(0))
    assert in_order([other, late], wallet, fits) == []
