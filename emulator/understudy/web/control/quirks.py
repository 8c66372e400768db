"""Quirks as a client turns them: known by name, and of a value that a vendor can live with.

A value that crashed the vendor later would be a 500 that no vendor sends, so it is refused here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from understudy.core.money import Currency
from understudy.core.provider import Provider, Quirk
from understudy.web.control.problems import Wrong

NUMBER_MAX = 10**9


def bad_quirks(providers: Mapping[str, Provider], given: Mapping[str, Any]) -> list[Wrong]:
    """What is wrong with the quirks given, by full name."""
    if not given:
        return []
    known = {
        quirk.name: (quirk, provider.currency)
        for provider in providers.values()
        for quirk in provider.quirks
    }
    problems = {
        name: _problem(*known[name], value)
        if name in known
        else "there is no such quirk: see GET /providers"
        for name, value in given.items()
    }
    return [Wrong(f"quirks.{name}", problem) for name, problem in problems.items() if problem]


def _problem(quirk: Quirk, money: Currency, value: Any) -> str:
    if quirk.choices:
        # By repr, because 1 is not True; and choices may be of several types.
        known = [repr(choice) for choice in quirk.choices]
        return "" if repr(value) in known else f"is one of {', '.join(known)}"
    if type(value) is not type(quirk.default):
        return f"is a value of type {type(quirk.default).__name__}"
    if isinstance(value, int | float) and not 0 <= value <= NUMBER_MAX:
        return f"is a number from 0 to {NUMBER_MAX}"
    # A text that no list bounds is an amount where its default is one.
    if isinstance(value, str) and _is_amount(quirk.default, money) > _is_amount(value, money):
        return f"is an amount, written as {quirk.default}"
    return ""


def _is_amount(text: str, money: Currency) -> bool:
    try:
        return money.parse(text) >= 0
    except ValueError:
        return False
