"""Law: the same requests, seed and clock give the same story on every kind of store.

Replies to their last header, ledgers, schedules, deliveries, the request log. A census shows that
the machine got where differences live; stores with one fault each show that it would see them.
"""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest

from bodydouble.stores import fences, memory
from bodydouble.stores.changes import Changes
from bodydouble.stores.kept_back import KeptBack
from bodydouble.stores.known import Head
from bodydouble.stores.memory import MemoryStore
from bodydouble.stores.sqlite import transaction, writes
from bodydouble.stores.sqlite.commits import OneWriter
from tests.laws.session import Mutant, kill, lacking, perform
from tests.stores.sides import World
from tests.stores.story import SameStory

EXAMPLES, STEPS = 20, 40
REACHED = [
    "an expired key",
    "client 200",
    "client 202",
    "client 204",
    "client 400",
    "client 404",
    "client 409",
    "client 503",
    "delivery DEAD_LETTER",
    "delivery DELIVERED",
    "delivery tried 1",
    "delivery tried 3",
    "dropped",
    "entry CHARGE",
    "entry REFUND",
    "entry TOP_UP",
    "forked",
    "imported",
    "job CANCELED",
    "job FAILED",
    "job QUEUED",
    "job SUCCEEDED",
    "note funds",
    "note idempotency",
    "note idempotent replay",
    "paid 422",
    "remove True",
    "resent True",
    "restored True",
    "steered 409",
    "time False",
]


@pytest.fixture
def stage(redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> type[SameStory]:
    SameStory.world = World(monkeypatch)
    SameStory.redises, SameStory.folder = {"redis": redis_url}, tmp_path
    SameStory.files = itertools.count()
    return SameStory


@pytest.mark.redis
@pytest.mark.parametrize("examples", [EXAMPLES, pytest.param(200, marks=pytest.mark.nightly)])
def test_every_store_tells_the_same_story(stage: type[SameStory], examples: int) -> None:
    census = perform(stage, examples=examples, steps=STEPS)
    assert lacking(census, *REACHED) == []


@pytest.mark.redis
@pytest.mark.parametrize("examples", [3, pytest.param(100, marks=pytest.mark.nightly)])
def test_a_cluster_tells_the_same_story(
    stage: type[SameStory], examples: int, cluster_url: str
) -> None:
    stage.redises = {"cluster": cluster_url}
    perform(stage, examples=examples, steps=STEPS)


# Stores with one fault ---------------------------------------------------------------------------


def a_refusal_is_kept(patch: pytest.MonkeyPatch) -> None:
    real = OneWriter.end
    patch.setattr(OneWriter, "end", lambda self, tx, *, keep: real(self, tx, keep=True))


def an_update_is_lost(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(writes.Writes, "put", lambda self, sandbox, record, body, *, stays: None)


def the_newest_come_last(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(transaction, "_NEWEST", transaction._OLDEST)


def a_page_begins_where_it_likes(patch: pytest.MonkeyPatch) -> None:
    pages = transaction._OLDEST.replace("OFFSET ?", "OFFSET 0 * ?")
    patch.setattr(transaction, "_OLDEST", pages)


def what_left_keeps_its_place(patch: pytest.MonkeyPatch) -> None:
    kept = fences.COMMIT.replace("redis.call('zrem', name, order .. ':' .. id)", "")
    assert kept != fences.COMMIT
    patch.setattr(fences, "COMMIT", kept)


def what_left_keeps_its_place_in_memory(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Head, "leave", lambda self, place: None)


def own_writes_are_not_counted(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Changes, "arrive", lambda self, place: None)
    patch.setattr(Changes, "undo_arrival", lambda self, place: None)


def own_writes_are_not_read(patch: pytest.MonkeyPatch) -> None:
    async def get(self: Any, kind: Any, id: str, /) -> Any:
        await self._fetch(kind, [id])
        return self._stood((kind, id))

    patch.setattr(KeptBack, "get", get)


def a_dropped_sandbox_is_still_listed(patch: pytest.MonkeyPatch) -> None:
    counts = "change = change - tonumber(redis.call('hget', head, 'count') or 0)"
    kept = fences.COMMIT.replace(counts, "")
    assert kept != fences.COMMIT
    patch.setattr(fences, "COMMIT", kept)


def a_copy_shares_what_comes_later(patch: pytest.MonkeyPatch) -> None:
    async def copy(self: Any, source: str, target: str, /) -> None:
        self._sandboxes[target] = self.contents(source)

    patch.setattr(MemoryStore, "copy", copy)


def what_was_undone_stays(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(memory._Transaction, "_roll_back", lambda self: None)


MUTANTS: tuple[Mutant, ...] = (
    a_refusal_is_kept,
    an_update_is_lost,
    the_newest_come_last,
    a_page_begins_where_it_likes,
    what_left_keeps_its_place,
    what_left_keeps_its_place_in_memory,
    own_writes_are_not_counted,
    own_writes_are_not_read,
    a_dropped_sandbox_is_still_listed,
    a_copy_shares_what_comes_later,
    what_was_undone_stays,
)


@pytest.mark.redis
@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda one: one.__name__)
def test_the_law_kills(mutant: Mutant, stage: type[SameStory]) -> None:
    kill(stage, mutant, examples=EXAMPLES, steps=STEPS, why="differently")
