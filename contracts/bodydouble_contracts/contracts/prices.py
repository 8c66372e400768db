"""BIL: prices, estimates, ledgers, and who can afford what."""

from __future__ import annotations

import json
import re

from bodydouble_contracts.contracts.billing import NEEDS, broke, fresh, knowable
from bodydouble_contracts.contracts.contract import OF_THE_VENDOR, contract
from bodydouble_contracts.contracts.findings import Tally
from bodydouble_contracts.contracts.replies import body_start
from bodydouble_contracts.reading.calls import Call, amounts, unlimited
from bodydouble_contracts.reading.submissions import Submission
from bodydouble_contracts.reading.view import View
from bodydouble_contracts.vendors.profile import Profile, find_units, present


@contract(
    "BIL-02",
    "price-as-published",
    source="each vendor's price page",
    kind="reply",
    needs=("prices",),
    census=1,
)
def bil_02(view: View, tally: Tally) -> None:
    """A job costs what the published prices say.

    The reply's cost where there is one, else the drop of the balance.
    """
    for made in fresh(view):
        if made.cost is not None and made.price is not None:
            told = view.profile.amount(made.cost)
            tally.check(made.cost == made.price, view.profile.amount(made.price), told, made.call)
    for intervals in view.balances.values():
        for i in intervals:
            unstated = [
                e
                for e in i.events
                if e.kind == "accepted" and e.submission and e.submission.cost is None
            ]
            if unstated and i.exact and i.only("accepted"):
                tally.check(
                    i.right,
                    view.profile.amount(i.low),
                    view.profile.amount(i.seen),
                    i.before,
                    i.after,
                )


@contract("BIL-05", "ledger-sums", tier="0", kind="account", needs=("ledger",), census=1)
def bil_05(view: View, tally: Tally) -> None:
    """The rows of the ledger add up to the balance.

    Rows name an amount; a running balance, where shown, follows row by row.
    """
    for call in view.doing("ledger"):
        rows = call.at("items")
        if (
            not call.ok
            or not isinstance(rows, list)
            or call.op is None
            or "whole" not in call.intent
        ):
            continue
        units = [sum_of(call, row) for row in rows]
        after = [
            c for c in view.doing("balance") if c.index > call.index and c.account == call.account
        ]
        if after and view.still(call.index, after[0].index):
            tally.check(
                sum(units) == amounts(after[0]), f"{amounts(after[0])}", sum(units), call, after[0]
            )


def sum_of(call: Call, row: object) -> int:
    """Return the signed amount of one ledger row."""
    places = call.op.item.get("amount", ()) if call.op else ()
    for place in places:
        units = call.profile.units(place.read(row), place.times)
        if units is not None:
            return units
    return 0


@contract(
    "BIL-07",
    "too-poor",
    source="each vendor's error page",
    tier="1",
    kind="account",
    census=1,
    about=knowable,
)
def bil_07(view: View, tally: Tally) -> None:
    """A job that the balance does not cover is refused, and none is made.

    The last reading of the account, still true, was below the price or zero, or the run made the
    account without money. What is refused for its form whoever sends it says nothing of money.
    """
    wanted = str(view.profile.refused["insufficient"])
    for made in view.submissions:
        balance = 0 if broke(view, made.call) else reading_before(view, made.call)
        plain = made.kind == "fresh" and "sample" in made.call.intent and usable(view, made.call)
        if balance is None or not plain or made.call.lost or made.call.throttled:
            continue
        price = made.price if made.price is not None else made.cost
        if balance <= 0 or (price is not None and balance < price):
            if made.call.refused and refused_to_all(view, made.call):
                continue
            tally.check(made.call.poor, wanted, body_start(made.call), made.call)


def refused_to_all(view: View, call: Call) -> bool:
    """Whether another account got the same refusal for the same request."""
    return any(
        other.account != call.account
        and (other.status, other.code) == (call.status, call.code)
        and other.x.request.body == call.x.request.body
        for other in view.doing("submit")
        if other.op is call.op
    )


def usable(view: View, call: Call) -> bool:
    """Whether the key of a call lives and may do what it asked."""
    role = view.profile.roles.get(call.role)
    if role is None or role.dead or call.op is None:
        return False
    return not role.scopes or not call.op.scope or call.op.scope in role.scopes


def reading_before(view: View, call: Call, least: bool = False) -> int | None:
    """Return the balance an account had at a call, if nothing can have moved it since read.

    With `least` it may have grown by a refund; without, and without a clock, no earlier job of
    the account may be there to be refunded.
    """
    last: Call | None = None
    for other in view.calls:
        if other.index >= call.index:
            break
        if other.account == call.account:
            if other.does == "balance" and other.ok:
                last = other
            elif other.does in ("submit", "cancel") and (other.ok or other.lost):
                last = None
    if last is None or any(last.index < i < call.index for i in view.earned):
        return None
    if view.history.controlled:
        unmoved = view.still(last.index, call.index)
    else:
        unmoved = least or not bought(view, call)
    return amounts(last) if unmoved and not unlimited(last) else None


