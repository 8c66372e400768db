"""A sampled test says at night what it leaves out at a landing; no vendor is left out of all."""

from __future__ import annotations

import pytest

from tests.sampling import drawn

VENDORS = {f"vendor{number}" for number in range(11)}
TESTS = [f"test_{number}" for number in range(20)]

SUITE = """
import pytest
from bodydouble import providers

@pytest.mark.sampled(2)
@pytest.mark.parametrize("size", [1, 2])
@pytest.mark.parametrize("vendor", providers.names())
def test_shared(vendor, size):
    pass

@pytest.mark.parametrize("vendor", providers.names())
def test_own(vendor):
    pass
"""


def test_each_test_keeps_its_vendors_and_every_vendor_has_a_share() -> None:
    draws = {test: drawn(test, VENDORS, 3) for test in TESTS}
    assert all(len(draw) == 3 for draw in draws.values())
    assert draws == {test: drawn(test, VENDORS, 3) for test in TESTS}
    assert set().union(*draws.values()) == VENDORS


def test_one_vendor_more_changes_one_place_at_most() -> None:
    for test in TESTS:
        assert len(drawn(test, VENDORS | {"acme"}, 3) & drawn(test, VENDORS, 3)) >= 2


@pytest.mark.parametrize(
    ("words", "all_of"), [(["-m", "not nightly"], False), (["-m", "not nightly", "-k", "r"], True)]
)
def test_the_rest_is_said_at_night(
    pytester: pytest.Pytester, words: list[str], all_of: bool
) -> None:
    from bodydouble import providers

    vendors = len(providers.names())
    pytester.makeini("[pytest]\nmarkers =\n  sampled(n): x\n  nightly: x\n")
    pytester.makeconftest(
        "from tests.conftest import pytest_collection_modifyitems as pytest_collection_modifyitems"
    )
    pytester.makepyfile(SUITE)
    found = pytester.runpytest("-q", *words)
    here = 2 * (vendors if all_of else 2)
    found.assert_outcomes(passed=here + vendors, deselected=2 * vendors - here)
