"""Money is integers; only their writing knows of decimals."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bodydouble.core.money.amounts import AMOUNT_MAX, Currency, rounded

USD = Currency("USD", 10_000, 4)
CREDITS = Currency("credits", 1, 0)


@pytest.mark.parametrize(
    ("currency", "amount", "text"),
    [
        (USD, 2800, "0.2800"),
        (USD, 150_000, "15.0000"),
        (USD, 0, "0.0000"),
        (USD, -1, "-0.0001"),
        (CREDITS, 3500, "3500"),
        (Currency("USD", 500_000, 6), 1, "0.000002"),
    ],
)
def test_an_amount_is_written_with_the_vendors_decimals(
    currency: Currency, amount: int, text: str
) -> None:
    assert currency.text(amount) == text


@given(st.integers(-AMOUNT_MAX, AMOUNT_MAX))
def test_what_is_written_is_read_as_the_same_amount(amount: int) -> None:
    assert USD.parse(USD.text(amount)) == amount


@pytest.mark.parametrize(
    "text",
    ["", "a lot", "0.00001", "nan", "snan", "inf", "-inf", "1e400", "1e999999999", "9" * 40, "1,5"],
)
def test_what_a_wallet_cannot_hold_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(ValueError, match=r"no amount|finer|more than"):
        USD.parse(text)


def test_numbers_are_read_as_they_are_written_not_as_floats_hold_them() -> None:
    assert USD.parse(0.1) == 1000
    assert USD.parse(15) == 150_000
    assert USD.parse(Decimal("0.28")) == 2800


@pytest.mark.parametrize(
    ("value", "nearest"), [("0.5", 1), ("1.5", 2), ("2.5", 3), ("2.4999", 2), ("-0.5", -1)]
)
def test_prices_are_rounded_half_up(value: str, nearest: int) -> None:
    assert rounded(Decimal(value)) == nearest