def bought(view: View, call: Call) -> bool:
    """Whether the account of a call may have bought anything before it."""
    return any(
        s.account == call.account and s.call.index < call.index and (s.accepted or s.call.lost)
        for s in view.submissions
    )


@contract(
    "BIL-13",
    "same-request-same-price",
    kind="account",
    needs=("balance",),
    census=1,
    about=lambda p: p.have("cost") == "yes" or p.have("prices") != "yes",
)
def bil_13(view: View, tally: Tally) -> None:
    """The same request costs the same every time.

    Costs the replies name, by request and, where marked, by price group.
    """
    seen: dict[str, tuple[Submission, int]] = {}
    keep = view.balances  # reading the balances learns what unpriced jobs cost
    for made in fresh(view) if keep is not None else []:
        cost = made.cost if made.cost is not None else made.learned
        if cost is None or made.call.op is None:
            continue
        body = json.dumps(made.call.body, sort_keys=True, default=str)
        group = made.call.intent.get("price_group")
        for name in [f"{made.call.op.name} {body}", *([group] if group else [])]:
            twin, price = seen.setdefault(name, (made, cost))
            if twin is not made:
                tally.check(price == cost, f"{price}", cost, twin.call, made.call)


@contract(
    "BIL-14",
    "amounts-as-written",
    source=OF_THE_VENDOR,
    tier="0",
    kind="reply",
    census=3,
    about=lambda profile: len(profile.section("money").get("written", {})),
)
def bil_14(view: View, tally: Tally) -> None:
    """Amounts are written as the vendor documents them.

    Text with four decimals, whole numbers: `money.written` in the profile, per name.
    """
    written = view.profile.section("money").get("written", {})
    for call in view.calls:
        if not call.ok or call.does not in ("balance", "submit"):
            continue
        for name, pattern in written.items():
            for value in values_at(call, name):
                text = json.dumps(value)
                tally.check(re.fullmatch(pattern, text), f"{name} like {pattern}", text, call)


def values_at(call: Call, name: str) -> list[object]:
    """Return all values an operation keeps under a name (a balance may have several parts)."""
    places = call.op.at.get(name, ()) if call.op else ()
    found = [p.read(call.doc) for p in places]
    return [
        v
        for v in found
        if v is not None and not isinstance(v, dict | list) and repr(v) != "MISSING"
    ]


@contract(
    "BIL-15",
    "estimate-is-price",
    source=OF_THE_VENDOR,
    kind="sequence",
    needs=("estimate",),
    census=1,
)
def bil_15(view: View, tally: Tally) -> None:
    """What an estimate names is what the job then costs.

    The driver marks which estimate belongs to which sample.
    """
    estimates = {
        c.intent["estimate"]: c for c in view.doing("estimate") if c.ok and "estimate" in c.intent
    }
    for made in fresh(view):
        call = estimates.get(made.call.intent.get("sample", ""))
        if call is not None and made.cost is not None:
            told = call.units("cost")
            tally.check(told == made.cost, f"{told}", made.cost, call, made.call)


@contract("BIL-16", "rich-enough", tier="2", kind="account", needs=NEEDS, census=1)
def bil_16(view: View, tally: Tally) -> None:
    """A job that the balance covers is not refused for want of money.

    The last reading, still true, was at least the known price.
    """
    known: dict[bytes, int] = {}
    keep = view.balances
    for made in view.submissions if keep is not None else []:
        balance = reading_before(view, made.call, least=True)
        price = next((p for p in (made.price, made.cost, made.learned) if p is not None), None)
        price = known.get(made.call.x.request.body) if price is None else price
        if price is not None:
            known[made.call.x.request.body] = price
        if balance is None or price is None or balance < price or made.kind != "fresh":
            continue
        tally.check(not made.call.poor, "no refusal for money", body_start(made.call), made.call)


def settles(profile: Profile) -> int:
    """Return how many operations show what a job cost in the end."""
    return sum("settled" in o.at for o in profile.doing("read", "job"))


@contract("BIL-18", "settled-cost", source=OF_THE_VENDOR, about=settles, census=3)
def bil_18(view: View, tally: Tally) -> None:
    """What an ended job says it cost is what was charged, less what the vendor gives back.

    Where the price is known and the refund for that ending is no guess.
    """
    for made in fresh(view):
        cost = made.cost if made.cost is not None else made.price
        for look in view.sightings.get(made.job or "", []) if cost is not None else []:
            settled = find_units(view.profile, look.places.get("settled", ()), look.shown)
            if not look.final or look.via != "read" or settled is None or cost is None:
                continue
            reason = look.get("reason")
            told = str(reason) if present(reason) else ""
            refund = view.profile.refund(str(look.word), "", told)
            if look.word == "succeeded" or refund in ("full", "none"):
                wanted = 0 if refund == "full" and look.word != "succeeded" else cost
                shown = view.profile.amount(settled)
                tally.check(settled == wanted, view.profile.amount(wanted), shown, look.call)
