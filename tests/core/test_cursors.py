"""A cursor leads back to its place, and nothing else is a cursor."""

import pytest

from bodydouble.core.cursors import Place, cursor_of, place_of
from bodydouble.core.errors import Cause, Refused


@pytest.mark.parametrize("before", [False, True])
@pytest.mark.parametrize("order", [0, 1, 255, 256, 10**6, 2**62])
def test_a_cursor_leads_back_to_its_place(order: int, before: bool) -> None:
    place = Place(order, before)
    cursor = cursor_of("p/main", place)
    assert place_of("p/main", cursor) == place
    assert str(order) not in cursor or order < 10


GOOD = cursor_of("p/main", Place(7))


WRONG = (
    *("", "x", "=" * 9, "é" * 9, "A" * 9999, "\0", "job_1"),
    *(GOOD[:-1], GOOD + "A", GOOD + "=", "A" + GOOD, GOOD.swapcase(), GOOD[:-1] + "~"),
    cursor_of("p/other", Place(7)),
)


@pytest.mark.parametrize("wrong", WRONG, ids=lambda text: text[:12])
def test_whatever_was_not_given_is_refused(wrong: str) -> None:
    with pytest.raises(Refused) as refused:
        place_of("p/main", wrong)
    assert refused.value.refusal.cause is Cause.INVALID
    assert "cursor" in refused.value.refusal.data
