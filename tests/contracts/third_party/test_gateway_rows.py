"""The stranger that stands for new-api does what was observed of it: one check for each row.

The census says how many rows there are in each section, and that none was left out.
"""

from __future__ import annotations

from collections import Counter

import pytest

from tests.contracts.third_party.gateway_rows import (
    models,
    money,
    orders,
    passes,
    polling,
    refusing,
    sheet,
    surface,
)
from tests.contracts.third_party.gateway_rows.caller import Caller

SECTIONS = (surface, orders, refusing, polling, passes, money, models)
ROWS = {"1": 11, "2": 6, "3": 12, "4": 32, "5": 9, "6": 17, "7": 6, "8": 14, "9": 4, "10": 5}


def title(number: str) -> str:
    return f"{number}: {sheet.SHEET[number]}"


@pytest.mark.parametrize("number", sheet.SHEET, ids=title)
def test_the_stranger_does_what_the_row_says(number: str) -> None:
    sheet.CHECKS[number](Caller())


def test_every_row_of_the_sheet_has_a_check_or_a_reason() -> None:
    assert len(SECTIONS) == 7
    assert set(sheet.CHECKS) | set(sheet.LEFT_OUT) == set(sheet.SHEET)
    assert not set(sheet.CHECKS) & set(sheet.LEFT_OUT)
    assert set(sheet.UNSEEN) <= set(sheet.CHECKS)
    assert Counter(number.partition(".")[0] for number in sheet.SHEET) == ROWS
    assert not sheet.LEFT_OUT, "116 rows, and every one is imitated"
