"""What the second reading says of a claim is what `standing.yaml` says of it since."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from bodydouble.providers import load
from tests.openapi.reading import VENDORS
from tests.openapi.second_reading import OTHERS, POINTS, drawn

PAGE = Path(__file__).parents[2] / "docs" / "second-reading.md"
SECTIONS = ("quirks", "assumptions")
VERDICTS = {"confirmed", "wrong", "wrong source", "not readable here"}
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in PAGE.read_text("utf-8").splitlines()
    if line.startswith("| ") and "`" in line
]


def standing_of(vendor: str, section: str, point: str) -> set[str]:
    """How a claim is known; nothing where it does not stand any more."""
    standing = load(vendor).standing()
    if section in SECTIONS:
        one = getattr(standing, section).get(point)
        return {one.standing.value} if one else set()
    known = standing.wire.get(section, {})
    return {standing.sources[key].standing.value for key in known if point in known[key]}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row[0]} {row[1]}")
def test_every_claim_that_was_read_still_stands_as_the_table_says(row: list[str]) -> None:
    vendor, claim, _, now, _, _, verdict, _ = row
    found = re.fullmatch(r"`(\w+): (.+)`", claim)
    assert found is not None
    assert standing_of(vendor.lower(), found[1], found[2]) == {now}
    assert verdict in VERDICTS


def test_four_points_and_two_others_of_five_vendors_were_read() -> None:
    points = Counter(row[0] for row in ROWS if not row[1].startswith(("`quirks", "`assumptions")))
    others = Counter(row[0] for row in ROWS) - points
    assert len(points) >= 5
    assert set(points.values()) == {POINTS}
    assert set(others.values()) == {OTHERS}


def test_the_counts_below_the_table_are_those_of_its_rows() -> None:
    text = PAGE.read_text("utf-8")
    for verdict, number in Counter(row[6] for row in ROWS).items():
        assert f"{verdict}: {number}" in text


def test_a_draw_is_the_same_each_time_and_takes_as_many_of_each_vendor() -> None:
    first = drawn()
    assert first == drawn()
    assert Counter(one.vendor for one in first) == dict.fromkeys(VENDORS, POINTS + OTHERS)
    assert Counter(bool(one.key) for one in first)[True] == POINTS * len(VENDORS)
