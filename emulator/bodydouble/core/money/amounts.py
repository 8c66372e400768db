"""Money as integers of a vendor's smallest unit; this file only knows how they are written.

No float ever holds an amount. Prices that a rule computes are rounded half up, once.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal

# Larger amounts are no wallet; the bound keeps sums far inside 64 bits in every store.
AMOUNT_MAX = 10**15


@dataclass(frozen=True, slots=True)
class Currency:
    """A vendor's unit: ``scale`` smallest units make one ``name``; printed with ``decimals``."""

    name: str
    scale: int
    decimals: int

    def text(self, amount: int) -> str:
        """``amount`` smallest units as ``"0.2800"``."""
        if self.scale != 10**self.decimals:
            return f"{Decimal(amount) / self.scale:.{self.decimals}f}"
        # One digit per power of ten: no division is needed, and every reply about money has two.
        digits = f"{abs(amount):0{self.decimals + 1}d}"
        sign, split = "-" * (amount < 0), len(digits) - self.decimals
        return f"{sign}{digits[:split]}.{digits[split:]}" if self.decimals else sign + digits

    def parse(self, text: str | int | float | Decimal, *, down: bool = False) -> int:
        """Smallest units of ``"15.0000"``; ValueError if it is no amount the wallet can hold.

        ``down`` drops what is finer than the smallest unit: for an amount that several vendors get.
        """
        try:
            value = Decimal(str(text)) * self.scale
        except ArithmeticError:
            raise ValueError(f"{text!r} is no amount of {self.name}") from None
        if down and value.is_finite():
            value = value.to_integral_value(ROUND_FLOOR)
        if not value.is_finite() or value != value.to_integral_value():
            raise ValueError(f"{text!r} is finer than the smallest unit of {self.name}")
        if abs(value) > AMOUNT_MAX:
            raise ValueError(f"{text!r} is more than a wallet holds")
        return int(value)


def rounded(value: Decimal) -> int:
    """The nearest integer, halves away from zero."""
    return int(value.to_integral_value(ROUND_HALF_UP))
