"""A fixed window counts what it allows, from its first request to its end."""

import pytest

from bodydouble.core.clock import MINUTE_US, SECOND_US
from bodydouble.core.limits import Decision, FixedWindow, WindowCount, decide

WINDOW = FixedWindow("requests", 3, "key")


def asked(*at_us: int, window: FixedWindow = WINDOW) -> list[Decision]:
    """What is decided about requests at these instants."""
    count: WindowCount | None = None
    decisions = []
    for now_us in at_us:
        count, decision = decide(window, count, now_us)
        decisions.append(decision)
    return decisions


def test_as_many_as_the_limit_are_allowed_and_the_rest_is_not() -> None:
    decisions = asked(0, 1, 2, 3, 4)
    assert [one.allowed for one in decisions] == [True, True, True, False, False]
    assert [one.remaining for one in decisions] == [2, 1, 0, 0, 0]


def test_a_window_opens_with_its_first_request_and_ends_one_span_later() -> None:
    first = 17 * SECOND_US
    end = first + MINUTE_US
    decisions = asked(first, first, first, end - 1, end)
    assert [one.allowed for one in decisions] == [True, True, True, False, True]
    assert [one.reset_at_us for one in decisions] == [end, end, end, end, end + MINUTE_US]


def test_a_refused_request_does_not_count() -> None:
    count, _ = decide(FixedWindow("requests", 1, "key"), None, 0)
    again, decision = decide(FixedWindow("requests", 1, "key"), count, 1)
    assert not decision.allowed
    assert again == count


@pytest.mark.parametrize(
    ("at_us", "retry_after_s"),
    [(0, 60), (1, 60), (SECOND_US, 59), (MINUTE_US - SECOND_US - 1, 2), (MINUTE_US - 1, 1)],
)
def test_whoever_waits_as_long_as_he_is_told_is_let_in(at_us: int, retry_after_s: int) -> None:
    decisions = asked(0, 0, 0, at_us, at_us + retry_after_s * SECOND_US)
    assert decisions[3].retry_after_s == retry_after_s
    assert decisions[4].allowed


def test_subjects_and_policies_are_counted_apart() -> None:
    names = {
        decide(FixedWindow(name, 1, subject), None, 0)[0].id
        for name in ("a", "b")
        for subject in ("x", "y")
    }
    assert len(names) == 4


def test_a_limit_of_nothing_lets_nothing_through() -> None:
    assert not asked(0, window=FixedWindow("requests", 0, "key"))[0].allowed


def test_a_limit_that_was_lowered_counts_at_once_and_never_tells_a_negative_rest() -> None:
    count, _ = decide(FixedWindow("requests", 9, "key"), None, 0)
    count, _ = decide(FixedWindow("requests", 9, "key"), count, 0)
    decision = decide(FixedWindow("requests", 1, "key"), count, 0)[1]
    assert (decision.allowed, decision.remaining) == (False, 0)
