"""Law: slots are neither lost nor given twice, where a vendor runs only so many jobs at once."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule

from bodydouble.core.jobs import Job, Submission
from bodydouble.core.lifecycle import State
from bodydouble.core.money.ledger import Account
from bodydouble.core.schedule import Line
from bodydouble.core.slots import Slot, Slots, use_of
from bodydouble.sandbox import open_sandbox
from bodydouble.sandbox.open_sandbox import OpenSandbox
from bodydouble.stores.memory import _Transaction
from tests.laws.session import BODIES, Law, Mutant, Session, kill, lacking, perform


class Places(Law):
    """Two jobs run at once and five may wait; they end, fail and are canceled in any order."""

    @staticmethod
    def slots(quirks: Mapping[str, Any], submission: Submission) -> Slots:
        return Slots(running=2, waiting=5)

    @initialize(scenario=st.sampled_from(["normal", "failed", "stuck"]))
    def first(self, scenario: str) -> None:
        self.session = Session()
        pipeline = self.session.app.pipeline("smartlyq")
        crowded = replace(pipeline.provider, slots=self.slots)
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
        (slot,) = [job.slot for job in self.session.jobs() if job.id == uid]
        self.met("cancel", before, self.session.cancel(uid).status, slot)

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
        lines = {one.id for one in self.session.everything() if isinstance(one, Line)}
        awaited = {job.id for job in jobs if job.awaits_slot}
        assert lines == awaited, "places: who stands in line is not who waits for a slot"
        for group in {job.slot_group for job in jobs}:
            self.of_group(account, [job for job in jobs if job.slot_group == group])
        self.in_turn(jobs)
        self.met("line of", len(lines))

    def of_group(self, account: Account, jobs: list[Job]) -> None:
        """One group's slots are those its jobs hold, and none is free while somebody waits."""
        limit = self.slots({}, jobs[0].submission)
        assert limit.waiting is not None
        by_slot = {slot: sum(job.slot is slot for job in jobs) for slot in Slot}
        held, without = use_of(account.slots, jobs[0].slot_group)
        assert held == by_slot[Slot.HELD], "places: slots miscounted"
        waits = by_slot[Slot.AWAITED] + by_slot[Slot.LATER]
        assert without == waits, "places: jobs without a slot miscounted"
        running = sum(job.state is State.RUNNING for job in jobs)
        assert running <= held <= limit.running, "places: more jobs run than may"
        assert waits <= limit.waiting, "places: more jobs wait than may"
        assert not by_slot[Slot.AWAITED] or held == limit.running, "places: one is free and waited"
        waiting = [job for job in jobs if job.awaits_slot]
        began = [job.order for job in jobs if job.slot is Slot.HELD]
        if limit.from_acceptance and waiting and began:
            first = min(job.order for job in waiting)
            assert max(began) < first, "places: somebody was passed over"

    def in_turn(self, jobs: list[Job]) -> None:
        """Jobs start when they were drawn to, or later for want of a slot, and never early."""
        for job in jobs:
            if job.started_at_us is not None:
                due_us = job.accepted_at_us + job.timeline.wait_us
                assert job.started_at_us >= due_us, "places: a job started before its time"
                self.met("late" if job.started_at_us > due_us else "on time")


class PlacesFromAcceptance(Places):
    """A slot is taken at acceptance already, by model, and three of each may wait without one."""

    @staticmethod
    def slots(quirks: Mapping[str, Any], submission: Submission) -> Slots:
        return Slots(2, 3, submission.model, from_acceptance=True)


SEEN = ("line of 0", "line of 1", "line of 2", "late", "on time", "submit 202", "submit 429")
CANCELED = ("cancel pending 200 awaited", "cancel processing 200 held")


def test_places_are_neither_lost_nor_given_twice() -> None:
    census = perform(Places, examples=60, steps=20)
    assert lacking(census, *SEEN, *CANCELED, "line of 3", "cancel pending 200 later") == []


def test_a_slot_may_be_needed_from_acceptance_on_and_by_group() -> None:
    census = perform(PlacesFromAcceptance, examples=60, steps=20)
    assert lacking(census, *SEEN, *CANCELED, "line of 4", "cancel pending 200 held") == []


def a_canceled_job_stays_in_line(patch: pytest.MonkeyPatch) -> None:
    real = _Transaction.delete

    def delete(self: Any, kind: type, id: str, /) -> None:
        if kind is not Line:
            real(self, kind, id)

    patch.setattr(_Transaction, "delete", delete)


def nobody_is_called_from_the_line(patch: pytest.MonkeyPatch) -> None:
    async def nothing(self: OpenSandbox, *of: Any) -> None:
        return None

    patch.setattr(OpenSandbox, "_pass_on", nothing)


def nobody_looks_for_a_free_place(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(open_sandbox, "must_wait", lambda *of: False)


def a_slot_is_passed_on_and_kept(patch: pytest.MonkeyPatch) -> None:
    real = OpenSandbox._stands

    def kept(self: OpenSandbox, account: Account, job: Job, slot: Slot) -> tuple[Account, Job]:
        after, job = real(self, account, job, slot)
        return (account if slot is Slot.NONE else after), job

    patch.setattr(OpenSandbox, "_stands", kept)


def the_last_is_the_first(patch: pytest.MonkeyPatch) -> None:
    real = _Transaction.put

    def put(self: Any, record: Any, /) -> None:
        real(self, replace(record, order=-record.order) if isinstance(record, Line) else record)

    patch.setattr(_Transaction, "put", put)


MUTANTS: tuple[tuple[type[Places], Mutant], ...] = (
    (Places, a_canceled_job_stays_in_line),
    (Places, nobody_is_called_from_the_line),
    (Places, nobody_looks_for_a_free_place),
    (Places, a_slot_is_passed_on_and_kept),
    (PlacesFromAcceptance, a_canceled_job_stays_in_line),
    (PlacesFromAcceptance, nobody_is_called_from_the_line),
    (PlacesFromAcceptance, a_slot_is_passed_on_and_kept),
    (PlacesFromAcceptance, the_last_is_the_first),
)


@pytest.mark.parametrize(("law", "mutant"), MUTANTS, ids=lambda one: one.__name__)
def test_the_law_kills(law: type[Places], mutant: Mutant) -> None:
    kill(law, mutant, examples=60, steps=20, why="places")
