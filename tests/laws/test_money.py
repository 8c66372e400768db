"""Law: money is neither made nor lost, after any history, with crashes in the middle of it."""

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule

import bodydouble.sandbox.open_sandbox
from bodydouble.core.lifecycle import State
from bodydouble.core.money import ledger
from bodydouble.core.money.ledger import Account, Entry, EntryKind
from bodydouble.core.store import Record
from bodydouble.sandbox import refunds
from bodydouble.sandbox.access import SandboxAccess
from bodydouble.stores import memory
from tests.laws.session import BODIES, CAPPED, MAIN, Law, Mutant, Session, kill, lacking, perform

STARTING_BALANCE = 13_000


class Money(Law):
    """Jobs are paid for, canceled, fail and are paid back, from a wallet that runs dry."""

    @initialize(scenario=st.sampled_from(["normal", "failed", "flaky"]))
    def first(self, scenario: str) -> None:
        self.session = Session(balance="1.3000")
        self.session.direct(scenario)
        self.uids: list[str] = []

    @rule(
        body=st.sampled_from(BODIES),
        key=st.sampled_from([MAIN, MAIN, CAPPED]),
        again=st.sampled_from([None, None, "k1", "k2"]),
    )
    def submit(self, body: Any, key: str, again: str | None) -> None:
        named = {} if again is None else {"x_idempotency_key": again}
        answer = self.session.generate(body, key=key, **named)
        self.met("submit", answer.status)
        if answer.accepted:
            self.uids.append(answer.json["data"]["job_uid"])

    @rule(pick=st.integers(0, 99))
    def cancel(self, pick: int) -> None:
        if self.uids:
            self.met("cancel", self.session.cancel(self.uids[pick % len(self.uids)]).status)

    @rule(seconds=st.sampled_from([0.4, 1.3, 3, 9]))
    def advance(self, seconds: float) -> None:
        self.session.advance(seconds)
        self.session.call("GET", "/v1/me/balance")

    @rule(scenario=st.sampled_from(["normal", "failed", "flaky", "moderated"]))
    def direct(self, scenario: str) -> None:
        self.session.direct(scenario)

    @rule(nth=st.integers(1, 14), pick=st.integers(0, 99), cancel=st.booleans())
    def crash(self, nth: int, pick: int, cancel: bool) -> None:
        """The nth write of a request fails, as a full disk would."""
        self.session.advance(1)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(memory._Transaction, "put", failing(nth))
            patch.setattr(logging.getLogger("bodydouble"), "disabled", True)
            if cancel and self.uids:
                answer = self.session.cancel(self.uids[pick % len(self.uids)])
            else:
                answer = self.session.generate()
        self.met("crash", answer.status)
        if answer.accepted and not cancel:
            self.uids.append(answer.json["data"]["job_uid"])

    @invariant()
    def books_are_true(self) -> None:
        accounts, entries = self.session.accounts(), self.session.entries()
        for account in accounts.values():
            own = [entry for entry in entries if entry.group == account.id]
            assert fold(own) == dict(account.buckets), "the fold of the entries is not the balance"
            assert account.balance >= 0, "money: a wallet holds less than nothing"
            in_order(own)
        self.charges_match(entries)

    def charges_match(self, entries: list[Entry]) -> None:
        charges = {one.job: one for one in entries if one.kind is EntryKind.CHARGE}
        refunds = [one for one in entries if one.kind is EntryKind.REFUND]
        jobs = {job.id: job for job in self.session.jobs()}
        assert set(charges) == set(jobs), "money: a job without a charge, or a charge without a job"
        back = [one.job for one in refunds]
        assert len(back) == len(set(back)), "money: a charge was refunded twice"
        for id, job in jobs.items():
            assert charges[id].amount == -job.submission.price, "money: a charge is not the price"
            assert job.refunded == (id in back), "money: a job and the ledger disagree on a refund"
            self.met("refunded" if job.refunded else "kept", job.state)
        for one in refunds:
            assert one.amount == -charges[one.job].amount, "money: a refund is not the charge"
        balance = self.session.accounts().get("smartlyq/main")
        if balance is not None:
            moved = sum(one.amount for one in [*charges.values(), *refunds])
            assert balance.balance == STARTING_BALANCE + moved, (
                "the fold is not the opening and the moves"
            )

    def teardown(self) -> None:
        shown = self.session.call("GET", "/v1/me/balance").json["data"]
        account = self.session.accounts()["smartlyq/main"]
        assert shown["balance"] == f"{account.balance / 10_000:.4f}", "money: shown otherwise"


