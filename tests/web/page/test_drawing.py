"""Bars and lines as numbers: what has passed, what is to come, and where now is."""

from __future__ import annotations

from typing import Any

import pytest

from bodydouble.web.page.drawing import axis_of, bar_of, line_of

START = 1_785_000_000_000_000
SECOND = 1_000_000


def instant(seconds: float) -> str:
    from bodydouble.core.clock import iso_ms

    return iso_ms(int(START + seconds * SECOND))


def job(state: str, **changes: Any) -> dict[str, Any]:
    """A job that was accepted at 0, waits 2 seconds and runs 8."""
    drawn = {"wait_us": 2 * SECOND, "run_us": 8 * SECOND, "outcome": "succeed"}
    usual = {"accepted_at": instant(0), "started_at": None, "ended_at": None, "timeline": drawn}
    return {"state": state, **usual, **changes}


@pytest.mark.parametrize(
    ("one", "now_s", "parts"),
    [
        (job("queued"), 0, [("wait future", 0, 20), ("run future", 20, 80)]),
        (job("queued"), 1, [("wait", 0, 10), ("wait future", 10, 10), ("run future", 20, 80)]),
        (
            job("running", started_at=instant(2)),
            5,
            [("wait", 0, 20), ("run", 20, 30), ("run future", 50, 50)],
        ),
        (
            job("succeeded", started_at=instant(2), ended_at=instant(10)),
            10,
            [("wait", 0, 20), ("done", 20, 80)],
        ),
        (job("canceled", ended_at=instant(1)), 10, [("wait", 0, 10)]),
        (job("succeeded", started_at=instant(0), ended_at=instant(0)), 10, [("done", 0, 0.4)]),
    ],
)
def test_a_bar_shows_what_has_passed_and_what_is_still_to_come(
    one: dict[str, Any], now_s: float, parts: list[Any]
) -> None:
    now_us = int(START + now_s * SECOND)
    axis = axis_of([one], now_us)
    assert [(part.kind, part.x, part.width) for part in bar_of(one, axis)] == parts
    assert axis.now == now_s * 10


def test_a_job_that_never_ends_runs_to_the_edge() -> None:
    endless = job(
        "running", started_at=instant(2), timeline={"wait_us": 0, "run_us": 0, "outcome": None}
    )
    axis = axis_of([endless, job("queued")], START + 4 * SECOND)
    assert bar_of(endless, axis)[-1].x + bar_of(endless, axis)[-1].width == 100


def test_a_list_of_nothing_has_an_axis() -> None:
    axis = axis_of([], START)
    assert 0 <= axis.now <= 100


def test_a_balance_is_a_line_of_steps_from_nothing_to_its_highest() -> None:
    entries = [
        {"at": instant(0), "balance_after": "15.0000"},
        {"at": instant(5), "balance_after": "7.5000"},
    ]
    line = line_of(entries, START + 10 * SECOND)
    assert line is not None
    assert line.points == "0.0,2.00 50.0,2.00 50.0,20.00 100.0,20.00"
    assert (line.low, line.high) == ("0", "15.0000")
    assert line_of([], START) is None


def test_a_pause_is_drawn_short_and_says_how_long_it_was() -> None:
    hours = 3600
    at = [0, 10, 20, 20 + 30 * hours, 30 + 30 * hours]
    entries = [{"at": instant(one), "balance_after": str(9 - n)} for n, one in enumerate(at)]
    line = line_of(entries, START + (40 + 30 * hours) * SECOND)
    assert line is not None
    # Four gaps of 10 s, and one of 30 hours that is drawn as long as ten of them.
    assert [point.split(",")[0] for point in line.points.split()[::2]][:4] == [
        *("0.0", "7.14", "14.29", "85.71")
    ]
    assert line.pauses == ((50.0, 30 * hours),)


@pytest.mark.parametrize("at", [[0, 86_400], [0, 0, 5, 9, 20], [0], [0, 1, 2, 3, 20]])
def test_what_is_no_pause_is_drawn_as_long_as_it_was(at: list[int]) -> None:
    entries = [{"at": instant(one), "balance_after": "1"} for one in at]
    line = line_of(entries, START + at[-1] * SECOND)
    assert line is not None
    assert line.pauses == ()
