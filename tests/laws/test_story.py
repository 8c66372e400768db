"""Law: same seed, same story: ids, timelines, answers, media plans; in every store and process."""

import asyncio
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from hashlib import blake2b
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import bodydouble.sandbox.open_sandbox
from bodydouble.core.chance import Draw
from bodydouble.core.clock import Clock
from bodydouble.core.evidence.request_log import Exchange
from bodydouble.core.jobs import Job
from bodydouble.core.lifecycle import State
from bodydouble.core.store import Record
from bodydouble.sandbox.account_view import SandboxAccountView
from tests.laws.session import BODIES, CAPPED, MAIN, SECOND, Mutant, Session
from tests.stores.keepers import MakeStore

Scene = tuple[str, Any, Any]
SCENES = st.one_of(
    st.tuples(st.just("submit"), st.integers(0, 3), st.sampled_from([MAIN, SECOND, CAPPED])),
    st.tuples(st.just("repeat"), st.integers(0, 1), st.sampled_from([MAIN, SECOND])),
    st.tuples(st.just("refused"), st.sampled_from([b"{", b"{}"]), st.just(MAIN)),
    st.tuples(st.just("cancel"), st.integers(0, 9), st.none()),
    st.tuples(st.just("read"), st.sampled_from(["/v1/jobs", "/v1/videos", "/v1/me"]), st.none()),
    st.tuples(st.just("advance"), st.sampled_from([0.4, 1.3, 5.0]), st.none()),
    st.tuples(st.just("direct"), st.sampled_from(["normal", "flaky", "slow"]), st.none()),
)
BEGINNING: list[Scene] = [
    ("submit", 0, MAIN),
    ("submit", 3, MAIN),
    ("direct", "flaky", None),
]
CLOSING: list[Scene] = [("advance", 60.0, None), ("read", "/v1/jobs", None)]
# Written out, so that processes can be compared without sharing Hypothesis's draws.
PROGRAM: list[Scene] = [
    *BEGINNING,
    *(("submit", n % 4, MAIN if n % 3 else SECOND) for n in range(12)),
    ("advance", 1.3, None),
    ("cancel", 1, None),
    ("cancel", 2, None),
    ("repeat", 0, MAIN),
    ("repeat", 0, MAIN),
    ("refused", b"{}", MAIN),
    *CLOSING,
]


def play(session: Session, program: list[Scene]) -> list[Any]:
    """The story: every answer with its headers, every record, and every media plan's digest."""
    story: list[Any] = []
    uids: list[str] = []
    for what, detail, key in program:
        if what == "advance":
            session.advance(detail)
        elif what == "direct":
            session.direct(detail)
        elif what == "cancel":
            story.append(session.cancel(uids[detail % len(uids)]))
        elif what == "read":
            story.append(session.call("GET", detail))
        else:
            body = detail if what == "refused" else BODIES[detail]
            headers = {"x_idempotency_key": "again"} if what == "repeat" else {}
            story.append(session.generate(body, key=key, **headers))
            if story[-1].accepted:
                uids.append(story[-1].json["data"]["job_uid"])
    records = {place: timeless(one) for place, one in session.records().items()}
    story.append(sorted((place, repr(one)) for place, one in records.items()))
    story.append([job.media().digest() for job in session.jobs()])
    return story


def timeless(record: Record) -> Record:
    """The record without the real time an answer took, which no seed decides."""
    return replace(record, took_us=0) if isinstance(record, Exchange) else record


def told(seed: int, program: list[Scene]) -> list[Any]:
    """The story of one seed in memory."""
    return play(Session(seed=seed), program)


@contextmanager
def opened_session(make_store: MakeStore, seed: int) -> Iterator[Session]:
    """A session on another store, with the event loop it needs."""
    with asyncio.Runner() as runner:
        store = runner.run(opened(make_store))
        yield Session(store, runner.run, seed=seed)
        runner.run(store.close())


async def opened(make_store: MakeStore) -> Any:
    """A store made inside the loop that will use it."""
    return make_store()


def run_law(examples: int) -> set[State]:
    """Tells stories twice, in memory; gives the states the jobs ended in."""
    ended: set[State] = set()

    @settings(
        max_examples=examples,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    @given(seed=st.integers(0, 2**32 - 1), program=st.lists(SCENES, max_size=20))
    def law(seed: int, program: list[Scene]) -> None:
        whole = [*BEGINNING, *program, *CLOSING]
        session = Session(seed=seed)
        first = play(session, whole)
        assert told(seed, whole) == first, "a story was told otherwise"
        ended.update(job.state for job in session.jobs())

    law()
    return ended


def test_the_same_seed_tells_the_same_story() -> None:
    ended = run_law(examples=60)
    assert ended >= {State.SUCCEEDED, State.FAILED, State.CANCELED}


def test_another_seed_tells_another_story() -> None:
    assert told(1, PROGRAM)[-1] != told(2, PROGRAM)[-1]


@pytest.mark.parametrize("seed", [0, 7, 2**32 - 1])
def test_every_store_tells_the_same_story(make_store: MakeStore, seed: int) -> None:
    with opened_session(make_store, seed) as session:
        assert play(session, PROGRAM) == told(seed, PROGRAM)
        assert {job.state for job in session.jobs()} >= {State.SUCCEEDED, State.CANCELED}


def fingerprint() -> str:
    """One digest over the whole written-out story."""
    return blake2b(repr(told(7, PROGRAM)).encode(), digest_size=16).hexdigest()


def test_every_process_tells_the_same_story() -> None:
    script = "from tests.laws.test_story import fingerprint; print(fingerprint())"
    root = Path(__file__).resolve().parents[2]
    for hash_seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-c", script],
            cwd=root,
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
        assert done.stdout.strip() == fingerprint()


def ids_are_rolled_anew(patch: pytest.MonkeyPatch) -> None:
    dice = random.Random()

    async def job_draw(self: SandboxAccountView) -> Draw:
        return Draw(dice.getrandbits(32), "job")

    patch.setattr(SandboxAccountView, "job_draw", job_draw)


def timelines_are_rolled_anew(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Draw, "uniform", lambda self: random.Random().random())


def videos_are_rolled_anew(patch: pytest.MonkeyPatch) -> None:
    dice = random.Random()
    real = Job.media

    def media(self: Job) -> Any:
        return replace(real(self), seed=dice.getrandbits(31))

    patch.setattr(Job, "media", media)


def instants_are_read_from_the_wall(patch: pytest.MonkeyPatch) -> None:
    def now(self: Clock, real_us: int) -> int:
        return self.virtual_us + time.time_ns() % 1000

    patch.setattr(Clock, "now", now)


def draws_share_one_stream(patch: pytest.MonkeyPatch) -> None:
    numbers = iter(range(10**9))
    real = bodydouble.sandbox.open_sandbox.OpenSandbox.draw

    def draw(self: Any, *purpose: object) -> Draw:
        return real(self, *purpose, next(numbers))

    patch.setattr(bodydouble.sandbox.open_sandbox.OpenSandbox, "draw", draw)


MUTANTS: tuple[Mutant, ...] = (
    ids_are_rolled_anew,
    timelines_are_rolled_anew,
    videos_are_rolled_anew,
    instants_are_read_from_the_wall,
    draws_share_one_stream,
)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda one: one.__name__)
def test_the_law_kills(mutant: Mutant) -> None:
    with pytest.MonkeyPatch.context() as patch:
        mutant(patch)
        with pytest.raises(AssertionError, match="told otherwise"):
            run_law(examples=5)
