"""What a sandbox would have cost, vendor by vendor in the vendor's own money.

Amounts are `Decimal`s; the units of two vendors are never added up.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeAlias

from bodydouble.providers import names

_AMOUNT = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9})?")

# One amount for every vendor, or one by vendor's name.
Limit: TypeAlias = str | int | float | Mapping[str, str | int | float]


@dataclass(frozen=True, slots=True)
class Bill:
    """One vendor's part: charged, what of it came back, and for how many charges."""

    provider: str
    currency: str
    charged: Decimal
    refunded: Decimal
    charges: int

    @property
    def net(self) -> Decimal:
        """What the real vendor would have kept."""
        return self.charged - self.refunded

    def __add__(self, other: Bill) -> Bill:
        return Bill(
            self.provider,
            self.currency,
            self.charged + other.charged,
            self.refunded + other.refunded,
            self.charges + other.charges,
        )

    def __sub__(self, other: Bill) -> Bill:
        return Bill(
            self.provider,
            self.currency,
            self.charged - other.charged,
            self.refunded - other.refunded,
            self.charges - other.charges,
        )


def bad_limit(most: Limit) -> str:
    """What is wrong with a limit, "" if nothing: one that is never reached would prove nothing."""
    if isinstance(most, Mapping):
        for name in most:
            if name not in names():
                return f"no provider is called {name!r}: there are {', '.join(names())}"
    for amount in most.values() if isinstance(most, Mapping) else (most,):
        if isinstance(amount, bool) or not _AMOUNT.fullmatch(str(amount)):
            return f"{amount!r} is no amount: write it as 1.00"
    return ""


class Spend(dict[str, Bill]):
    """Bills by vendor: ``bodydouble.spend[NAME].net``; a vendor never used is absent."""

    def net(self, vendor: str) -> Decimal:
        """What one vendor would have kept; 0 where it was never used."""
        bill = self.get(vendor)
        return bill.net if bill is not None else Decimal(0)

    def assert_at_most(self, most: Limit) -> None:
        """That no vendor would have kept more: one amount for each of them, or one by vendor.

        ValueError for what is no amount.
        """
        __tracebackhide__ = True
        over = self.over(most)
        if over:
            raise AssertionError("\n".join(over))

    def over(self, most: Limit) -> list[str]:
        """A sentence for every vendor that would have kept more. ValueError as `assert_at_most`."""
        wrong = bad_limit(most)
        if wrong:
            raise ValueError(wrong)
        lines = []
        for name, bill in self.items():
            limit = most.get(name) if isinstance(most, Mapping) else most
            if limit is not None and bill.net > Decimal(str(limit)):
                lines.append(
                    f"{name} would have kept {bill.net} {bill.currency} for {bill.charges} "
                    f"charges, and at most {limit} was to be spent"
                )
        return lines

    def add(self, bill: Bill) -> None:
        """Puts a bill to those of its vendor."""
        known = self.get(bill.provider)
        self[bill.provider] = known + bill if known is not None else bill

    def since(self, earlier: Spend) -> Spend:
        """What came on top of ``earlier``; vendors that did nothing since are left out."""
        fresh = Spend()
        for name, bill in self.items():
            more = bill - earlier[name] if name in earlier else bill
            if more.charges or more.refunded:
                fresh[name] = more
        return fresh

    def rows(self) -> list[dict[str, Any]]:
        """As JSON, by vendor."""
        return [
            {
                "provider": bill.provider,
                "currency": bill.currency,
                "charged": str(bill.charged),
                "refunded": str(bill.refunded),
                "net": str(bill.net),
                "charges": bill.charges,
            }
            for _, bill in sorted(self.items())
        ]


def spend_of(rows: Iterable[Mapping[str, Any]]) -> Spend:
    """Bills read from their JSON; those of one vendor are added up."""
    spend = Spend()
    for row in rows:
        spend.add(
            Bill(
                row["provider"],
                row["currency"],
                Decimal(row["charged"]),
                Decimal(row["refunded"]),
                row["charges"],
            )
        )
    return spend
