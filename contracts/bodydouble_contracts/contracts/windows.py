"""LIM: what limit, reset and Retry-After say of one another."""

from __future__ import annotations

from bodydouble_contracts.contracts.contract import contract
from bodydouble_contracts.contracts.findings import Tally
from bodydouble_contracts.contracts.limits import SOURCE, limited, number, pairs, resets
from bodydouble_contracts.history.numerals import whole
from bodydouble_contracts.reading.calls import Call
from bodydouble_contracts.reading.view import View


def window_end(call: Call) -> float | None:
    """Return when the window of a reply ends, in Unix seconds, however the vendor spells it."""
    reset = number(call, "reset")
    if reset is None:
        return None
    instant = call.profile.section("limits").get("reset_means") == "instant"
    return float(reset) if instant else call.x.at_us / 1e6 + reset


@contract(
    "LIM-11",
    "reset-stays",
    level="SHOULD",
    source=SOURCE,
    tier="0",
    kind="account",
    needs=("limit_headers",),
    about=resets,
)
def lim_11(view: View, tally: Tally) -> None:
    """While a window lasts, its end stays where it was.

    Two requests of one key, the second before the end that the first was told; to the second.
    """
    for before, after in pairs(view):
        a, b = window_end(before), window_end(after)
        if a is not None and b is not None and after.x.at_us / 1e6 < a - 1:
            slack = 1 + view.took_s(before) + view.took_s(after)
            tally.check(abs(a - b) <= slack, f"an end at {a:.0f}", f"{b:.0f}", before, after)


@contract(
    "LIM-12",
    "retry-after-is-reset",
    level="SHOULD",
    source=SOURCE,
    tier="3",
    kind="reply",
    needs=("limit_headers", "retry_after"),
    census=1,
    about=resets,
)
def lim_12(view: View, tally: Tally) -> None:
    """Retry-After leads to the reset that the same refusal names.

    To the second, either way.
    """
    for call in limited(view):
        wait, end = whole(call.header("retry-after")), window_end(call)
        if call.throttled and wait is not None and end is not None:
            off = call.x.at_us / 1e6 + wait - end
            tally.check(abs(off) <= 1.0 + view.took_s(call), "the reset", f"{off:+.0f} s off", call)
