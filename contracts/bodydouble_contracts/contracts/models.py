"""VAL and BIL, on what the vendor offers and says of itself: its models, and what is lacking."""

from __future__ import annotations

from collections import Counter

from bodydouble_contracts.contracts.contract import OF_THE_VENDOR, contract
from bodydouble_contracts.contracts.findings import Tally
from bodydouble_contracts.contracts.plain_json import reported
from bodydouble_contracts.contracts.prices import reading_before
from bodydouble_contracts.history.pointers import MISSING
from bodydouble_contracts.reading.view import View
from bodydouble_contracts.vendors.profile import Profile, find


def listing(profile: Profile) -> bool:
    """Whether the vendor has a list of models whose rows the profile can name."""
    return any(o.does == "models" and o.item for o in profile.operations.values())


@contract(
    "VAL-12",
    "models-listed",
    source="each vendor's models page",
    kind="sequence",
    census=1,
    about=listing,
)
def val_12(view: View, tally: Tally) -> None:
    """Every model that is accepted is listed, and no entry twice.

    Entries are told apart by all that the profile names of them.
    """
    known: set[str] = set()
    last = None
    for call in view.doing("models"):
        rows = call.at("items")
        if not call.ok or call.op is None or not isinstance(rows, list) or not call.op.item:
            continue
        entries = [tuple(str(find(p, row)) for p in call.op.item.values()) for row in rows]
        twice = [e for e, count in Counter(entries).items() if count > 1]
        tally.check(not twice, "every entry once", twice, call)
        known |= {str(find(call.op.item["model"], row)) for row in rows}
        last = call
    for made in view.submissions if last is not None else []:
        body = made.call.body if isinstance(made.call.body, dict) else {}
        model = body.get("model", MISSING)
        if made.accepted and isinstance(model, str) and last is not None:
            tally.check(model in known, f"{model} in the list", "none", last, made.call)


@contract(
    "BIL-17",
    "refusal-tells-the-truth",
    level="SHOULD",
    source=OF_THE_VENDOR,
    tier="1",
    kind="account",
    needs=("balance",),
    census=1,
    about=lambda p: bool(p.section("error").get("balance")),
)
def bil_17(view: View, tally: Tally) -> None:
    """What a refusal for want of money says of balance and price is so.

    Where it says anything; the last reading and the price list are the measure.
    """
    for made in view.submissions:
        if not made.call.poor:
            continue
        seen = {n: view.profile.units(reported(made.call, n)) for n in ("balance", "required")}
        wanted = {"balance": reading_before(view, made.call), "required": made.price}
        for name, units in seen.items():
            right = wanted[name]
            if units is not None and right is not None:
                money = view.profile.amount
                tally.check(units == right, f"{name} {money(right)}", money(units), made.call)
