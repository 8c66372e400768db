"""BIL: what is told of money in several places is one story."""

from __future__ import annotations

from collections import Counter

from bodydouble_contracts.contracts.contract import OF_THE_VENDOR, contract
from bodydouble_contracts.contracts.findings import Tally
from bodydouble_contracts.reading.calls import Call
from bodydouble_contracts.reading.view import View
from bodydouble_contracts.vendors.profile import Profile, find_units

UNKNOWN = -1


def tells(profile: Profile) -> int:
    """Return how many operations tell of what was spent."""
    return sum("spent" in o.at or "cost" in o.item for o in profile.operations.values())


@contract(
    "BIL-19", "one-story", source=OF_THE_VENDOR, tier="2", kind="account", census=1, about=tells
)
def bil_19(view: View, tally: Tally) -> None:
    """What usage and the log tell of an account's orders is what the replies to them told.

    Readings in a session of its own, which the driver marked: all that was ordered is known, and
    nothing of it has ended.
    """
    for call in view.calls if view.history.controlled else []:
        if "money_told" not in call.intent or not call.ok or call.op is None:
            continue
        costs = paid(view, call)
        if UNKNOWN in costs:
            continue
        told = call.units("spent")
        if told is not None:
            amount = view.profile.amount
            tally.check(told == sum(costs), amount(sum(costs)), amount(told), call)
        if "cost" in call.op.item:
            rows = call.at("items")
            places = call.op.item["cost"]
            shown = [find_units(view.profile, places, row) for row in rows] if rows else []
            real = Counter(c for c in shown if c)
            tally.check(real == Counter(costs), f"{sorted(costs)}", f"{sorted(real)}", call)


def paid(view: View, call: Call) -> list[int]:
    """Return what the account's orders before a reading said they cost; -1 for an unknown cost."""
    mine = [s for s in view.submissions if s.account == call.account and s.kind == "fresh"]
    before = [s for s in mine if s.call.index < call.index and (s.accepted or s.call.lost)]
    costs = [None if s.call.lost else s.call.units("cost") for s in before]
    return [UNKNOWN if cost is None else cost for cost in costs]
