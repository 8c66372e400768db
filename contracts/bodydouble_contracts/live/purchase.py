"""One request that may cost money: reserved, sent, settled, watched.

The worst case is booked, then in the synced journal, then the request is on the wire: in
that order. It acts through the guard and keeps nothing of its own.
"""

from __future__ import annotations

from bodydouble_contracts.history.exchanges import Reply, Request
from bodydouble_contracts.live.passage import UNDECIDED, Passage, Refused, named
from bodydouble_contracts.live.settlement import cancel_jobs
from bodydouble_contracts.live.spending import BoughtJob, Purchase, Spending, dearest, listed_price
from bodydouble_contracts.reading.calls import Call, documented_5xx
from bodydouble_contracts.vendors.profile import present


def buy(guard: Passage, request: Request, role: str) -> Reply:
    """Send a request that may cost money. Raises Refused (nothing was sent), Lost, or whatever
    the target raises; then the worst case stays booked."""
    account = guard.account(role)
    if guard.cleaning:
        raise Refused("stopped", "nothing is bought while a run is being ended")
    if not guard.expecting_refusal and guard.idempotency_key(request) not in guard.keyed:
        one_at_a_time(guard)
    if not account.fresh:
        guard.read_balance(request, role)
    price = listed_price(guard.profile, guard.call_of(request))
    worst = worst_case(guard, price, account)
    afford(guard, account, worst)
    guard.serial += 1
    buy = Purchase(request, role, account, f"r{guard.serial}", price, worst, account.latest)
    note = named(request)
    # Booked before it is in the journal, and in the journal before it is on the wire.
    account.entries[buy.ref] = worst
    account.unknown.add(buy.ref)
    account.fresh = False
    write(guard, "reserved", buy, worst, note)
    try:
        reply = guard.forward(request)
    except BaseException as error:
        guard.lost_writes += 1
        write(guard, "kept", buy, worst, f"no outcome: {type(error).__name__}")
        raise
    try:
        settle(guard, buy, reply)
    except BaseException:
        # Interrupted between the reply and the balance: the worst case stays booked.
        write(guard, "kept", buy, worst, "the balance was not read")
        raise
    return reply


def worst_case(guard: Passage, price: int | None, account: Spending) -> int:
    """Return the worst case of one request: its price, or the dearest, times the margin.

    A request that must be refused and comes from an account seen to be empty stands behind
    two walls already: for it the dearest price is enough. Where no price is published at all, the
    worst case is all that the account holds.
    """
    listed = price if price is not None else dearest(guard.profile)
    if listed is None:
        if account.latest is None or not account.fresh:
            raise Refused("budget", "no price is published and the balance cannot be read")
        return max(0, account.latest)
    empty = account.fresh and account.latest is not None and account.latest <= 0
    if guard.expecting_refusal and empty:
        return dearest(guard.profile) or listed
    return listed * guard.margin


def afford(guard: Passage, account: Spending, worst: int) -> None:
    """Raise Refused if the worst case would break a ceiling of request, run, day or account."""
    check_cap(guard, "request", worst, guard.caps.request)
    check_cap(guard, "run", guard.gone + worst, guard.caps.run)
    for name, cap, day in (
        ("day", guard.caps.day, guard.journal.today()),
        ("account", guard.caps.account, ""),
    ):
        before = guard.journal.spent(account.name, day=day, besides_run=guard.journal.run)
        mine = account.gone + worst + (guard.profile.units(before) or 0)
        check_cap(guard, name, mine, cap)


def check_cap(guard: Passage, name: str, units: int, cap: int | None) -> None:
    """Raise Refused if an amount lies above a ceiling."""
    if cap is not None and units > cap:
        raise Refused(
            "budget",
            f"at worst {guard.text(units)} would be gone, and the {name} may cost "
            f"{guard.text(cap)} {guard.profile.section('money').get('currency', '')}".rstrip(),
        )


def one_at_a_time(guard: Passage) -> None:
    """Raise Refused while an earlier job has not ended."""
    open_ = [j.id for j in guard.jobs.values() if not j.final]
    if open_:
        raise Refused("busy", f"job {open_[0]} has not ended, and only one runs at a time")


def settle(guard: Passage, buy: Purchase, reply: Reply) -> None:
    """Book what a reply and the balance after it say; what stays unknown is kept."""
    call = guard.call_of(buy.request, reply)
    accepted = 200 <= reply.status < 300
    # A 5xx leaves everything open, but for those the vendor documents as its refusals.
    refused = (400 <= reply.status < 500 and reply.status not in UNDECIDED) or (
        reply.status >= 500 and documented_5xx(call)
    )
    new = remember_job(guard, call, buy.role) if accepted else None
    readable = guard.read_balance(buy.request, buy.role)
    if buy.before is None or not readable or not (accepted or refused):
        guard.lost_writes += not (accepted or refused)
        write(guard, "kept", buy, buy.worst, f"status {reply.status}")
        cost = buy.worst
    else:
        fell = max(0, buy.before - (buy.account.latest or 0))
        # A replay shows the price of its first time: only the balance tells what it cost.
        cost = max(fell, told(guard, call, buy.price) if accepted and new is not False else 0)
        buy.account.entries[buy.ref] = cost
        buy.account.unknown.discard(buy.ref)
        write(guard, "settled", buy, cost)
        watch(guard, buy, reply.status, cost)
    if new:
        guard.jobs[str(call.at("id"))].cost = cost
    if accepted and guard.expecting_refusal:
        guard.stop(f"{named(buy.request)} was accepted where a refusal was expected")
        cancel_jobs(guard)


def told(guard: Passage, call: Call, price: int | None) -> int:
    """Return what a reply says a job costs, else its published price, else the dearest."""
    shown = call.units("cost")
    found = shown if shown is not None else price
    return max(0, found if found is not None else (dearest(guard.profile) or 0))


def watch(guard: Passage, buy: Purchase, status: int, cost: int) -> None:
    """Stop the run after a charge that the price list does not explain."""
    listed = buy.price if buy.price is not None else dearest(guard.profile)
    if status >= 300 and cost:
        why = f"was answered {status} and cost {guard.text(cost)} all the same"
        guard.stop(f"{named(buy.request)} {why}")
    elif listed is not None and cost > listed:
        why = f"cost {guard.text(cost)}, and the published price is {guard.text(listed)}"
        guard.stop(f"{named(buy.request)} {why}")


def remember_job(guard: Passage, call: Call, role: str) -> bool | None:
    """Enter a job; return False for one already known, None where no id was shown."""
    found = call.at("id")
    if not present(found):
        return None
    key = guard.idempotency_key(call.x.request)
    if key:
        guard.keyed.add(key)
    if str(found) in guard.jobs:
        return False
    guard.jobs[str(found)] = BoughtJob(str(found), role, call.op.name if call.op else "")
    return True


def write(guard: Passage, event: str, buy: Purchase, units: int, note: str = "") -> None:
    """Write one line about a purchase into the journal."""
    guard.journal.write(event, buy.account.name, buy.ref, guard.text(units), note)
