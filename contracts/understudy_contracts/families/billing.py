"""BIL: money. The judge keeps its own books and compares them with every balance it is shown."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Callable

from understudy_contracts.books import Interval
from understudy_contracts.calls import Call, amounts, parts_sum
from understudy_contracts.catalogue import contract
from understudy_contracts.families.replies import body_start
from understudy_contracts.submissions import Submission
from understudy_contracts.verdicts import Tally
from understudy_contracts.view import View

NEEDS = ("balance",)


def compare(view: View, tally: Tally, which: Callable[[Interval], bool]) -> None:
    """Tally every pair of readings that a contract is about."""
    money = view.profile.amount
    for intervals in view.books.values():
        for i in intervals:
            if which(i):
                told = money(i.low) if i.exact else f"{money(i.low)} to {money(i.high)}"
                causes = [e.call for e in i.events if e.call is not None and e.kind != "read"]
                tally.check(i.right, told, money(i.seen), i.before, *causes[:4], i.after)


@contract(
    "BIL-01",
    "never-negative",
    "No balance is ever below zero.",
    tier="0",
    kind="reply",
    needs=NEEDS,
)
def bil_01(view: View, tally: Tally) -> None:
    """Readings, their parts, and what submissions say remains."""
    for call in view.calls:
        if not call.ok or call.does not in ("balance", "submit"):
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


@contract(
    "BIL-02",
    "price-as-published",
    "A job costs what the published prices say.",
    source="each vendor's price page",
    kind="reply",
    needs=("prices",),
    census=1,
)
def bil_02(view: View, tally: Tally) -> None:
    """The reply's cost where there is one, else the drop of the balance."""
    for made in fresh(view):
        if made.cost is not None and made.price is not None:
            told = view.profile.amount(made.cost)
            tally.check(made.cost == made.price, view.profile.amount(made.price), told, made.call)
    for intervals in view.books.values():
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


def fresh(view: View) -> list[Submission]:
    """Return accepted submissions that made a job."""
    return [s for s in view.submissions if s.accepted and s.kind == "fresh"]


@contract(
    "BIL-03",
    "remaining-is-balance",
    "What a submission says remains is what the balance says.",
    source="smartlyq create page, 2026-07",
    kind="account",
    needs=("balance", "remaining"),
    census=3,
)
def bil_03(view: View, tally: Tally) -> None:
    """The next reading of the account with nothing in between, and the one before, less the cost."""
    mine = [
        c for c in view.calls if c.account and (c.does in ("balance", "submit", "cancel") and c.ok)
    ]
    for before, after in itertools.pairwise(mine):
        if before.account != after.account or not view.still(before.index, after.index):
            continue
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
    "BIL-04",
    "conservation",
    "The balance is what it was, less charges, plus refunds, to the last unit.",
    kind="account",
    needs=NEEDS,
    source="each vendor's billing page",
)
def bil_04(view: View, tally: Tally) -> None:
    """Every pair of readings, whatever happened in between."""
    compare(view, tally, lambda i: True)


@contract(
    "BIL-05",
    "ledger-sums",
    "The rows of the ledger add up to the balance.",
    tier="0",
    kind="account",
    needs=("ledger",),
    census=1,
)
def bil_05(view: View, tally: Tally) -> None:
    """Rows name an amount; a running balance, where shown, follows row by row."""
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
    "BIL-06",
    "refusal-is-free",
    "A refused request costs nothing.",
    tier="1",
    kind="account",
    needs=NEEDS,
    census=3,
)
def bil_06(view: View, tally: Tally) -> None:
    """Readings with only refusals between them."""
    compare(view, tally, lambda i: i.exact and i.only("refused", "throttled"))


@contract(
    "BIL-07",
    "too-poor",
    "A job that the balance does not cover is refused, and none is made.",
    source="each vendor's error page",
    tier="1",
    kind="account",
    needs=NEEDS,
    census=1,
)
def bil_07(view: View, tally: Tally) -> None:
    """The last reading of the account, still true, was below the price or zero."""
    wanted = view.profile.section("insufficient")
    for made in view.submissions:
        balance = reading_before(view, made.call)
        plain = made.kind == "fresh" and "sample" in made.call.intent and usable(view, made.call)
        if balance is None or not plain or made.call.status in (0, 429):
            continue
        price = made.price if made.price is not None else made.cost
        if balance <= 0 or (price is not None and balance < price):
            tally.check(made.call.poor, f"{wanted}", body_start(made.call), made.call)


def usable(view: View, call: Call) -> bool:
    """Whether the key of a call lives and may do what it asked."""
    role = view.profile.roles.get(call.role)
    if role is None or role.dead or call.op is None:
        return False
    return not role.scopes or not call.op.scope or call.op.scope in role.scopes


