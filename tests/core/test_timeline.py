"""A job's future is drawn once, from seed and serial, and the scenario bends it."""

from collections import Counter

import pytest

from bodydouble.core.chance import Draw
from bodydouble.core.lifecycle import Event
from bodydouble.core.reasons import Reason
from bodydouble.core.scenarios.directives import Directive
from bodydouble.core.scenarios.endings import Ending
from bodydouble.core.scenarios.scenario import NORMAL, SCENARIOS, Pace, Scenario
from bodydouble.core.timeline import Timeline, directed, draw_timeline


def drawn(scenario: Scenario = NORMAL, serial: int = 1, **more: float) -> Timeline:
    speed, pace = more.get("speed", 1.0), Pace(1, 3, more.get("per_output_s", 0.0))
    draw = Draw(7, "timeline", "smartlyq", serial)
    return draw_timeline(draw, scenario, pace, output_ms=10_000, speed=speed)


def test_a_timeline_is_what_it_always_was() -> None:
    assert drawn() == Timeline(833_641, 3_269_027, Event.SUCCEED)
    assert drawn(SCENARIOS["slow"]) == Timeline(5_841_025, 36_725_695, Event.SUCCEED)


def test_the_scenario_decides_the_ending_and_not_the_draws_before_it() -> None:
    normal, stuck = drawn(), drawn(SCENARIOS["stuck"])
    assert (stuck.wait_us, stuck.run_us) == (normal.wait_us, normal.run_us)
    assert stuck.outcome is None
    moderated = drawn(SCENARIOS["moderated"])
    assert (moderated.outcome, moderated.reason) == (Event.FAIL, Reason.MODERATED)


def test_speed_divides_both_spans_and_nothing_else() -> None:
    usual, fast = drawn(), drawn(speed=100.0)
    assert fast.wait_us == usual.wait_us // 100
    assert fast.run_us == usual.run_us // 100
    assert fast.outcome == usual.outcome


def test_longer_videos_take_longer_where_the_vendor_is_like_that() -> None:
    assert drawn(per_output_s=1.0).run_us > 4 * drawn().run_us


@pytest.mark.parametrize("serial", range(50))
def test_spans_stay_within_their_spread(serial: int) -> None:
    timeline = drawn(serial=serial)
    assert 800_000 <= timeline.wait_us <= 1_200_000
    assert 2_400_000 <= timeline.run_us <= 3_600_000


def test_every_third_job_of_a_flaky_vendor_fails_three_to_one_at_the_provider() -> None:
    endings = Counter(drawn(SCENARIOS["flaky"], serial).reason for serial in range(3000))
    assert 1850 < endings[None] < 2150
    assert 2 < endings[Reason.PROVIDER_ERROR] / endings[Reason.TIMEOUT] < 4


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_failure_has_a_reason_and_nothing_else_has(name: str) -> None:
    for serial in range(20):
        timeline = drawn(SCENARIOS[name], serial)
        assert (timeline.reason is not None) == (timeline.outcome is Event.FAIL)


USUAL = Timeline(10, 30, Event.SUCCEED)


@pytest.mark.parametrize(
    ("directive", "expected"),
    [
        (Directive(), USUAL),
        (Directive(wait_us=1, run_us=2), Timeline(1, 2, Event.SUCCEED)),
        (Directive(after_us=25), Timeline(10, 15, Event.SUCCEED)),
        (Directive(after_us=4), Timeline(4, 0, Event.SUCCEED)),
        (Directive(stuck=True), Timeline(10, 30, None)),
        (
            Directive(outcome=Event.FAIL, reason=Reason.TIMEOUT),
            Timeline(10, 30, Event.FAIL, Reason.TIMEOUT),
        ),
        (
            Directive(ending=Ending.NO_URL),
            Timeline(10, 30, Event.SUCCEED, None, Ending.NO_URL),
        ),
    ],
)
def test_a_directive_stands_in_the_place_of_what_was_drawn(
    directive: Directive, expected: Timeline
) -> None:
    assert directed(USUAL, directive) == expected


def test_a_direction_to_succeed_leaves_no_reason_behind() -> None:
    failing = Timeline(10, 30, Event.FAIL, Reason.MODERATED)
    assert directed(failing, Directive(outcome=Event.SUCCEED)).reason is None
