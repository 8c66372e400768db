"""A job's whole future, drawn once at acceptance from (seed, serial); nothing later re-rolls it.

The draw knows the scenario in force and the vendor's pace, and nothing of the job's content.
When a concurrency slot is missing the job waits longer than drawn, but its drawn spans stay.
"""

from __future__ import annotations

from dataclasses import dataclass

from understudy.core.chance import Draw
from understudy.core.clock import SECOND_US
from understudy.core.lifecycle import Event
from understudy.core.scenarios import Pace, Reason, Scenario


@dataclass(frozen=True, slots=True)
class Timeline:
    """``wait_us`` until the job may start, ``run_us`` from start to ``ending``; None: never ends."""

    wait_us: int
    run_us: int
    ending: Event | None
    reason: Reason | None = None


def draw_timeline(
    draw: Draw, scenario: Scenario, pace: Pace, *, output_ms: int, speed: float = 1.0
) -> Timeline:
    """The future of one job that makes ``output_ms`` of video; ``speed`` divides both spans."""
    spread = scenario.jitter
    wait_s = pace.wait_s * scenario.wait_factor * (1 + spread * (2 * draw.uniform() - 1))
    usual_s = pace.run_s + pace.run_per_output_s * output_ms / 1000
    run_s = usual_s * scenario.run_factor * (1 + spread * (2 * draw.uniform() - 1))
    wait_us = int(wait_s * SECOND_US / speed)
    run_us = int(run_s * SECOND_US / speed)
    luck = draw.uniform()
    if scenario.stuck:
        return Timeline(wait_us, run_us, None)
    if luck < scenario.failure_rate:
        return Timeline(wait_us, run_us, Event.FAIL, _weighed(draw, scenario.failures))
    return Timeline(wait_us, run_us, Event.SUCCEED)


def _weighed(draw: Draw, choices: tuple[tuple[Reason, int], ...]) -> Reason:
    pick = draw.between(1, sum(weight for _, weight in choices))
    for reason, weight in choices:
        pick -= weight
        if pick <= 0:
            return reason
    raise AssertionError("weights are positive")
