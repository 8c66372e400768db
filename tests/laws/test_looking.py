"""Law: looking changes nothing. A sandbox polled a thousand times equals one never polled."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from bodydouble.core.jobs import Job
from bodydouble.core.lifecycle import State
from bodydouble.core.schedule import Due
from bodydouble.sandbox.account_view import SandboxAccountView
from bodydouble.sandbox.open_sandbox import OpenSandbox
from tests.laws.session import (
    BODIES,
    ELSEWHERE,
    SECOND,
    Answer,
    Law,
    Mutant,
    Session,
    kill,
    lacking,
    perform,
    uncounted,
)

VIEWS = (
    "/v1/jobs",
    "/v1/jobs?status=completed&per_page=1",
    "/v1/videos",
    "/v1/videos/models",
    "/v1/me",
    "/v1/me/balance",
    "/v1/me/usage",
    "/v1/logs",
)


class Looking(Law):
    """Two equal sandboxes; only the first is looked at."""

    @initialize(body=st.sampled_from(BODIES), scenario=st.sampled_from(["normal", "moderated"]))
    def first(self, body: Any, scenario: str) -> None:
        self.watched, self.alone = Session(), Session()
        self.uids: list[str] = []
        self.direct(scenario)
        self.submit(body, False)

    def both(self, act: Callable[[Session], Answer]) -> Answer:
        watched, alone = act(self.watched), act(self.alone)
        assert watched.said() == alone.said(), "the one that was looked at answers otherwise"
        return watched

    @rule(body=st.sampled_from(BODIES), second=st.booleans())
    def submit(self, body: Any, second: bool) -> None:
        key = {"key": SECOND} if second else {}
        answer = self.both(lambda session: session.generate(body, **key))
        if answer.accepted and not second:
            self.uids.append(answer.json["data"]["job_uid"])

    @rule(seconds=st.sampled_from([0.3, 1, 2.2, 4, 61, 4000]))
    def advance(self, seconds: float) -> None:
        for session in (self.watched, self.alone):
            session.advance(seconds)

    @rule(scenario=st.sampled_from(["normal", "slow", "flaky", "moderated", "stuck"]))
    def direct(self, scenario: str) -> None:
        for session in (self.watched, self.alone):
            session.direct(scenario)

    @rule(pick=st.integers(0, 9))
    def cancel(self, pick: int) -> None:
        uid = self.uids[pick % len(self.uids)]
        self.met("cancel", self.both(lambda session: session.cancel(uid)).status)

    @rule(pick=st.integers(0, 9), times=st.integers(1, 3), view=st.sampled_from(VIEWS))
    def look(self, pick: int, times: int, view: str) -> None:
        for _ in range(times):
            answer = self.watched.poll(self.uids[pick % len(self.uids)])
            self.met("look", answer.json["data"]["status"])
            assert self.watched.call("GET", view).status == 200

    @rule(body=st.sampled_from(BODIES), seconds=st.sampled_from([1.3, 2.5, 20]))
    def play_on(self, body: Any, seconds: float) -> None:
        """So that looks meet every state however the other rules are drawn."""
        self.submit(body, False)
        self.advance(seconds)
        self.look(len(self.uids) - 1, 1, VIEWS[0])

    @rule()
    def look_at_another_account(self) -> None:
        assert self.watched.call("GET", "/v1/me/balance", key=SECOND).status == 200
        assert self.watched.call(
            "GET", "/api/rest/v1/me", key=ELSEWHERE, vendor="leonardo"
        ).accepted
        self.met("look elsewhere")

    def teardown(self) -> None:
        for session in (self.watched, self.alone):
            session.call("GET", "/v1/me/balance", key=SECOND)
            session.call("GET", "/api/rest/v1/me", key=ELSEWHERE, vendor="leonardo")
            session.call("GET", "/v1/me/balance")
        for job in self.alone.jobs():
            self.met("ended", job.state)
        watched, alone = (uncounted(session.records()) for session in (self.watched, self.alone))
        assert watched == alone, "the one that was looked at holds other records"


def test_looking_changes_nothing() -> None:
    census = perform(Looking, examples=120, steps=25)
    statuses = [f"look {word}" for word in ("pending", "processing", "completed", "failed")]
    wanted = [*statuses, "look cancelled", "look elsewhere", "cancel 200", "cancel 409"]
    assert lacking(census, *wanted, *(f"ended {state}" for state in State)) == []


def events_happen_when_seen(patch: pytest.MonkeyPatch) -> None:
    real = OpenSandbox._happen

    async def late(self: OpenSandbox, row: Due) -> None:
        await real(self, Due(row.id, self.now_us, row.kind, row.target))

    patch.setattr(OpenSandbox, "_happen", late)


def asking_hurries_the_job(patch: pytest.MonkeyPatch) -> None:
    real = SandboxAccountView.job

    async def hurried(self: SandboxAccountView, id: str) -> Job | None:
        await self.sandbox.settle(self.now_us + 2_000_000, most=1)
        return await real(self, id)

    patch.setattr(SandboxAccountView, "job", hurried)


def listing_takes_a_number(patch: pytest.MonkeyPatch) -> None:
    real = SandboxAccountView.jobs

    async def counted(self: SandboxAccountView, **asked: Any) -> Any:
        await self.sandbox.serial("jobs")
        return await real(self, **asked)

    patch.setattr(SandboxAccountView, "jobs", counted)


def accounts_open_when_seen(patch: pytest.MonkeyPatch) -> None:
    real = OpenSandbox._opened

    async def seen(self: OpenSandbox, *of: Any) -> Any:
        record, self.record = self.record, replace(self.record, began_us=self.now_us)
        try:
            return await real(self, *of)
        finally:
            self.record = record

    patch.setattr(OpenSandbox, "_opened", seen)


def only_one_event_per_look(patch: pytest.MonkeyPatch) -> None:
    real = OpenSandbox.settle

    async def one(
        self: OpenSandbox, until_us: int | None = None, *, most: int | None = None
    ) -> int:
        return await real(self, until_us, most=1)

    patch.setattr(OpenSandbox, "settle", one)


MUTANTS = (
    events_happen_when_seen,
    asking_hurries_the_job,
    listing_takes_a_number,
    accounts_open_when_seen,
    only_one_event_per_look,
)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda one: one.__name__)
def test_the_law_kills(mutant: Mutant) -> None:
    kill(Looking, mutant, examples=120, steps=25, why="looked at")
