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
from bodydouble.core.money import ledger
from bodydouble.core.slots import Slots
from bodydouble.sandbox.account_view import SandboxAccountView
from bodydouble.sandbox.open_sandbox import OpenSandbox
from bodydouble.web.pipeline.pipeline import Pipeline
from tests.laws.session import (
    BODIES,
    CAPPED,
    EXPIRED,
    HURRIED,
    READER,
    REVOKED,
    Answer,
    Law,
    Mutant,
    Session,
    kill,
    lacking,
    perform,
    uncounted,
)

GENERATE = "/v1/videos/generate"
Try = Callable[[Session, str], Answer]


def cramped(session: Session, uid: str) -> Answer:
    """A submission where the queue is full already."""
    pipeline = session.app.pipeline("smartlyq")
    found, real = pipeline.provider, session.app.providers
    crowded = replace(found, slots=lambda quirks, submission: Slots(0, 0))
    session.app.pipeline("smartlyq").providers = {"smartlyq": crowded}
    try:
        return session.generate()
    finally:
        pipeline.providers = real


TRIES: dict[Cause, tuple[Try, ...]] = {
    Cause.NO_KEY: (lambda session, uid: session.generate(key=None),),
    Cause.MALFORMED_KEY: (lambda session, uid: session.generate(key="sk-wrong"),),
    Cause.UNKNOWN_KEY: (lambda session, uid: session.generate(key="sqk_live_nobody"),),
    Cause.REVOKED_KEY: (lambda session, uid: session.generate(key=REVOKED),),
    Cause.EXPIRED_KEY: (lambda session, uid: session.generate(key=EXPIRED),),
    Cause.SCOPE: (
        lambda session, uid: session.generate(key=READER),
        lambda session, uid: session.call("GET", "/v1/logs", key=READER),
    ),
    Cause.NO_ROUTE: (lambda session, uid: session.call("GET", "/v1/nothing"),),
    Cause.METHOD: (lambda session, uid: session.call("DELETE", GENERATE),),
    Cause.BAD_BODY: (
        lambda session, uid: session.generate(b"{"),
        lambda session, uid: session.generate(b"[]"),
        lambda session, uid: session.generate(b'{"prompt": "\\ud800"}'),
    ),
    Cause.CONTENT_TYPE: (lambda session, uid: session.cancel(uid, content_type="text/plain"),),
    Cause.TOO_LARGE: (lambda session, uid: session.generate(content_length=str(10**9)),),
    Cause.INVALID: (
        lambda session, uid: session.generate({}),
        lambda session, uid: session.generate({**BODIES[0], "duration": 7}),
        lambda session, uid: session.generate({**BODIES[0], "prompt": 5}, x_idempotency_key="bad"),
    ),
    Cause.NOT_FOUND: (
        lambda session, uid: session.poll("job_000000000000"),
        lambda session, uid: session.cancel("job_000000000000"),
        lambda session, uid: session.call("DELETE", "/v1/videos/nothing"),
    ),
    Cause.ALREADY_FINAL: (lambda session, uid: session.cancel(uid),),
    Cause.IDEMPOTENCY: (
        lambda session, uid: session.generate(BODIES[1], x_idempotency_key="first"),
        lambda session, uid: session.cancel(uid, x_idempotency_key="first"),
    ),
    Cause.FUNDS: (
        lambda session, uid: session.generate({**BODIES[2], "duration": 8}),
        lambda session, uid: session.generate(BODIES[2], x_idempotency_key="poor"),
    ),
    Cause.SPENDING_LIMIT: (lambda session, uid: session.generate(key=CAPPED),),
    Cause.RATE: (
        lambda session, uid: session.generate(BODIES[1], key=HURRIED),
        lambda session, uid: session.poll(uid, key=HURRIED),
    ),
    Cause.QUEUE_FULL: (cramped,),
}
ASKED = [(cause, one) for cause, tries in TRIES.items() for one in tries]
# No operation of this vendor says these by itself; the suite for providers speaks them all.
SILENT = {
    Cause.HEADER,
    Cause.UNKNOWN_MODEL,
    Cause.NOT_READY,
    Cause.MODERATED,
    Cause.UNAVAILABLE,
    Cause.INTERNAL,
}
NO_SANDBOX = {Cause.NO_KEY, Cause.MALFORMED_KEY, Cause.UNKNOWN_KEY}


class Refusals(Law):
    """Everything that is refused is tried at every point of a history."""

    @initialize()
    def first(self) -> None:
        self.session = Session(balance="0.4000")
        answer = self.session.generate(BODIES[0], x_idempotency_key="first")
        self.uid = answer.json["data"]["job_uid"]
        self.session.call("GET", "/v1/me", key=HURRIED)

    @rule(seconds=st.sampled_from([0.4, 1.3, 3, 20]))
    def advance(self, seconds: float) -> None:
        self.session.advance(seconds)

    @rule()
    def cancel(self) -> None:
        self.session.cancel(self.uid)

    @rule(asked=st.sampled_from(ASKED))
    def refused(self, asked: tuple[Cause, Try]) -> None:
        cause, ask = asked
        # Settles what is due by now, which the refused request would do as well.
        self.session.call("GET", "/v1/me/balance")
        before = self.session.records()
        answer = ask(self.session, self.uid)
        after = self.session.records()
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

    async def judged(self: Pipeline, context: Any, sandbox: OpenSandbox, key: Any) -> Any:
        try:
            return await real(self, context, sandbox, key)
        except Refused:
            if context.memory_id:
                sandbox.tx.put(Remembered(context.memory_id, "", sandbox.now_us, 422, (), b""))
            raise

    patch.setattr(Pipeline, "_pass_gates", judged)


def canceling_a_finished_job_touches_it(patch: pytest.MonkeyPatch) -> None:
    real = SandboxAccountView.cancel

    async def cancel(self: SandboxAccountView, job: Any) -> Any:
        self.sandbox.tx.put(replace(job, updated_at_us=job.updated_at_us + 1))
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

    async def judged(self: Pipeline, context: Any, sandbox: OpenSandbox, key: Any) -> Any:
        if key.revoked:
            await sandbox.account(self.provider, "revoked")
        return await real(self, context, sandbox, key)

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
