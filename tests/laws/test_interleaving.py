"""Law: two requests never interleave inside one sandbox, however a store makes them wait.

Requests are started together on a store that waits wherever Hypothesis says. The outcome must be
the one of some order, one after another: the order of the request log, played on a second session.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from bodydouble.core.evidence.request_log import Exchange
from bodydouble.core.store import Transaction
from bodydouble.stores.memory import MemoryStore
from tests.laws.session import BODIES, CAPPED, MAIN, SECOND, Answer, Session, uncounted

# (what, key, argument): everything that writes, and two that read.
Act = tuple[str, str, Any]
ACTS = st.one_of(
    st.tuples(st.just("submit"), st.sampled_from([MAIN, MAIN, SECOND, CAPPED]), st.integers(0, 3)),
    st.tuples(st.just("repeat"), st.sampled_from([MAIN, SECOND]), st.sampled_from(["k1", "k2"])),
    st.tuples(st.just("cancel"), st.just(MAIN), st.none()),
    st.tuples(st.just("read"), st.sampled_from([MAIN, SECOND]), st.none()),
)
WAITS = st.lists(st.integers(0, 3), min_size=1, max_size=20)


class Waiting:
    """A memory store whose every operation lets others go first, as often as ``waits`` says."""

    def __init__(self, waits: list[int]) -> None:
        self.inner = MemoryStore()
        self.waits, self.turn, self.waited = waits, 0, 0
        self.inside = 0
        self.queued = 0

    async def pause(self) -> None:
        self.turn += 1
        for _ in range(self.waits[self.turn % len(self.waits)]):
            self.waited += 1
            await asyncio.sleep(0)

    @asynccontextmanager
    async def transaction(self, sandbox: str, /) -> AsyncIterator[Transaction]:
        self.queued += self.inside > 0
        async with self.inner.transaction(sandbox) as tx:
            self.inside += 1
            try:
                yield cast(Transaction, Slow(tx, self))
            finally:
                self.inside -= 1

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)


class Slow:
    """A transaction that waits before everything it reads."""

    def __init__(self, tx: Transaction, store: Waiting) -> None:
        self.tx, self.store = tx, store

    def __getattr__(self, name: str) -> Any:
        real = getattr(self.tx, name)
        if name in ("put", "delete", "append"):
            return real

        async def slow(*of: Any, **more: Any) -> Any:
            await self.store.pause()
            return await real(*of, **more)

        return slow


def asked(session: Session, act: Act, uid: str) -> Coroutine[Any, Any, Answer]:
    """The request that an act stands for."""
    what, key, detail = act
    if what == "submit":
        return session.request("POST", "/v1/videos/generate", BODIES[detail], key=key)
    if what == "repeat":
        headers = {"x_idempotency_key": detail}
        return session.request("POST", "/v1/videos/generate", BODIES[0], key=key, **headers)
    if what == "cancel":
        return session.request("POST", f"/v1/jobs/{uid}/cancel", key=key)
    return session.request("GET", "/v1/me/balance", key=key)


def compare(acts: list[Act], waits: list[int], store: Waiting) -> None:
    """Plays ``acts`` together on ``store``, then one by one; both must end alike."""
    with asyncio.Runner() as runner:
        together = Session(store, runner.run, balance="0.9000")
        uid = together.generate().json["data"]["job_uid"]

        async def all_at_once() -> list[Answer]:
            return await asyncio.gather(*(asked(together, act, uid) for act in acts))

        answers = runner.run(all_at_once())
        held = together.records()
    logged = [one for one in held.values() if isinstance(one, Exchange)][1:]
    assert len(logged) == len(acts), "interleaved: a request is missing from the log"
    alone = Session(balance="0.9000")
    alone.generate()
    for one in logged:
        # A request id tells which answer belongs to which line of the log.
        places = [n for n, answer in enumerate(answers) if one.request_id in str(answer.headers)]
        assert len(places) == 1, "interleaved: two requests share an id"
        again = alone.run(asked(alone, acts[places[0]], uid))
        assert again.said() == answers[places[0]].said(), "interleaved: an answer fits no order"
    assert uncounted(alone.records()) == uncounted(held), "interleaved: records fit no order"


def run_law(make: Callable[[list[int]], Waiting], examples: int) -> tuple[int, int]:
    """Runs the law; gives how often anybody waited, and how often somebody else was inside."""
    waited = queued = 0

    @settings(
        max_examples=examples,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    @given(acts=st.lists(ACTS, min_size=2, max_size=6), waits=WAITS)
    def law(acts: list[Act], waits: list[int]) -> None:
        nonlocal waited, queued
        store = make(waits)
        compare(acts, waits, store)
        waited += store.waited
        queued += store.queued

    law()
    return waited, queued


def test_requests_never_interleave_inside_one_sandbox() -> None:
    waited, queued = run_law(Waiting, examples=100)
    assert waited > 1000, "the store hardly ever waited"
    assert queued > 100, "requests hardly ever met"


class Unlocked(Waiting):
    """Lets everybody in at once."""

    @asynccontextmanager
    async def transaction(self, sandbox: str, /) -> AsyncIterator[Transaction]:
        async with super().transaction(sandbox) as tx:
            lock = self.inner.contents(sandbox).lock
            lock.release()
            try:
                yield tx
            finally:
                await lock.acquire()


class Hurried(Waiting):
    """Forgets whom it let in last: every second request does not wait for the one before."""

    count = 0

    @asynccontextmanager
    async def transaction(self, sandbox: str, /) -> AsyncIterator[Transaction]:
        self.count += 1
        async with super().transaction(sandbox) as tx:
            lock = self.inner.contents(sandbox).lock
            if self.count % 2:
                lock.release()
            try:
                yield tx
            finally:
                if not lock.locked():
                    await lock.acquire()


@pytest.mark.parametrize("mutant", [Unlocked, Hurried], ids=lambda one: one.__name__)
def test_the_law_kills(mutant: type[Waiting]) -> None:
    with pytest.raises(AssertionError, match="interleaved"):
        run_law(mutant, examples=100)


def test_different_sandboxes_do_not_wait_for_each_other() -> None:
    async def meet() -> None:
        store = MemoryStore()
        async with store.transaction("one"), asyncio.timeout(5), store.transaction("other"):
            pass

    asyncio.run(meet())
