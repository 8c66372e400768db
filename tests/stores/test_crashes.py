"""Law: a process may end between any two writes, and what its store holds then is whole.

For every request that writes, the process ends before its first write, its second and so on. Only
a commit may have changed anything: what was half done leaves no trace. Each state so reached keeps
the laws of money, jobs, schedules and deliveries; and whoever comes next repeats the request and
moves time: one charge for one idempotency key, every job's end told at least once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from operator import attrgetter
from pathlib import Path
from typing import Any

import pytest

from bodydouble.core.jobs import Job
from bodydouble.core.lifecycle import State
from bodydouble.core.webhooks import Delivery, DeliveryStatus, Outgoing
from bodydouble.sandbox.open_sandbox import OpenSandbox
from bodydouble.stores import fences, redis
from bodydouble.stores.redis_client import run
from bodydouble.stores.sqlite.commits import OneWriter
from bodydouble.web.pipeline.pipeline import Pipeline
from bodydouble.web.webhooks.dispatcher import Dispatcher
from tests.laws.session import Mutant
from tests.sampling import few
from tests.stores.crashes import COMMITS, Ended, Scene, Writes
from tests.stores.sides import PLANE, World, shown
from tests.stores.stage import ACTS, Act, Stage, judge


def held(scene: Scene) -> list[str]:
    """A state as text; when a sandbox was used last is real time and no part of it."""
    rows = [f"{of} {shown(one)}" for of, records in scene.records.items() for one in records]
    return sorted([*rows, *map(repr, scene.keys.values())])


def recover(stage: Stage, act: Act) -> None:
    """Who comes next repeats the request and moves time; AssertionError for what was lost."""
    stage.open(Writes())
    assert stage.side is not None
    if act.name == "drop" and stage.ask("GET", stage.plane).status_code == 404:
        stage.runner.run(stage.side.app.registry.sweep())
        assert stage.runner.run(stage.side.store.sandboxes()) == [], "a copy outlives its sandbox"
        stage.close()
        return
    again = act.play(stage)
    assert again.status_code, "the request cannot be repeated"
    if act.name == "order":
        assert again.is_success, again.text
        assert stage.order("new").content == again.content, "a key gave two answers"
        made = stage.ask("GET", f"{stage.plane}/jobs").json()["total"] - len(stage.jobs)
        assert made == 1, f"one key made {made} jobs"
    kept_ids = []
    if act.name in ("save", "forget"):
        kept = stage.ask("GET", f"{stage.plane}/snapshots").json()["snapshots"]
        kept_ids = [one["id"] for one in kept]
    for id in kept_ids:  # what is listed is whole: coming back to it loses nothing
        restored = stage.ask("PUT", f"{stage.plane}/snapshots/{id}/restore")
        assert restored.is_success, f"snapshot {id} cannot be restored: {restored.text}"
    # A claim of whoever died is free when it is a minute old.
    stage.world.now_us += 61_000_000
    listed = stage.ask("GET", f"{PLANE}/sandboxes")
    assert listed.is_success, listed.text
    for box in listed.json()["sandboxes"]:
        moved = stage.ask("PATCH", f"{PLANE}/sandboxes/{box['id']}/clock", {"until": "idle"})
        assert moved.is_success, moved.text
    stage.close()
    scene = stage.runner.run(Scene.of(stage.url, stage.digests))
    told = b"".join(body for _, body in stage.receiver.told)
    for records in scene.records.values():
        judge([*records])
    for one in scene.records.get(stage.box, ()):
        if isinstance(one, Delivery) and one.status is not DeliveryStatus.DELIVERED:
            raise AssertionError(f"delivery {one.id} of {one.job} never came")
        if isinstance(one, Job) and one.state is State.SUCCEEDED:
            assert one.id.encode() in told, f"nobody was told of {one.id}"


# Playing it --------------------------------------------------------------------------------------


def played(stage: Stage, scene: Scene, act: Act, last: int) -> tuple[Writes, Scene]:
    """The request in a process that ends before its write numbered ``last``, and what is left."""
    stage.runner.run(scene.set_up(stage.url))
    stage.turn, stage.receiver.told[:] = 1000, stage.told
    now_us, stage.world.now_us = stage.world.now_us, stage.world.now_us + int(act.later_s * 1e6)
    writes = Writes(last)
    stage.open(writes)
    try:
        answer = act.play(stage)
        assert answer.is_success, answer.text
        assert not writes.over
    except Ended:
        pass
    stage.close()
    left = stage.runner.run(Scene.of(stage.url, stage.digests))
    stage.world.now_us = now_us
    return writes, left


def endings(stage: Stage, scene: Scene, act: Act) -> int:
    """Every ending of one request; how many there were."""
    whole, _ = played(stage, scene, act, last=0)
    before = held(scene)
    # The last ending is behind the last write: nobody hears the answer.
    for last in range(1, len(whole.names) + 2):
        writes, left = played(stage, scene, act, last)
        assert writes.names == whole.names[:last], f"{act.name} wrote otherwise the second time"
        after = held(left)
        committed = last > 1 and whole.names[last - 2] in COMMITS
        assert after == before or committed, f"half done: before write {last} of {whole.names}"
        if after != before or last == 1:
            for records in left.records.values():
                judge([*records])
            now_us = stage.world.now_us
            stage.world.now_us += int(act.later_s * 1e6)
            recover(stage, act)
            stage.world.now_us = now_us
        before = after
    return len(whole.names) + 1


@pytest.fixture(params=["sqlite", pytest.param("redis", marks=pytest.mark.redis)])
def stage(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Stage, Scene]]:
    url = f"sqlite:{tmp_path}/a.db"
    if request.param == "redis":
        url = request.getfixturevalue("redis_url")
    one = Stage(url, World(monkeypatch))
    asyncio.run(Scene({}, {}).set_up(url))
    yield one, one.begin()
    one.runner.close()


@pytest.mark.parametrize("act", few(ACTS, 10, attrgetter("name")))
def test_a_process_that_ends_between_two_writes_leaves_a_whole_store(
    act: Act, stage: tuple[Stage, Scene]
) -> None:
    assert endings(*stage, act) > 1


# Stores and rules with one fault -----------------------------------------------------------------


def every_write_lasts_at_once(patch: pytest.MonkeyPatch) -> None:
    async def begun(self: Any) -> None:
        """As if nobody had thought of a transaction."""

    patch.setattr(OneWriter, "_begun", begun)
    patch.setattr(OneWriter, "_kept", lambda self: None)


def a_commit_goes_in_pieces(patch: pytest.MonkeyPatch) -> None:
    real, keeps = redis.RedisStore.commit, fences.COMMIT.replace("redis.call('del', lock)", "")
    assert keeps != fences.COMMIT

    async def commit(self: Any, keys: list[str], args: list[Any]) -> Any:
        for at in range(4, len(args), 4):
            await run(self.redis, keeps, keys, [*args[:4], *args[at : at + 4]])
        return await real(self, keys, args[:4])

    patch.setattr(redis.RedisStore, "commit", commit)


def a_key_is_remembered_afterwards(patch: pytest.MonkeyPatch) -> None:
    real, kept = Pipeline._in_transaction, []

    async def remember(self: Any, memory: Any, provider: Any) -> None:
        kept.append(memory)

    async def in_transaction(self: Any, context: Any, key: Any, opened: Any) -> Any:
        kept.clear()
        reply = await real(self, context, key, opened)
        async with self.registry.store.transaction(key.sandbox) as tx:
            while kept:
                tx.put(kept.pop())
        return reply

    patch.setattr(OpenSandbox, "remember", remember)
    patch.setattr(Pipeline, "_in_transaction", in_transaction)


def what_is_claimed_counts_as_sent(patch: pytest.MonkeyPatch) -> None:
    real = Dispatcher.claim

    async def claim(self: Any, tx: Any, *of: Any) -> Any:
        claimed = await real(self, tx, *of)
        for one in claimed:
            tx.delete(Outgoing, one.id)
        return claimed

    patch.setattr(Dispatcher, "claim", claim)


MUTANTS: tuple[tuple[Mutant, str, str, str], ...] = (
    (every_write_lasts_at_once, "sqlite", "top-up", "half done"),
    (a_commit_goes_in_pieces, "redis", "top-up", "half done"),
    (a_key_is_remembered_afterwards, "sqlite", "order", "one key made 2 jobs"),
    (what_is_claimed_counts_as_sent, "sqlite", "time", "never sent"),
)


@pytest.mark.parametrize(
    ("stage", "mutant", "name", "why"),
    [(store, mutant, name, why) for mutant, store, name, why in MUTANTS],
    indirect=["stage"],
    ids=[mutant.__name__ for mutant, *_ in MUTANTS],
)
def test_the_law_kills(
    stage: tuple[Stage, Scene],
    mutant: Mutant,
    name: str,
    why: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mutant(monkeypatch)
    (act,) = [one for one in ACTS if one.name == name]
    with pytest.raises(AssertionError, match=why):
        endings(*stage, act)