def reading_before(view: View, call: Call) -> int | None:
    """Return the balance an account had at a call, if nothing can have moved it since read."""
    last: Call | None = None
    for other in view.calls:
        if other.index >= call.index:
            break
        if other.account == call.account:
            if other.does == "balance" and other.ok:
                last = other
            elif other.does in ("submit", "cancel") and (other.ok or other.lost):
                last = None
    if last is None or not view.still(last.index, call.index):
        return None
    return amounts(last)


@contract(
    "BIL-08",
    "failure-is-refunded",
    "A failed job is refunded once and in full, as the vendor promises.",
    source="smartlyq create page, 2026-07; others: assumption",
    tier="E",
    kind="account",
    needs=("balance", "refund_on_failure"),
    census=1,
)
def bil_08(view: View, tally: Tally) -> None:
    """Readings with a failure between them."""
    compare(view, tally, lambda i: any(e.kind == "failed" for e in i.events))


@contract(
    "BIL-09",
    "cancel-refund",
    "Canceling refunds what the vendor says it does.",
    kind="account",
    needs=("balance", "cancel"),
    census=1,
)
def bil_09(view: View, tally: Tally) -> None:
    """Readings with a cancel between them and no failure."""
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
    "Repeating a request under its key costs nothing.",
    source="smartlyq idempotency prose, 2026-07-26",
    kind="account",
    needs=("balance", "idempotency"),
    census=1,
)
def bil_10(view: View, tally: Tally) -> None:
    """Readings with a replay between them."""
    compare(view, tally, lambda i: i.exact and any(e.kind == "replay" for e in i.events))


@contract(
    "BIL-11",
    "buckets-add-up",
    "The parts of a balance add up to the whole.",
    source="smartlyq OpenAPI, 2026-08-05",
    tier="0",
    kind="reply",
    needs=("balance", "buckets"),
    census=3,
)
def bil_11(view: View, tally: Tally) -> None:
    """Only readings that show both."""
    for call in view.doing("balance"):
        total, parts = call.units("total"), parts_sum(call)
        if call.ok and total is not None and parts is not None:
            tally.check(
                total == parts, view.profile.amount(total), view.profile.amount(parts), call
            )


@contract(
    "BIL-12",
    "looking-is-free",
    "Reading costs nothing, and nobody else's spending is charged to an account.",
    tier="0",
    kind="account",
    needs=NEEDS,
    census=3,
)
def bil_12(view: View, tally: Tally) -> None:
    """Readings with nothing or only reads between them."""
    compare(view, tally, lambda i: i.exact and not {e.kind for e in i.events} - {"read"})


@contract(
    "BIL-13",
    "same-request-same-price",
    "The same request costs the same every time.",
    kind="account",
    needs=("balance",),
    census=1,
    about=lambda p: p.have("cost") == "yes" or p.have("prices") != "yes",
)
def bil_13(view: View, tally: Tally) -> None:
    """Costs the replies name, by request and, where marked, by price group."""
    seen: dict[str, tuple[Submission, int]] = {}
    keep = view.books  # the books learn what unpriced jobs cost
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
    "Amounts are written as the vendor documents them.",
    source="smartlyq OpenAPI, 2026-08-05; leonardo OpenAPI, 2026-05-21",
    tier="0",
    kind="reply",
    census=3,
)
def bil_14(view: View, tally: Tally) -> None:
    """Text with four decimals, whole numbers: `money.written` in the profile, per name."""
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
    "What an estimate names is what the job then costs.",
    source="leonardo plan-with-the-pricing-calculator",
    kind="sequence",
    needs=("estimate",),
    census=1,
)
def bil_15(view: View, tally: Tally) -> None:
    """The driver marks which estimate belongs to which sample."""
    estimates = {
        c.intent["estimate"]: c for c in view.doing("estimate") if c.ok and "estimate" in c.intent
    }
    for made in fresh(view):
        call = estimates.get(made.call.intent.get("sample", ""))
        if call is not None and made.cost is not None:
            told = call.units("cost")
            tally.check(told == made.cost, f"{told}", made.cost, call, made.call)


@contract(
    "BIL-16",
    "rich-enough",
    "A job that the balance covers is not refused for want of money.",
    tier="2",
    kind="account",
    needs=NEEDS,
    census=1,
)
def bil_16(view: View, tally: Tally) -> None:
    """The last reading, still true, was at least the known price."""
    known: dict[bytes, int] = {}
    keep = view.books
    for made in view.submissions if keep is not None else []:
        balance = reading_before(view, made.call)
        price = next((p for p in (made.price, made.cost, made.learned) if p is not None), None)
        price = known.get(made.call.x.request.body) if price is None else price
        if price is not None:
            known[made.call.x.request.body] = price
        if balance is None or price is None or balance < price or made.kind != "fresh":
            continue
        tally.check(not made.call.poor, "no refusal for money", body_start(made.call), made.call)
