"""Law: a repeated idempotency key never charges twice, and gives the first answer's very bytes."""

from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from bodydouble.core.clock import DAY_US, HOUR_US
from bodydouble.core.errors import Refused
from bodydouble.core.wire import Reply
from bodydouble.sandbox.account_view import SandboxAccountView
from bodydouble.web.pipeline import memory, pipeline
from bodydouble.web.pipeline.pipeline import Pipeline
from tests.laws.session import (
    BODIES,
    MAIN,
    SECOND,
    Answer,
    Law,
    Mutant,
    Session,
    kill,
    lacking,
    perform,
)

HEADERS = ("x_idempotency_key", "idempotency_key")
DAY_S = DAY_US / 1_000_000


@dataclass
class First:
    """What is known of a key: its request, the answer, and when that was (seconds)."""

    body: bytes
    answer: Answer
    at_s: float


class Repeating(Law):
    """Two accounts send a few keys again and again, sometimes with other requests."""

    @initialize()
    def start(self) -> None:
        self.session = Session(balance="0.3000")
        self.now_s = 0.0
        self.known: dict[tuple[str, str], First] = {}

    @rule(seconds=st.sampled_from([1, 3601, DAY_S - 1, 1, DAY_S]))
    def advance(self, seconds: float) -> None:
        self.session.advance(seconds)
        self.now_s += seconds

    @rule(
        key=st.sampled_from([MAIN, SECOND]),
        name=st.sampled_from(["k1", "k2"]),
        header=st.sampled_from(HEADERS),
        body=st.sampled_from([*BODIES[:2], {"model": "none"}]),
    )
    def submit(self, key: str, name: str, header: str, body: Any) -> None:
        # Opens the account, and settles what is due by now.
        self.session.call("GET", "/v1/me/balance", key=key)
        before, held = len(self.session.jobs()), self.session.accounts()
        answer = self.session.generate(body, key=key, **{header: name})
        self.judge((key, name), repr(body).encode(), answer)
        grown = len(self.session.jobs()) - before
        if answer.accepted and grown == 0:
            assert self.session.accounts() == held, "a repeated key moved money"

    def judge(self, place: tuple[str, str], body: bytes, answer: Answer) -> None:
        """Compares the answer with what the first one with this key promises."""
        first = self.known.get(place)
        jobs = {job.id for job in self.session.jobs()}
        if first is None or self.now_s >= first.at_s + DAY_S:
            assert answer.status in (202, 402, 422), f"not a repeated key: {answer.status}"
            self.met("new", answer.status)
            if answer.accepted:
                assert answer.json["data"]["job_uid"] in jobs, "a repeated key made no job"
                uids = [one.answer.json["data"]["job_uid"] for one in self.known.values()]
                assert answer.json["data"]["job_uid"] not in uids, "a repeated key gave an old job"
                self.known[place] = First(body, answer, self.now_s)
                self.met("again" if first else "once")
            return
        if body != first.body:
            assert answer.status == 409, f"a repeated key took another request: {answer.status}"
            self.met("conflict")
            return
        assert answer.status == first.answer.status, "a repeated key gave another status"
        assert answer.body == first.answer.body, "a repeated key gave other bytes"
        self.met("replay")

    def teardown(self) -> None:
        charged = [one.job for one in self.session.entries() if one.job]
        assert len(set(charged)) == len(self.session.jobs()), "a repeated key charged twice"


def test_a_repeated_key_never_charges_twice() -> None:
    census = perform(Repeating, examples=120, steps=25)
    wanted = ["new 202", "new 402", "new 422", "once", "again", "conflict", "replay"]
    assert lacking(census, *wanted) == []


def a_replay_charges_again(patch: pytest.MonkeyPatch) -> None:
    real = memory.stored_reply

    async def check(context: Any, sandbox: Any, key: Any, provider: Any) -> Any:
        stored = await real(context, sandbox, key, provider)
        if stored is not None:
            account = await sandbox.account(provider, key.account.partition("/")[2])
            await context.operation.handle(
                context.call, SandboxAccountView(sandbox, account, key, "http://x")
            )
        return stored

    patch.setattr(pipeline, "stored_reply", check)


def keys_are_ignored(patch: pytest.MonkeyPatch) -> None:
    async def check(context: Any, sandbox: Any, key: Any, provider: Any) -> None:
        return None

    patch.setattr(pipeline, "stored_reply", check)


def keys_are_forgotten_after_an_hour(patch: pytest.MonkeyPatch) -> None:
    def counts(kept: Any, now_us: int, lifetime_us: int) -> bool:
        young: bool = now_us < kept.at_us + HOUR_US
        return young

    patch.setattr(memory, "still_counts", counts)


def keys_are_never_forgotten(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(memory, "still_counts", lambda kept, now_us, lifetime_us: True)


def other_requests_are_taken_for_the_first(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(memory, "fingerprint", lambda method, path, body: path)


def accounts_share_their_keys(patch: pytest.MonkeyPatch) -> None:
    real = memory.stored_reply

    async def check(context: Any, sandbox: Any, key: Any, provider: Any) -> Any:
        return await real(context, sandbox, replace(key, account="everybody"), provider)

    patch.setattr(pipeline, "stored_reply", check)


def refusals_are_remembered(patch: pytest.MonkeyPatch) -> None:
    real = Pipeline._pass_gates

    async def judged(self: Pipeline, context: Any, sandbox: Any, key: Any) -> Any:
        try:
            return await real(self, context, sandbox, key)
        except Refused as refused:
            reply = self.provider.refuse(refused.refusal, context.call)
            if context.memory_id:
                stored = memory.remembered(context, Reply(reply.status, b"{}"))
                sandbox.tx.put(stored)
            return reply

    patch.setattr(Pipeline, "_pass_gates", judged)


def a_replay_is_worded_anew(patch: pytest.MonkeyPatch) -> None:
    real = memory.stored_reply

    async def check(context: Any, sandbox: Any, key: Any, provider: Any) -> Any:
        stored = await real(context, sandbox, key, provider)
        return stored and replace(stored, body=stored.body.replace(b"queued", b"pending"))

    patch.setattr(pipeline, "stored_reply", check)


MUTANTS: tuple[Mutant, ...] = (
    a_replay_charges_again,
    keys_are_ignored,
    keys_are_forgotten_after_an_hour,
    keys_are_never_forgotten,
    other_requests_are_taken_for_the_first,
    accounts_share_their_keys,
    refusals_are_remembered,
    a_replay_is_worded_anew,
)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda one: one.__name__)
def test_the_law_kills(mutant: Mutant) -> None:
    kill(Repeating, mutant, examples=120, steps=25, why="a repeated key")
