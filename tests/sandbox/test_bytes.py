"""What a sandbox keeps is bounded in bytes, sort by sort, over memory and SQLite."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bodydouble.core.idempotency import Remembered
from bodydouble.core.sandboxes import Counter
from bodydouble.core.store import Store
from bodydouble.core.webhooks import Delivery
from bodydouble.sandbox import answers, bounds, events
from bodydouble.sandbox.open_sandbox import OpenSandbox
from bodydouble.stores import open_store
from bodydouble.web.app import Application
from bodydouble.web.settings import Settings
from tests.webhooks.session import WebhookSession, receiving

FOR_EVER_US = 2**62


@pytest.fixture(params=["memory:", "sqlite:"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    where = str(request.param)
    made = open_store(where if where == "memory:" else f"{where}{tmp_path}/s.db")
    yield made
    await made.close()


def answer(name: str, size: int, at_us: int) -> Remembered:
    return Remembered(name, "f", at_us, 200, (), b"x" * size, order=at_us)


async def remembered(store: Store, sizes: list[int], job: str = "") -> list[int]:
    """How long the answers are that are left, oldest first, when these came one by one."""
    app = Application(Settings(seed=1), store)
    record = app.registry.new_record("here")
    for number, size in enumerate(sizes):
        async with store.transaction("here") as tx:
            sandbox = OpenSandbox(tx, record, app.providers, 0)
            # All at one instant, as under a clock that stands still.
            await answers.keep_answer(sandbox, answer(f"k{9 - number}", size, 5), FOR_EVER_US)
    async with store.transaction("here") as tx:
        left = await tx.list(Remembered)
        counted = await tx.get(Counter, bounds.ANSWERS)
    assert counted is not None
    assert counted.value == sum(len(one.id) + len(one.body) for one in left)
    return sorted(len(one.body) for one in left)


async def test_the_oldest_answers_make_room(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "REMEMBERED_BYTES_MAX", 1_000)
    assert len(await remembered(store, [300] * 8)) == 3


async def test_the_newest_answer_stays_whatever_its_length(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answers, "REMEMBERED_BYTES_MAX", 1_000)
    assert await remembered(store, [300, 300, 5_000]) == [5_000]


async def delivered(session: WebhookSession) -> list[Delivery]:
    async with session.app.store.transaction(session.sandbox) as tx:
        left = await tx.list(Delivery, "smartlyq/main")
        counted = await tx.get(Counter, bounds.DELIVERIES)
    assert counted is not None
    assert counted.value == sum(
        len(one.body) + sum(len(x.answer) + len(x.error) for x in one.attempts) for one in left
    )
    return left


async def with_jobs(store: Store, count: int, **receiver: Any) -> list[Delivery]:
    """The deliveries that are left after so many jobs were told of."""
    session = WebhookSession(Application(Settings(seed=1, frozen=True), store))
    async with receiving(*receiver.get("answers", (200,))) as at:
        at.body = receiver.get("body", b"thanks")
        await session.hook(at.url)
        for _ in range(count):
            await session.job()
            await session.travel(600)
    assert len(at.got) >= count
    return await delivered(session)


async def test_the_oldest_deliveries_make_room(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "DELIVERIES_BYTES_MAX", 1_000)
    left = await with_jobs(store, 8)
    assert 1 <= len(left) < 8
    assert [one.order for one in left] == list(range(9 - len(left), 9))
    assert sum(len(one.body) for one in left) <= 1_000


async def test_what_receivers_answer_is_counted(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = len(await with_jobs(store, 2))
    assert few == 2
    monkeypatch.setattr(events, "DELIVERIES_BYTES_MAX", 3_000)
    left = await with_jobs(store, 4, answers=(500, 500, 200), body=b"no" * 5_000)
    assert sum(len(x.answer) for one in left for x in one.attempts) <= 3_000


async def test_deliveries_have_a_number_too(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "DELIVERIES_PER_SANDBOX_MAX", 3)
    assert [one.order for one in await with_jobs(store, 5)] == [3, 4, 5]
