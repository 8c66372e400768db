"""A window counts what it allows: a fixed one to its end, a rolling one each to its own."""

import random

import pytest

from bodydouble.core.clock import DAY_US, MINUTE_US, SECOND_US
from bodydouble.core.limits import (
    Decision,
    FixedWindow,
    RollingWindow,
    Usage,
    Window,
    WindowCount,
    decide,
    usage,
)

WINDOW = FixedWindow("requests", 3, "key")


def asked(*at_us: int, window: Window = WINDOW) -> list[Decision]:
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


DAILY = RollingWindow("generations", 3, "key")


def test_in_a_rolling_window_each_request_counts_until_its_own_day_is_over() -> None:
    hour = DAY_US // 24
    decisions = asked(0, hour, 2 * hour, DAY_US - 1, DAY_US, DAY_US + hour - 1, window=DAILY)
    assert [one.allowed for one in decisions] == [True, True, True, False, True, False]
    assert [one.remaining for one in decisions] == [2, 1, 0, 0, 0, 0]
    assert [one.reset_at_us for one in decisions] == [DAY_US] * 4 + [DAY_US + hour] * 2


def test_a_rolling_window_lets_in_whoever_waits_as_long_as_he_is_told() -> None:
    refused = asked(0, 5, 9, SECOND_US + 1, window=DAILY)[-1]
    assert refused.retry_after_s == DAY_US // SECOND_US - 1
    at_us = SECOND_US + 1 + refused.retry_after_s * SECOND_US
    assert asked(0, 5, 9, SECOND_US + 1, at_us, window=DAILY)[-1].allowed


def test_a_rolling_window_never_holds_more_than_its_limit_in_any_span() -> None:
    chance = random.Random(1)
    window = RollingWindow("r", 4, "key", MINUTE_US)
    instants = sorted(chance.randrange(10 * MINUTE_US) for _ in range(400))
    decided = zip(instants, asked(*instants, window=window), strict=True)
    allowed = [at_us for at_us, one in decided if one.allowed]
    for end_us in allowed:
        assert sum(end_us - MINUTE_US < at_us <= end_us for at_us in allowed) <= window.limit
    assert len(allowed) > 30, "a window of a minute must open again and again"


def test_a_rolling_window_whose_limit_was_lowered_waits_for_as_many_as_are_too_many() -> None:
    count: WindowCount | None = None
    for at_us in (0, 10, 20):
        count, _ = decide(DAILY, count, at_us)
    lowered = RollingWindow("generations", 2, "key")
    count, refused = decide(lowered, count, 30)
    assert (refused.allowed, refused.reset_at_us) == (False, DAY_US + 10)
    assert not decide(RollingWindow("generations", 0, "key"), None, 30)[1].allowed


@pytest.mark.parametrize("window", [WINDOW, DAILY], ids=["fixed", "rolling"])
def test_how_a_window_stands_can_be_seen_without_counting(window: Window) -> None:
    assert usage(window, None, 7) == Usage(0, 3, 7)
    count, _ = decide(window, None, 10)
    count, decision = decide(window, count, 20)
    assert usage(window, count, 30) == Usage(2, 1, 10 + window.span_us)
    assert usage(window, count, 30) == usage(window, count, 30)
    assert decision.reset_at_us == 10 + window.span_us
    assert usage(window, count, 20 + window.span_us) == Usage(0, 3, 20 + window.span_us)
