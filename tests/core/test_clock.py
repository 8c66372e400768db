"""Virtual time is arithmetic on readings that are passed in."""

import pytest

from bodydouble.core.clock import (
    DAY_US,
    HOUR_US,
    LATEST_US,
    MINUTE_US,
    SECOND_US,
    Clock,
    iso_ms,
    iso_s,
    moment,
    parse_instant,
    parse_span,
)

AT_US = 1_785_058_882_123_456  # 2026-07-26T09:41:22.123456Z


@pytest.mark.parametrize(
    ("rate", "passed_us", "virtual_us"),
    [(0.0, 500, 0), (1.0, 500, 500), (2.5, 500, 1250), (0.1, 5, 0), (1.0, -500, 0)],
)
def test_virtual_time_passes_at_its_rate_and_never_backwards(
    rate: float, passed_us: int, virtual_us: int
) -> None:
    assert Clock(AT_US, 1_000, rate).now(1_000 + passed_us) == AT_US + virtual_us


def test_a_moved_clock_flows_on_from_where_it_was_moved() -> None:
    clock = Clock(0, 0).advanced(MINUTE_US, 10)
    assert clock.now(10) == MINUTE_US + 10
    assert clock.now(15) == MINUTE_US + 15


def test_a_frozen_clock_stands_where_it_was_moved() -> None:
    clock = Clock(0, 0, 0.0).advanced(HOUR_US, 999)
    assert clock.now(10**12) == HOUR_US


def test_a_new_rate_does_not_change_what_time_it_is() -> None:
    clock = Clock(AT_US, 0, 3.0)
    faster = clock.at_rate(1000.0, 7)
    assert faster.now(7) == clock.now(7)
    assert faster.now(8) == clock.now(7) + 1000


@pytest.mark.parametrize("to_us", [AT_US - 1, LATEST_US + 1])
def test_a_clock_moves_neither_back_nor_past_the_year_9999(to_us: int) -> None:
    with pytest.raises(ValueError, match=r"forward|9999"):
        Clock(AT_US, 0, 0.0).moved(to_us, 0)


def test_the_last_instant_can_be_reached_and_printed() -> None:
    clock = Clock(AT_US, 0, 0.0).moved(LATEST_US, 0)
    assert iso_s(clock.now(0)) == "9999-12-31T23:59:59Z"


@pytest.mark.parametrize("rate", [-1.0, 1e7, float("nan"), float("inf")])
def test_a_rate_out_of_bounds_is_refused(rate: float) -> None:
    with pytest.raises(ValueError, match="a rate lies between"):
        Clock(0, 0).at_rate(rate, 0)


def test_instants_are_printed_as_vendors_print_them() -> None:
    assert iso_s(AT_US) == "2026-07-26T09:41:22Z"
    assert iso_ms(AT_US) == "2026-07-26T09:41:22.123Z"
    assert moment(AT_US).microsecond == 123456


@pytest.mark.parametrize(
    ("text", "at_us"),
    [
        ("2026-07-26T09:41:22.123456Z", AT_US),
        ("2026-07-26T11:41:22.123456+02:00", AT_US),
        ("2026-07-26T09:41:22.123456", AT_US),
        ("1970-01-02", DAY_US),
        ("1969-12-31T23:59:59Z", -SECOND_US),
    ],
)
def test_an_instant_is_read_with_or_without_a_zone(text: str, at_us: int) -> None:
    assert parse_instant(text) == at_us


@pytest.mark.parametrize("text", ["", "yesterday", "2026-13-01", "2026-01-01T00:00:00+25:00"])
def test_what_is_no_instant_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_instant(text)


@pytest.mark.parametrize(
    ("text", "span_us"),
    [
        ("500ms", 500_000),
        ("90s", 90 * SECOND_US),
        ("1h30m", 90 * MINUTE_US),
        ("1.5d", 36 * HOUR_US),
    ],
)
def test_a_span_is_read_in_its_units(text: str, span_us: int) -> None:
    assert parse_span(text) == span_us


@pytest.mark.parametrize("text", ["", "5", "s", "-1s", "1 s", "1s!", "1e9s", "1.1234567s"])
def test_what_is_no_span_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no span of time"):
        parse_span(text)
