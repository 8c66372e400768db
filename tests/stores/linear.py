"""Is there an order in which a history of overlapping calls makes sense? Wing and Gong's search.

A call may have happened at any moment between its beginning and its end. The search takes one that
nothing which is left had ended before, asks a model whether its answer fits, and goes on; states
seen with the same calls left are not looked at twice. Beside it the model of a wallet with keys of
idempotency. It knows no HTTP and no store.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TypeVar

S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class Called:
    """One call: what was asked for, what came back, and its place among all beginnings and ends.

    ``verb`` is order, cancel, pay or look; ``about`` a key, a job or an amount.
    """

    verb: str
    about: str
    status: int
    job: str
    amount: Decimal
    began: int
    ended: int


def in_order(
    history: Sequence[Called], start: S, fits: Callable[[S, Called], S | None]
) -> list[Called]:
    """An order in which every call fits; empty where there is none."""
    calls = sorted(history, key=lambda one: one.began)
    seen: set[tuple[int, S]] = set()

    def search(left: int, state: S) -> list[Called] | None:
        if not left:
            return []
        if (left, state) in seen:
            return None
        seen.add((left, state))
        open_calls = [n for n in range(len(calls)) if left >> n & 1]
        first_end = min(calls[n].ended for n in open_calls)
        for n in open_calls:
            if calls[n].began > first_end:
                break  # something else had ended before it began
            after = fits(state, calls[n])
            rest = None if after is None else search(left & ~(1 << n), after)
            if rest is not None:
                return [calls[n], *rest]
        return None

    return search((1 << len(calls)) - 1, start) or []


@dataclass(frozen=True, slots=True)
class Wallet:
    """A balance, what each key was answered with, and the jobs that can be canceled."""

    price: Decimal
    balance: Decimal
    known: frozenset[tuple[str, str, Decimal]] = frozenset()
    made: frozenset[str] = frozenset()
    live: frozenset[str] = frozenset()


def fits(wallet: Wallet, call: Called) -> Wallet | None:
    """The wallet after a call, if its answer is what this wallet gives."""
    if call.verb == "order":
        return _ordered(wallet, call)
    if call.verb == "cancel":
        live = call.about in wallet.live
        if call.status == 409:
            return None if live else wallet
        if call.status != 200 or not live:
            return None
        balance = wallet.balance + wallet.price
        return replace(wallet, balance=balance, live=wallet.live - {call.about})
    if call.verb == "pay" and call.status == 201:
        wallet = replace(wallet, balance=wallet.balance + Decimal(call.about))
    elif call.status != 200:
        return None
    return wallet if call.amount == wallet.balance else None


def _ordered(wallet: Wallet, call: Called) -> Wallet | None:
    before = [one for one in wallet.known if one[0] == call.about]
    if before and call.about:
        answer = (call.about, call.job, call.amount)
        return wallet if call.status == 202 and answer in wallet.known else None
    if call.status == 402:
        return None if wallet.balance >= wallet.price else wallet
    balance = wallet.balance - wallet.price
    if call.status != 202 or balance < 0 or call.job in wallet.made or call.amount != balance:
        return None
    known = wallet.known | {(call.about, call.job, call.amount)} if call.about else wallet.known
    return replace(
        wallet,
        balance=balance,
        known=known,
        made=wallet.made | {call.job},
        live=wallet.live | {call.job},
    )
