"""A sandbox's clock, faults, jobs and accounts, each as one small object.

Every method sends one request to the control plane and gives its answer, awaited or not as the
client is; nothing is remembered here.
"""

from __future__ import annotations

from typing import Any, Generic, TypeVar

from bodydouble.client import Resources

AnswerT = TypeVar("AnswerT")


class _Part(Generic[AnswerT]):
    def __init__(self, control: Resources[AnswerT], sandbox: str) -> None:
        self._control = control
        self._id = sandbox


class Clock(_Part[AnswerT]):
    """The sandbox's time. It only moves forward; every answer is ``{now, now_us, rate, …}``."""

    def read(self) -> AnswerT:
        """What time it is there."""
        return self._control.clock(self._id)

    def advance(self, span: float | str) -> AnswerT:
        """Moves on by seconds (``90``) or a span (``"1h30m"``); what is due happens in order."""
        if isinstance(span, str):
            return self._control.move_clock(self._id, advance=span)
        return self._control.move_clock(self._id, advance_s=span)

    def sleep(self, seconds: float) -> AnswerT:
        """`advance`, under the name of what a program under test calls when it waits."""
        return self.advance(max(0.0, seconds))

    def to(self, instant: str) -> AnswerT:
        """Moves on to an instant, ``"2026-07-26T09:41:22Z"``."""
        return self._control.move_clock(self._id, to=instant)

    def until_idle(self) -> AnswerT:
        """Moves on until nothing more is due."""
        return self._control.move_clock(self._id, until="idle")

    def until_next_event(self) -> AnswerT:
        """Moves on to whatever happens next."""
        return self._control.move_clock(self._id, until="next-event")

    def until_job(self, job: str) -> AnswerT:
        """Moves on until a job is over."""
        return self._control.move_clock(self._id, until={"job": job})

    def flow(self, rate: float = 1.0) -> AnswerT:
        """Lets time flow, ``rate`` times as fast as real time."""
        return self._control.move_clock(self._id, rate=rate)

    def freeze(self) -> AnswerT:
        """Stops time."""
        return self._control.move_clock(self._id, rate=0.0)


class Faults(_Part[AnswerT]):
    """Faults, armed and removed."""

    def add(self, point: str, kind: str, **fields: Any) -> AnswerT:
        """Arms one: ``add("arrival", "status", status=429, retry_after_s=2, times=1)``."""
        return self._control.add_fault(self._id, point=point, kind=kind, **fields)

    def all(self) -> AnswerT:
        """Every fault, with how often it was injected."""
        return self._control.faults(self._id)

    def remove(self, fault: str) -> AnswerT:
        """Removes one."""
        return self._control.remove_fault(self._id, fault)

    def clear(self) -> AnswerT:
        """Removes all."""
        return self._control.clear_faults(self._id)


class Jobs(_Part[AnswerT]):
    """Every vendor's jobs, newest first, in neutral words."""

    def all(self, *, provider: str | None = None, state: str | None = None) -> AnswerT:
        """The jobs, filtered."""
        return self._control.jobs(self._id, provider=provider, state=state)

    def get(self, job: str) -> AnswerT:
        """One job by any of its ids, with the timeline that was drawn for it."""
        return self._control.job(self._id, job)

    def finish(self, job: str) -> AnswerT:
        """Lets a job succeed now."""
        return self._control.change_job(self._id, job, finish=True)

    def fail(self, job: str, reason: str = "provider_error") -> AnswerT:
        """Lets a job fail now: ``provider_error``, ``moderated``, ``timeout``, ``bad_input``."""
        return self._control.change_job(self._id, job, fail=reason)

    def stall(self, job: str) -> AnswerT:
        """Lets a job run for ever."""
        return self._control.change_job(self._id, job, stall=True)

    def cancel(self, job: str) -> AnswerT:
        """Cancels a job now, with the refund that its vendor gives for that."""
        return self._control.change_job(self._id, job, cancel=True)


class Accounts(_Part[AnswerT]):
    """Wallets by id, ``<vendor>/main``; a vendor's name alone means its main account."""

    def all(self) -> AnswerT:
        """Every account that was used."""
        return self._control.accounts(self._id)

    def get(self, account: str) -> AnswerT:
        """One account with its balance."""
        return self._control.account(self._id, _named(account))

    def entries(self, account: str) -> AnswerT:
        """Its ledger, oldest first."""
        return self._control.entries(self._id, _named(account))

    def top_up(self, account: str, amount: str) -> AnswerT:
        """Puts money in."""
        return self._control.top_up(self._id, _named(account), amount)

    def set_balance(self, account: str, amount: str) -> AnswerT:
        """Makes the balance ``amount``."""
        return self._control.set_balance(self._id, _named(account), amount)


def _named(account: str) -> str:
    return account if "/" in account else f"{account}/main"
