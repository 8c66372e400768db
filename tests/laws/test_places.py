"""Law: places are neither lost nor given twice, where a vendor runs only so many jobs at once."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule

from bodydouble.core.jobs import Job
from bodydouble.core.lifecycle import Event, State
from bodydouble.core.limits import Slots
from bodydouble.core.schedule import Line
from bodydouble.sandbox.open_sandbox import OpenSandbox
from bodydouble.stores.memory import _Transaction
from tests.laws.session import BODIES, Law, Mutant, Session, kill, lacking, perform

SLOTS = Slots(running=2, waiting=5)


class Places(Law):
    """Two jobs run at once and five may wait; they end, fail and are canceled in any order."""

    @initialize(scenario=st.sampled_from(["normal", "failed", "stuck"]))
    def first(self, scenario: str) -> None:
        self.session = Session()
        pipeline = self.session.app.pipeline("smartlyq")
        crowded = replace(pipeline.provider, slots=lambda quirks: SLOTS)
        pipeline.providers = {**self.session.app.providers, "smartlyq": crowded}
        self.session.direct(scenario)
        self.uids: list[str] = []
        for _ in range(5):
            self.submit(BODIES[1])

    @rule(body=st.sampled_from(BODIES))
    def submit(self, body: Any) -> None:
        answer = self.session.generate(body)
        self.met("submit", answer.status)
        if answer.accepted:
            self.uids.append(answer.json["data"]["job_uid"])

    @rule(seconds=st.sampled_from([0.9, 1.3, 3.1, 30]))
    def advance(self, seconds: float) -> None:
        self.session.advance(seconds)
        self.session.call("GET", "/v1/me/balance")

    @rule(pick=st.integers(0, 9))
    def cancel(self, pick: int) -> None:
        uid = self.uids[-1 - pick % len(self.uids)]
        before = self.session.poll(uid).json["data"]["status"]
        self.met("cancel", before, self.session.cancel(uid).status)

    @rule(scenario=st.sampled_from(["normal", "failed", "slow"]))
    def direct(self, scenario: str) -> None:
        self.session.direct(scenario)

    @invariant()
    def places_are_counted(self) -> None:
        if not hasattr(self, "session") or "smartlyq/main" not in self.session.accounts():
            return
        account, jobs = self.session.accounts()["smartlyq/main"], self.session.jobs()
        states = [job.state for job in jobs]
        assert account.running == states.count(State.RUNNING), "places: running jobs miscounted"
        assert account.waiting == states.count(State.QUEUED), "places: waiting jobs miscounted"
        assert account.running <= SLOTS.running, "places: more jobs run than may"
        assert account.waiting <= SLOTS.waiting, "places: more jobs wait than may"
        lines = [one for one in self.session.records().values() if isinstance(one, Line)]
        queued = {job.id for job in jobs if job.state is State.QUEUED}
        assert {line.id for line in lines} <= queued, "places: somebody in line does not wait"
        assert not lines or account.running == SLOTS.running, "places: one is free, and one waits"
        self.in_turn(jobs)
        self.met("line of", len(lines))

    def in_turn(self, jobs: list[Job]) -> None:
        """Jobs of one scenario start in the order they came into the line, and never early."""
        for job in jobs:
            if job.started_at_us is not None:
                due_us = job.accepted_at_us + job.timeline.wait_us
                assert job.started_at_us >= due_us, "places: a job started before its time"
                self.met("late" if job.started_at_us > due_us else "on time")


def test_places_are_neither_lost_nor_given_twice() -> None:
    census = perform(Places, examples=60, steps=20)
    wanted = ["submit 202", "submit 429", "cancel pending 200", "cancel processing 200"]
    assert (
        lacking(
            census, *wanted, "line of 0", "line of 1", "line of 2", "line of 3", "late", "on time"
        )
        == []
    )


def a_canceled_job_stays_in_line(patch: pytest.MonkeyPatch) -> None:
    real = _Transaction.delete

    def delete(self: Any, kind: type, id: str, /) -> None:
        if kind is not Line:
            real(self, kind, id)

    patch.setattr(_Transaction, "delete", delete)


def nobody_is_called_from_the_line(patch: pytest.MonkeyPatch) -> None:
    async def nothing(self: OpenSandbox, *of: Any) -> None:
        return None

    patch.setattr(OpenSandbox, "_next_in_line", nothing)


def nobody_looks_for_a_free_place(patch: pytest.MonkeyPatch) -> None:
    async def start(self: OpenSandbox, job: Job, at_us: int) -> None:
        if job.state is State.QUEUED:
            await self.apply(job, Event.START, at_us)

    patch.setattr(OpenSandbox, "_may_start", start)


def two_are_called_for_one_place(patch: pytest.MonkeyPatch) -> None:
    real = OpenSandbox._next_in_line

    async def twice(self: OpenSandbox, account: Any, at_us: int) -> None:
        await real(self, account, at_us)
        await real(self, account, at_us)

    patch.setattr(OpenSandbox, "_next_in_line", twice)


MUTANTS: tuple[Mutant, ...] = (
    a_canceled_job_stays_in_line,
    nobody_is_called_from_the_line,
    nobody_looks_for_a_free_place,
    two_are_called_for_one_place,
)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda one: one.__name__)
def test_the_law_kills(mutant: Mutant) -> None:
    kill(Places, mutant, examples=60, steps=20, why="places")
