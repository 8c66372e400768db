"""Law: terminal states stay. Whatever is done to a job that is over, it is told as it was."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from bodydouble.core import lifecycle
from bodydouble.core.jobs import Job
from bodydouble.core.lifecycle import FINAL, TRANSITIONS, Event, State
from bodydouble.sandbox.account_view import SandboxAccountView
from bodydouble.sandbox.open_sandbox import OpenSandbox
from tests.laws.session import BODIES, Law, Mutant, Session, kill, lacking, perform

# Written by hand from the diagram, not read from the table that is on trial.
WALKS = {
    "pending": {"pending", "processing", "completed", "failed", "cancelled"},
    "processing": {"processing", "completed", "failed", "cancelled"},
    "completed": {"completed"},
    "failed": {"failed"},
    "cancelled": {"cancelled"},
}
OVER = ("completed", "failed", "cancelled")


class Endings(Law):
    """Jobs are driven past their ends, and everything is tried on them there."""

    @initialize(scenario=st.sampled_from(["normal", "normal", "failed", "stuck"]))
    def first(self, scenario: str) -> None:
        self.session = Session()
        self.session.direct(scenario)
        self.seen: dict[str, Any] = {}
        self.videos: dict[str, Any] = {}
        self.submit(BODIES[0])

    @rule(body=st.sampled_from(BODIES))
    def submit(self, body: Any) -> None:
        if len(self.seen) >= 12:
            return
        uid = self.session.generate(body).json["data"]["job_uid"]
        self.seen[uid] = self.session.poll(uid).json["data"]

    @rule(scenario=st.sampled_from(["normal", "failed", "moderated"]), pick=st.integers(0, 9))
    def play_to_the_end(self, scenario: str, pick: int) -> None:
        """So that endings are common however the other rules are drawn."""
        self.session.direct(scenario)
        self.submit(BODIES[1])
        for wait in (0, 1.5):
            self.session.advance(wait)
            self.watch()
            if wait == pick % 2 * 1.5:
                self.delete(0)
        self.session.advance(20)
        self.watch()
        self.cancel(pick)
        self.delete(pick)

    @rule(scenario=st.sampled_from(["normal", "failed", "stuck", "moderated"]))
    def direct(self, scenario: str) -> None:
        self.session.direct(scenario)
        self.watch()

    @rule(seconds=st.sampled_from([0.4, 1.1, 2.5, 7, 90, 100_000]))
    def advance(self, seconds: float) -> None:
        self.session.advance(seconds)
        self.watch()

    @rule(pick=st.integers(0, 9))
    def cancel(self, pick: int) -> None:
        uid = sorted(self.seen)[pick % len(self.seen)]
        before = self.session.poll(uid).json["data"]["status"]
        answer = self.session.cancel(uid)
        self.met("cancel", before, answer.status)
        assert (answer.status == 409) == (before in OVER), "a job that is over was canceled"
        self.watch()

    @rule(pick=st.integers(0, 9))
    def delete(self, pick: int) -> None:
        job = self.session.jobs()[-1 - pick % len(self.seen)]
        answer = self.session.call("DELETE", f"/v1/videos/{job.submission.names['video']}")
        self.met("delete", job.state, answer.status)
        self.watch()

    def watch(self) -> None:
        """Compares each job with what was last said of it."""
        for uid, before in self.seen.items():
            now = self.session.poll(uid).json["data"]
            walk = f"{before['status']} to {now['status']}"
            assert now["status"] in WALKS[before["status"]], f"a job went from {walk}"
            if before["status"] in OVER:
                assert now == before, f"a job that is over changed: {before} to {now}"
            self.met(walk)
            self.seen[uid] = now
        for job in self.session.jobs():
            ended = job.ended_at_us is not None
            assert ended == (job.state in FINAL), "a job ended without being over, or the reverse"


def test_terminal_states_stay() -> None:
    census = perform(Endings, examples=80, steps=15)
    walks = [f"{a} to {b}" for a, reached in WALKS.items() for b in reached]
    wanted = [*walks, *(f"cancel {word} 409" for word in OVER), "cancel processing 200"]
    wanted += [f"delete {state} 204" for state in State]
    assert lacking(census, *wanted) == []


def a_finished_job_can_be_canceled(patch: pytest.MonkeyPatch) -> None:
    patch.setitem(TRANSITIONS, (State.SUCCEEDED, Event.CANCEL), State.CANCELED)


def a_failed_job_comes_back(patch: pytest.MonkeyPatch) -> None:
    real = OpenSandbox.settle

    async def settle(self: OpenSandbox, *asked: Any, **more: Any) -> int:
        for job in await self.tx.list(Job, "smartlyq/main"):
            if job.state is State.FAILED and self.now_us > job.updated_at_us + 60_000_000:
                self.tx.put(revived(job))
        return await real(self, *asked, **more)

    patch.setattr(OpenSandbox, "settle", settle)


def revived(job: Job) -> Job:
    return replace(job, state=State.RUNNING, ended_at_us=None)


def a_canceled_job_still_ends(patch: pytest.MonkeyPatch) -> None:
    real = lifecycle.step

    def step(state: State, event: Event) -> State | None:
        if state is State.CANCELED:
            state = State.RUNNING
        return real(state, event)

    patch.setattr("bodydouble.sandbox.open_sandbox.step", step)


def deleting_touches_the_job(patch: pytest.MonkeyPatch) -> None:
    async def mark_deleted(self: SandboxAccountView, job: Job) -> Job:
        job = replace(job, deleted_at_us=self.now_us, updated_at_us=self.now_us)
        self.sandbox.tx.put(job)
        return job

    patch.setattr(SandboxAccountView, "mark_deleted", mark_deleted)


def the_scenario_is_read_again(patch: pytest.MonkeyPatch) -> None:
    real = SandboxAccountView.job

    async def job(self: SandboxAccountView, id: str) -> Job | None:
        found = await real(self, id)
        if found is not None and found.final and self.sandbox.record.scenario == "moderated":
            return replace(found, state=State.FAILED)
        return found

    patch.setattr(SandboxAccountView, "job", job)


def a_job_goes_back_to_the_queue(patch: pytest.MonkeyPatch) -> None:
    patch.setitem(TRANSITIONS, (State.RUNNING, Event.SUCCEED), State.QUEUED)


MUTANTS: tuple[Mutant, ...] = (
    a_finished_job_can_be_canceled,
    a_failed_job_comes_back,
    a_canceled_job_still_ends,
    deleting_touches_the_job,
    the_scenario_is_read_again,
    a_job_goes_back_to_the_queue,
)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda one: one.__name__)
def test_the_law_kills(mutant: Mutant) -> None:
    kill(Endings, mutant, examples=80, steps=15, why="a job")
