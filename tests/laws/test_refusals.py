"""Law: a refusal changes nothing but counters and the request log."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from bodydouble.core.errors import Cause, Refused
from bodydouble.core.evidence.request_log import Exchange
from bodydouble.core.idempotency import Remembered
from bodydouble.core.limits import Slots
from bodydouble.core.money import ledger
from bodydouble.sandbox.account_view import SandboxAccountView
from bodydouble.sandbox.open_sandbox import OpenSandbox
from bodydouble.web.pipeline.pipeline import Pipeline
from tests.laws.stage import (
    BODIES,
    CAPPED,
    EXPIRED,
    HURRIED,
    READER,
    REVOKED,
    Answer,
    Law,
    Mutant,
    Stage,
    kill,
    lacking,
    perform,
    uncounted,
)

GENERATE = "/v1/videos/generate"
Try = Callable[[Stage, str], Answer]


def cramped(stage: Stage, uid: str) -> Answer:
    """A submission where the queue is full already."""
    pipeline = stage.app.pipeline("smartlyq")
    found, real = pipeline.provider, stage.app.providers
    crowded = replace(found, slots=lambda quirks: Slots(0, 0))
    stage.app.pipeline("smartlyq").providers = {"smartlyq": crowded}
    try:
        return stage.generate()
    finally:
        pipeline.providers = real


TRIES: dict[Cause, tuple[Try, ...]] = {
    Cause.NO_KEY: (lambda stage, uid: stage.generate(key=None),),
    Cause.MALFORMED_KEY: (lambda stage, uid: stage.generate(key="sk-wrong"),),
    Cause.UNKNOWN_KEY: (lambda stage, uid: stage.generate(key="sqk_live_nobody"),),
    Cause.REVOKED_KEY: (lambda stage, uid: stage.generate(key=REVOKED),),
    Cause.EXPIRED_KEY: (lambda stage, uid: stage.generate(key=EXPIRED),),
    Cause.SCOPE: (
        lambda stage, uid: stage.generate(key=READER),
        lambda stage, uid: stage.call("GET", "/v1/logs", key=READER),
    ),
    Cause.NO_ROUTE: (lambda stage, uid: stage.call("GET", "/v1/nothing"),),
    Cause.METHOD: (lambda stage, uid: stage.call("DELETE", GENERATE),),
    Cause.BAD_BODY: (
        lambda stage, uid: stage.generate(b"{"),
        lambda stage, uid: stage.generate(b"[]"),
        lambda stage, uid: stage.generate(b'{"prompt": "\\ud800"}'),
    ),
    Cause.CONTENT_TYPE: (lambda stage, uid: stage.cancel(uid, content_type="text/plain"),),
    Cause.TOO_LARGE: (lambda stage, uid: stage.generate(content_length=str(10**9)),),
    Cause.INVALID: (
        lambda stage, uid: stage.generate({}),
        lambda stage, uid: stage.generate({**BODIES[0], "duration": 7}),
        lambda stage, uid: stage.generate({**BODIES[0], "prompt": 5}, x_idempotency_key="bad"),
    ),
    Cause.NOT_FOUND: (
        lambda stage, uid: stage.poll("job_000000000000"),
        lambda stage, uid: stage.cancel("job_000000000000"),
        lambda stage, uid: stage.call("DELETE", "/v1/videos/nothing"),
    ),
    Cause.ALREADY_FINAL: (lambda stage, uid: stage.cancel(uid),),
    Cause.IDEMPOTENCY: (
        lambda stage, uid: stage.generate(BODIES[1], x_idempotency_key="first"),
        lambda stage, uid: stage.cancel(uid, x_idempotency_key="first"),
    ),
    Cause.FUNDS: (
        lambda stage, uid: stage.generate({**BODIES[2], "duration": 8}),
        lambda stage, uid: stage.generate(BODIES[2], x_idempotency_key="poor"),
    ),
    Cause.SPENDING_LIMIT: (lambda stage, uid: stage.generate(key=CAPPED),),
    Cause.RATE: (
        lambda stage, uid: stage.generate(BODIES[1], key=HURRIED),
        lambda stage, uid: stage.poll(uid, key=HURRIED),
    ),
    Cause.QUEUE_FULL: (cramped,),
}
ASKED = [(cause, one) for cause, tries in TRIES.items() for one in tries]
# No operation of this vendor says these by itself; the suite for providers speaks them all.
SILENT = {Cause.UNKNOWN_MODEL, Cause.NOT_READY, Cause.MODERATED, Cause.UNAVAILABLE, Cause.INTERNAL}
NO_SANDBOX = {Cause.NO_KEY, Cause.MALFORMED_KEY, Cause.UNKNOWN_KEY}


class Refusals(Law):
    """Everything that is refused is tried at every point of a history."""

    @initialize()
    def first(self) -> None:
        self.stage = Stage(balance="0.4000")
        answer = self.stage.generate(BODIES[0], x_idempotency_key="first")
        self.uid = answer.json["data"]["job_uid"]
        self.stage.call("GET", "/v1/me", key=HURRIED)

    @rule(seconds=st.sampled_from([0.4, 1.3, 3, 20]))
    def advance(self, seconds: float) -> None:
        self.stage.advance(seconds)

    @rule()
    def cancel(self) -> None:
        self.stage.cancel(self.uid)

    @rule(asked=st.sampled_from(ASKED))
    def refused(self, asked: tuple[Cause, Try]) -> None:
        cause, ask = asked
        # Settles what is due by now, which the refused request would do as well.
        self.stage.call("GET", "/v1/me/balance")
        before = self.stage.records()
        answer = ask(self.stage, self.uid)
        after = self.stage.records()
        if answer.accepted:
            self.met("let through", cause)
            return
        said = self.logged(before, after)
        if cause in NO_SANDBOX or cause is Cause.TOO_LARGE:
            assert after == before, f"a refusal ({cause}) reached the sandbox"
            self.met(cause)
            return
        assert said, f"a refusal ({cause}) was not logged"
        self.met(said)
        kept, made = uncounted(before), uncounted(after)
        changed = {place for place in kept | made if kept.get(place) != made.get(place)}
        assert not changed, f"a refusal ({said}) changed {sorted(changed)}"

    def logged(self, before: Any, after: Any) -> str:
        """The cause that the log says the new request was refused for."""
        new = [one for place, one in after.items() if place not in before]
        notes = [one.notes for one in new if isinstance(one, Exchange)]
        assert len(notes) <= 1, "a refusal was logged twice"
        return notes[0][0] if notes else ""


def test_every_cause_is_tried_or_said_to_be_silent() -> None:
    assert {*TRIES, *SILENT} == set(Cause)


def test_a_refusal_changes_nothing_but_counters_and_the_log() -> None:
    census = perform(Refusals, examples=100, steps=30)
    assert lacking(census, *TRIES) == []


def submitting_charges_before_it_looks(patch: pytest.MonkeyPatch) -> None:
    real = OpenSandbox.submit

    async def submit(self: OpenSandbox, *of: Any) -> Any:
        await self.serial("jobs")
        return await real(self, *of)

    patch.setattr(OpenSandbox, "submit", submit)


def a_refused_request_burns_its_key(patch: pytest.MonkeyPatch) -> None:
    real = Pipeline._pass_gates

    async def judged(self: Pipeline, context: Any, box: OpenSandbox, key: Any) -> Any:
        try:
            return await real(self, context, box, key)
        except Refused:
            if context.memory_id:
                box.tx.put(Remembered(context.memory_id, "", box.now_us, 422, (), b""))
            raise

    patch.setattr(Pipeline, "_pass_gates", judged)


def canceling_a_finished_job_touches_it(patch: pytest.MonkeyPatch) -> None:
    real = SandboxAccountView.cancel

    async def cancel(self: SandboxAccountView, job: Any) -> Any:
        self.sandbox.tx.put(replace(job, updated_at_us=self.now_us))
        return await real(self, job)

    patch.setattr(SandboxAccountView, "cancel", cancel)


def a_short_wallet_is_emptied(patch: pytest.MonkeyPatch) -> None:
    real = OpenSandbox.submit

    async def submit(self: OpenSandbox, account: Any, *of: Any) -> Any:
        try:
            return await real(self, account, *of)
        except Refused as refused:
            if refused.refusal.cause is Cause.FUNDS:
                moves = [(name, -held) for name, held in account.buckets]
                self.tx.put(ledger._booked(account, moves))
            raise

    patch.setattr(OpenSandbox, "submit", submit)


def the_spending_limit_counts_refused_requests(patch: pytest.MonkeyPatch) -> None:
    real = OpenSandbox._within_spending_limit

    async def within(self: OpenSandbox, key: Any, price: int) -> Any:
        if key.spending_limit is not None:
            await self.serial(f"spent:{key.id}")
        return await real(self, key, price)

    patch.setattr(OpenSandbox, "_within_spending_limit", within)


def a_refused_key_opens_an_account(patch: pytest.MonkeyPatch) -> None:
    real = Pipeline._pass_gates

    async def judged(self: Pipeline, context: Any, box: OpenSandbox, key: Any) -> Any:
        if key.revoked:
            await box.account(self.provider, "revoked")
        return await real(self, context, box, key)

    patch.setattr(Pipeline, "_pass_gates", judged)


MUTANTS: tuple[Mutant, ...] = (
    submitting_charges_before_it_looks,
    a_refused_request_burns_its_key,
    canceling_a_finished_job_touches_it,
    a_short_wallet_is_emptied,
    the_spending_limit_counts_refused_requests,
    a_refused_key_opens_an_account,
)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda one: one.__name__)
def test_the_law_kills(mutant: Mutant) -> None:
    kill(Refusals, mutant, examples=100, steps=30, why="a refusal")
