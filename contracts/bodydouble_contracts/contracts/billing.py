"""BIL: money. The judge keeps its own account and compares it with every balance it is shown."""

from __future__ import annotations

import itertools
from collections.abc import Callable

from bodydouble_contracts.contracts.contract import OF_THE_VENDOR, contract
from bodydouble_contracts.contracts.findings import Tally
from bodydouble_contracts.reading.balances import Interval
from bodydouble_contracts.reading.calls import Call, amounts, parts_sum, unlimited
from bodydouble_contracts.reading.submissions import Submission
from bodydouble_contracts.reading.view import View
from bodydouble_contracts.vendors.profile import Profile

NEEDS = ("balance",)


def knowable(profile: Profile) -> int:
    """Return whether a run can know that an account is too poor: it reads it, or made it so."""
    poor = any(profile.units(role.balance) == 0 for role in profile.roles.values())
    made = poor and "prefix" in profile.section("control")
    return int(made or profile.have("balance") == "yes")


def broke(view: View, call: Call) -> bool:
    """Whether the run made the account without money, and nothing came in before this call."""
    role = view.profile.roles.get(call.role)
    made = view.history.controlled and role is not None and view.profile.units(role.balance) == 0
    return made and not any(index < call.index for index in view.earned)


def compare(view: View, tally: Tally, which: Callable[[Interval], bool]) -> None:
    """Tally every pair of readings that a contract is about."""
    money = view.profile.amount
    for intervals in view.balances.values():
        for i in intervals:
            if which(i):
                told = money(i.low) if i.exact else f"{money(i.low)} to {money(i.high)}"
                causes = [e.call for e in i.events if e.call is not None and e.kind != "read"]
                tally.check(i.right, told, money(i.seen), i.before, *causes[:4], i.after)


@contract("BIL-01", "never-negative", tier="0", kind="reply", needs=NEEDS)
def bil_01(view: View, tally: Tally) -> None:
    """No balance is ever below zero.

    Readings, their parts, and what submissions say remains; an account without a limit has none.
    """
    endless = {c.account for c in view.doing("balance") if c.ok and unlimited(c)}
    for call in view.calls:
        if not call.ok or call.does not in ("balance", "submit") or call.account in endless:
            continue
        for units in (amounts(call), parts_min(call), call.units("remaining")):
            if units is not None:
                tally.check(units >= 0, "zero or more", view.profile.amount(units), call)


def parts_min(call: Call) -> int | None:
    """Return the smallest bucket of a reading, or None where it shows none."""
    places = call.op.at.get("parts", ()) if call.op else ()
    units = [call.profile.units(p.read(call.doc), p.times) for p in places]
    known = [u for u in units if u is not None]
    return min(known) if known else None


def fresh(view: View) -> list[Submission]:
    """Return accepted submissions that made a job."""
    return [s for s in view.submissions if s.accepted and s.kind == "fresh"]


@contract(
    "BIL-03",
    "remaining-is-balance",
    source=OF_THE_VENDOR,
    kind="account",
    needs=("balance", "remaining"),
    census=3,
)
def bil_03(view: View, tally: Tally) -> None:
    """What a submission says remains is what the balance says.

    The next reading with nothing in between, and the one before, less the cost.
    """
    mine = [
        c
        for c in view.calls
        if c.account and c.does in ("balance", "submit", "cancel") and (c.ok or c.lost)
    ]
    for before, after in itertools.pairwise(mine):
        if before.lost or after.lost or any(before.index < i < after.index for i in view.earned):
            continue
        if before.account != after.account or not view.still(before.index, after.index):
            continue
        if "at_once" in before.intent or "at_once" in after.intent:
            continue  # nobody knows which of them was served first
        made = next((s for s in fresh(view) if s.call in (before, after)), None)
        if made is None or made.call.units("remaining") is None:
            continue
        remaining, told = made.call.units("remaining"), view.profile.amount
        if made.call is before and after.does == "balance":
            seen = amounts(after)
            tally.check(seen == remaining, f"{remaining}", seen, before, after)
        elif made.call is after and before.does == "balance" and made.cost is not None:
            expected = (amounts(before) or 0) - made.cost
            tally.check(remaining == expected, told(expected), told(remaining or 0), before, after)


@contract(
    "BIL-04", "conservation", kind="account", needs=NEEDS, source="each vendor's billing page"
)
def bil_04(view: View, tally: Tally) -> None:
    """The balance is what it was, less charges, plus refunds, to the last unit.

    Every pair of readings, whatever happened in between.
    """
    compare(view, tally, lambda i: True)


@contract("BIL-06", "refusal-is-free", tier="1", kind="account", needs=NEEDS, census=3)
def bil_06(view: View, tally: Tally) -> None:
    """A refused request costs nothing.

    Readings with only refusals between them.
    """
    compare(view, tally, lambda i: i.exact and i.only("refused", "throttled"))


@contract(
    "BIL-08",
    "failure-is-refunded",
    source=OF_THE_VENDOR,
    tier="E",
    kind="account",
    needs=("balance", "refund_on_failure"),
    census=1,
)
def bil_08(view: View, tally: Tally) -> None:
    """A failed job is refunded once, as the vendor promises for its reason.

    Readings with a failure between them.
    """
    compare(view, tally, lambda i: any(e.kind == "failed" for e in i.events))


@contract("BIL-09", "cancel-refund", kind="account", needs=("balance", "cancel"), census=1)
def bil_09(view: View, tally: Tally) -> None:
    """Canceling refunds what the vendor says it does.

    Readings with a cancel between them and no failure.
    """
    compare(
        view,
        tally,
        lambda i: (
            any(e.kind == "canceled" for e in i.events)
            and all(e.kind != "failed" for e in i.events)
        ),
    )


@contract(
    "BIL-10",
    "replay-is-free",
    source=OF_THE_VENDOR,
    kind="account",
    needs=("balance", "idempotency"),
    census=1,
)
def bil_10(view: View, tally: Tally) -> None:
    """Repeating a request under its key costs nothing.

    Readings with a replay between them.
    """
    compare(view, tally, lambda i: i.exact and any(e.kind == "replay" for e in i.events))


@contract(
    "BIL-11",
    "buckets-add-up",
    source=OF_THE_VENDOR,
    tier="0",
    kind="reply",
    needs=("balance", "buckets"),
    census=3,
)
def bil_11(view: View, tally: Tally) -> None:
    """The parts of a balance add up to the whole.

    Only readings that show both.
    """
    for call in view.doing("balance"):
        total, parts = call.units("total"), parts_sum(call)
        if call.ok and total is not None and parts is not None:
            tally.check(
                total == parts, view.profile.amount(total), view.profile.amount(parts), call
            )


@contract("BIL-12", "looking-is-free", tier="0", kind="account", needs=NEEDS, census=3)
def bil_12(view: View, tally: Tally) -> None:
    """Reading costs nothing, and nobody else's spending is charged to an account.

    Readings with nothing or only reads between them.
    """
    compare(view, tally, lambda i: i.exact and not {e.kind for e in i.events} - {"read"})
