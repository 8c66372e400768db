"""What a sandbox may open with: quirks a vendor can live with, and balances its wallet can hold.

One judge for the server's own settings and for what a client asks of the control plane: a value
that crashed the vendor later would be a 500 that no vendor sends. It makes no sandbox.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from bodydouble.core.money.amounts import Currency
from bodydouble.core.provider import Provider, Quirk

NUMBER_MAX = 10**9
AMOUNT = r"^[0-9]{1,9}(\.[0-9]{1,6})?$"

_AMOUNT = re.compile(AMOUNT)


def bad_quirks(providers: Mapping[str, Provider], given: Mapping[str, Any]) -> dict[str, str]:
    """What is wrong with the quirks given, by full name; each text goes on from that name."""
    problems = {name: _quirk_problem(providers, name, value) for name, value in given.items()}
    return {name: problem for name, problem in problems.items() if problem}


def bad_balances(
    providers: Mapping[str, Provider], given: Mapping[str, Any]
) -> list[tuple[str, str]]:
    """(name, what is wrong) of opening balances by provider or account; ``""`` is for all."""
    wrongs = []
    for name, amount in given.items():
        vendor = name.partition("/")[0]
        if name and vendor not in providers:
            there = ", ".join(providers)
            wrongs.append((name, f"no provider is called {vendor!r}: there are {there}"))
        elif not _AMOUNT.fullmatch(str(amount)):
            wrongs.append((name, f"{amount!r} is no amount: write it as 15 or 15.0000"))
        else:
            # For all vendors at once, an amount is what each of their units can hold of it.
            wallets = [providers[one].currency for one in ([vendor] if name else providers)]
            problems = (_amount_problem(wallet, amount, down=not name) for wallet in wallets)
            wrongs += [(name, problem) for problem in problems if problem]
    return wrongs


def _amount_problem(money: Currency, amount: Any, *, down: bool) -> str:
    try:
        money.parse(amount, down=down)
    except ValueError as error:
        return str(error)
    return ""


def _quirk_problem(providers: Mapping[str, Provider], name: str, value: Any) -> str:
    vendor = name.partition(".")[0]
    provider = providers.get(vendor)
    if provider is None:
        return f"is not known, because no provider is called {vendor!r}: {', '.join(providers)}"
    quirk = next((one for one in provider.quirks if one.name == name), None)
    if quirk is None:
        return f"is not known: there are {', '.join(one.name for one in provider.quirks)}"
    return _value_problem(quirk, provider.currency, value)


def _value_problem(quirk: Quirk, money: Currency, value: Any) -> str:
    if quirk.choices:
        # By repr, because 1 is not True; and choices may be of several types.
        if repr(value) in [repr(choice) for choice in quirk.choices]:
            return ""
        return f"is one of {', '.join(map(json.dumps, quirk.choices))}, not {value!r}"
    # A text that no list bounds is an amount where its default is one.
    if isinstance(quirk.default, str) and _is_amount(quirk.default, money):
        good = isinstance(value, str) and _is_amount(value, money)
        return "" if good else f"is an amount, written as {quirk.default}, not {value!r}"
    if type(value) is not type(quirk.default):
        return f"is a value of type {type(quirk.default).__name__}, not {value!r}"
    if isinstance(value, int | float) and not 0 <= value <= NUMBER_MAX:
        return f"is a number from 0 to {NUMBER_MAX}, not {value!r}"
    return ""


def _is_amount(text: str, money: Currency) -> bool:
    try:
        return money.parse(text) >= 0
    except ValueError:
        return False