def fold(entries: list[Entry]) -> dict[str, int]:
    """What each bucket holds after these entries."""
    held: dict[str, int] = {"monthly": 0, "purchased": 0}
    for entry in entries:
        assert sum(amount for _, amount in entry.postings) == 0, "money: an entry does not balance"
        for place, amount in entry.postings:
            if place not in (ledger.VENDOR, ledger.BANK):
                held[place] += amount
    return held


def in_order(entries: list[Entry]) -> None:
    """Asserts that each entry says what the wallet held after it."""
    held = 0
    for entry in entries:
        held += entry.amount
        assert entry.balance_after == held, "money: an entry tells another balance"


def failing(nth: int) -> Callable[[Any, Record], Any]:
    """A put that fails at its nth call."""
    left = nth
    real = memory._Transaction.put

    def put(self: Any, record: Record, /) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            raise OSError("no space left on the device")
        real(self, record)

    return put


def test_money_is_neither_made_nor_lost() -> None:
    census = perform(Money, examples=160, steps=30)
    wanted = [f"submit {status}" for status in (202, 402, 409)]
    wanted += ["cancel 200", "cancel 409", "crash 500", "crash 202"]
    wanted += [f"kept {state}" for state in State if state is not State.FAILED]
    assert lacking(census, *wanted, "refunded failed", "refunded canceled") == []


def a_refund_is_not_written_down(patch: pytest.MonkeyPatch) -> None:
    real = memory._Transaction.put

    def put(self: Any, record: Record, /) -> None:
        if not (isinstance(record, Entry) and record.kind is EntryKind.REFUND):
            real(self, record)

    patch.setattr(memory._Transaction, "put", put)


def a_refund_does_not_reach_the_wallet(patch: pytest.MonkeyPatch) -> None:
    def refund(account: Account, charged: Entry, **more: Any) -> Any:
        return account, ledger.refund(account, charged, **more)[1]

    patch.setattr(refunds, "refund", refund)


def a_refund_goes_to_one_bucket(patch: pytest.MonkeyPatch) -> None:
    def refund(account: Account, charged: Entry, **more: Any) -> Any:
        _, entry = ledger.refund(account, charged, **more)
        back = ledger._booked(account, [("purchased", entry.amount)])
        return replace(back), entry

    patch.setattr(refunds, "refund", refund)


def a_charge_is_one_short(patch: pytest.MonkeyPatch) -> None:
    def charge(account: Account, price: int, **more: Any) -> Any:
        return ledger.charge(account, price - 1, **more)

    patch.setattr(bodydouble.sandbox.open_sandbox, "charge", charge)


def a_job_is_made_without_a_charge(patch: pytest.MonkeyPatch) -> None:
    def charge(account: Account, price: int, **more: Any) -> Any:
        entry = ledger.charge(account, price, **more)[1]
        return account, None if account.balance < 5000 else entry

    patch.setattr(bodydouble.sandbox.open_sandbox, "charge", charge)


def the_wallet_is_not_looked_into(patch: pytest.MonkeyPatch) -> None:
    def charge(account: Account, price: int, **more: Any) -> Any:
        if price <= account.balance:
            return ledger.charge(account, price, **more)
        after, entry = ledger.charge(ledger._booked(account, [("monthly", 10**6)]), price, **more)
        return ledger._booked(after, [("monthly", -(10**6))]), entry

    patch.setattr(bodydouble.sandbox.open_sandbox, "charge", charge)


def a_failed_job_can_be_refunded_again(patch: pytest.MonkeyPatch) -> None:
    real = refunds.refunded

    async def twice(sandbox: SandboxAccess, account: Account, job: Any, at_us: int) -> Any:
        account, job = await real(sandbox, account, job, at_us)
        charged = await sandbox.tx.get(Entry, f"charge:{job.id}")
        assert charged is not None
        serial = await sandbox.serial("entries")
        account, entry = ledger.refund(account, charged, serial=serial, at_us=at_us)
        sandbox.tx.put(replace(entry, id=f"{entry.id} again"))
        return account, job

    patch.setattr(refunds, "refunded", twice)


def a_crash_keeps_what_was_written(patch: pytest.MonkeyPatch) -> None:
    real = memory._Transaction.__aexit__

    async def leave(self: Any, kind: Any, error: Any, trace: Any) -> None:
        await real(self, None, error, trace)

    patch.setattr(memory._Transaction, "__aexit__", leave)


MUTANTS: tuple[Mutant, ...] = (
    a_refund_is_not_written_down,
    a_refund_does_not_reach_the_wallet,
    a_refund_goes_to_one_bucket,
    a_charge_is_one_short,
    a_job_is_made_without_a_charge,
    the_wallet_is_not_looked_into,
    a_failed_job_can_be_refunded_again,
    a_crash_keeps_what_was_written,
)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda one: one.__name__)
def test_the_law_kills(mutant: Mutant) -> None:
    kill(Money, mutant, examples=160, steps=30, why="money|the fold")
