"""What every balance reading should show, from what the judge saw.

Charges come from accepted submissions, refunds from failed and canceled jobs as the vendor's
pages promise. Where a refund may or may not already have happened the expectation is a range,
never a guess. The vendor's own statements are not read here, only compared.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from bodydouble_contracts.history.exchanges import ClockMove, Control, Exchange, History
from bodydouble_contracts.reading.calls import Call, amounts
from bodydouble_contracts.reading.sightings import look
from bodydouble_contracts.reading.submissions import Submission
from bodydouble_contracts.vendors.profile import FINAL, Profile, present

_READS = ("GET", "HEAD", "OPTIONS")


@dataclass(frozen=True, slots=True)
class Event:
    """Something between two readings that moved money, or must not have."""

    kind: str
    call: Call | None
    units: int = 0
    submission: Submission | None = None


@dataclass(frozen=True, slots=True)
class Interval:
    """Two balance readings and what lay between; `low <= seen <= high` is what must hold."""

    account: str
    before: Call
    after: Call
    low: int
    high: int
    seen: int
    events: tuple[Event, ...]

    @property
    def exact(self) -> bool:
        """Whether only one balance would have been right."""
        return self.low == self.high

    @property
    def right(self) -> bool:
        """Whether the reading was one of those expected."""
        return self.low <= self.seen <= self.high

    def only(self, *kinds: str) -> bool:
        """Whether something of these kinds happened and nothing that moves money besides."""
        moving = {e.kind for e in self.events} - {"read"}
        return bool(moving & set(kinds)) and moving <= set(kinds)


@dataclass(slots=True)
class PaidJob:
    """What is known of the money of one job. `touched`: a cancel whose reply was lost may have
    ended it."""

    cost: int | None
    submission: Submission | None = None
    word: str = "queued"
    seen_at: int = -1
    canceled_from: str = ""
    settled: bool = False
    vague: bool = False
    touched: bool = False


@dataclass(slots=True)
class Expectation:
    """What one account should show by now. `clocked` says that only the judge moves its clock.
    `lost` are prices of lost submissions since the last reading, `ghosts` of all those that may
    have made a job which nobody saw and which may be refunded, by key or number. `prices`
    are those that lone purchases taught, by request."""

    name: str
    clocked: bool
    last: Call | None = None
    low: int = 0
    high: int = 0
    known: bool = False
    unpriced: list[str] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    jobs: dict[str, PaidJob] = field(default_factory=dict)
    lost: dict[str, int] = field(default_factory=dict)
    ghosts: dict[str, int | None] = field(default_factory=dict)
    prices: dict[str, int] = field(default_factory=dict)

    def restart(self, seen: int, open_jobs: list[PaidJob]) -> None:
        """Take a reading as the truth. Refunds of jobs still open may already be in it, and what a
        lost submission cost may be, too."""
        self.low = self.high = seen
        self.lost.clear()
        for job in open_jobs:
            job.vague = True


def expected_balances(
    history: History, profile: Profile, calls: Sequence[Call], submissions: Sequence[Submission]
) -> dict[str, list[Interval]]:
    """Return, per account, every pair of consecutive readings with the expectation between."""
    accounts: dict[str, Expectation] = {}
    out: dict[str, list[Interval]] = {}
    made = {id(s.call): s for s in submissions}
    by_index = {c.index: c for c in calls}
    clock, prices = 0, dict[str, int]()

    def account_of(name: str) -> Expectation:
        fresh = Expectation(name, history.controlled, prices=prices)
        return accounts.setdefault(name, fresh)

    for index, step in enumerate(history.steps):
        if isinstance(step, ClockMove):
            clock += 1
        elif isinstance(step, Control) and step.action == "top_up":
            account = account_of(step.data["account"])
            times = Decimal(str(profile.section("control").get("times", 1)))
            units = profile.units(step.data["amount"], times) or 0
            account.low += units
            account.high += units
            account.events.append(Event("top_up", None, units))
        elif isinstance(step, Exchange) and index in by_index:
            call = by_index[index]
            if call.account:
                account = account_of(call.account)
                _post(account, call, made.get(id(call)), clock)
                if call.does == "balance" and call.ok:
                    _compare(account, call, clock, out.setdefault(account.name, []))
    return out


def _post(account: Expectation, call: Call, submission: Submission | None, clock: int) -> None:
    if submission is not None:
        _post_submission(account, submission, clock)
    elif call.op is None and not call.refused and call.x.request.method not in _READS:
        # A purchase that the profile does not know, perhaps: its price is nobody's business here.
        account.known = False
    elif call.does == "cancel" and call.lost:
        job = account.jobs.get(call.params.get("job", ""))
        if job and not job.settled:
            job.vague = job.touched = True
            job.canceled_from = "unknown"
    elif call.does == "cancel" and call.ok:
        job = account.jobs.get(call.params.get("job", ""))
        if job and not job.settled:
            # Without the judge's own clock a job may start between the look and the cancellation.
            still = job.seen_at == clock and account.clocked
            job.canceled_from = job.word if still else "unknown"
            if call.profile.cancel.removes:
                # Nobody will see it canceled: this is the last that is heard of it.
                job.settled = True
                _refund(account, job, "canceled", call)
    elif call.refused and call.op and call.op.method != "GET":
        account.events.append(Event("refused", call))
    else:
        account.events.append(Event("read", call))
    _look(account, call, clock)


def _post_submission(account: Expectation, made: Submission, clock: int) -> None:
    call = made.call
    if call.lost:
        account.events.append(Event("lost", call, submission=made))
        account.ghosts.setdefault(made.key or str(call.index), made.price)
        if made.price is None or made.key is None or made.original is not None:
            account.known = False
        else:
            # It may or may not have been charged, until a retry under its key tells.
            account.lost[made.key] = made.price
            account.low -= made.price
    elif not call.ok or made.job is None:
        kind = "throttled" if call.throttled else "refused"
        account.events.append(Event(kind, call, submission=made))
    elif made.job in account.jobs or made.kind == "replay":
        account.events.append(Event("replay", call, submission=made))
    else:
        cost = made.cost if made.cost is not None else made.price
        paid_before = made.key in account.ghosts and made.key not in account.lost
        account.ghosts.pop(made.key or "", None)
        if made.key in account.lost:
            account.low += account.lost.pop(made.key)
        account.jobs[made.job] = PaidJob(cost, made, "queued", clock)
        account.events.append(Event("accepted", call, cost or 0, made))
        if cost is None:
            account.unpriced.append(made.job)
        else:
            account.low -= cost
            account.high -= 0 if paid_before else cost


def _look(account: Expectation, call: Call, clock: int) -> None:
    """Learn states from any successful look at jobs, and post the refunds they promise."""
    if not call.ok or call.op is None or call.op.of != "job" or call.does == "submit":
        return
    for sighting in look(call, call.op):
        job = account.jobs.get(sighting.id)
        if job is None or sighting.word is None:
            continue
        job.word, job.seen_at = sighting.word, clock
        if sighting.word in FINAL and not job.settled:
            job.settled = True
            reason = sighting.get("reason")
            _refund(account, job, sighting.word, call, str(reason) if present(reason) else "")


def _refund(account: Expectation, job: PaidJob, word: str, call: Call, reason: str = "") -> None:
    if word != "succeeded":
        account.events.append(Event(word, call, job.cost or 0))
    rule = call.profile.refund(word, job.canceled_from, reason)
    if word == "canceled" and job.canceled_from == "unknown" and call.op and call.op.also:
        rule = "unknown"  # it may have ended before, and the call have removed it
    if rule == "none" or job.cost == 0:
        return
    if job.cost is None:
        account.known = False
        return
    account.high += job.cost
    if rule == "full" and not job.vague:
        account.low += job.cost


def _compare(account: Expectation, call: Call, clock: int, out: list[Interval]) -> None:
    seen = amounts(call)
    if seen is None:
        return
    if len(account.unpriced) > 1:
        _remember(account)
    refunding = call.profile.refunds_failures
    maybe = [
        j
        for j in account.jobs.values()
        if not j.settled and (j.seen_at != clock or not account.clocked or j.touched)
    ]
    hidden = sum(j.cost or 0 for j in maybe if refunding or j.touched)
    hidden += sum(price or 0 for price in account.ghosts.values())
    if any(j.cost is None for j in maybe) or None in account.ghosts.values():
        account.known = False
    low, high = account.low, account.high + hidden
    if account.last is not None and account.known and not account.unpriced:
        made = Interval(account.name, account.last, call, low, high, seen, tuple(account.events))
        out.append(made)
        if (hidden == 0 and not account.lost) or not made.right:
            account.restart(seen, maybe)
    else:
        _learn(account, seen, low, high)
        account.restart(seen, maybe)
    account.unpriced.clear()
    account.last, account.known = call, True
    account.events = []


def _learn(account: Expectation, seen: int, low: int, high: int) -> None:
    """Take the drop of the balance as the price of the one job nobody named a price for."""
    if account.known and len(account.unpriced) == 1 and low == high and account.last is not None:
        job = account.jobs[account.unpriced[0]]
        job.cost = low - seen
        if job.submission is not None:
            job.submission.learned = job.cost
            account.prices.setdefault(_asked(job.submission), job.cost)


def _remember(account: Expectation) -> None:
    """Price orders that came together as the same orders were priced when they came alone."""
    jobs = [account.jobs[name] for name in account.unpriced]
    costs = [account.prices.get(_asked(j.submission)) if j.submission else None for j in jobs]
    if any(cost is None for cost in costs):
        return
    for job, cost in zip(jobs, costs, strict=True):
        job.cost = cost
        account.low -= cost or 0
        account.high -= cost or 0
    account.unpriced.clear()


def _asked(made: Submission) -> str:
    """Return a request as a name: operation and body."""
    name = made.call.op.name if made.call.op else ""
    return f"{name} {json.dumps(made.call.body, sort_keys=True, default=str)}"
