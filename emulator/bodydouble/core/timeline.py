"""A job's whole future, drawn once at acceptance from (seed, serial); nothing later re-rolls it.

The draw knows the scenario in force and the vendor's pace, and nothing of the job's content.
When a concurrency slot is missing the job waits longer than drawn, but its drawn spans stay.
"""

from __future__ import annotations

from dataclasses import replace

from bodydouble.core.chance import Draw
from bodydouble.core.clock import SECOND_US
from bodydouble.core.lifecycle import Event
from bodydouble.core.reasons import Reason
from bodydouble.core.records import record
from bodydouble.core.scenarios.directives import Directive
from bodydouble.core.scenarios.endings import Ending
from bodydouble.core.scenarios.scenario import Pace, Scenario


@record
class Timeline:
    """``wait_us`` until the job may start, ``run_us`` from there to ``outcome``; None: never.

    ``detail`` is the vendor's own kind of ``reason``, where one was asked for.
    """

    wait_us: int
    run_us: int
    outcome: Event | None
    reason: Reason | None = None
    ending: Ending | None = None
    detail: str = ""


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
    return Timeline(wait_us, run_us, Event.SUCCEED, ending=scenario.ending)


def directed(timeline: Timeline, directive: Directive) -> Timeline:
    """The timeline with every word of the directive in the place of what was drawn."""
    wait_us = timeline.wait_us if directive.wait_us is None else directive.wait_us
    run_us = timeline.run_us if directive.run_us is None else directive.run_us
    if directive.after_us is not None:
        wait_us = min(wait_us, directive.after_us)
        run_us = directive.after_us - wait_us
    after = replace(timeline, wait_us=wait_us, run_us=run_us)
    if directive.ending is not None:
        # An ending belongs to a job that succeeds: it would never show on one that fails by chance.
        after = replace(after, ending=directive.ending, outcome=Event.SUCCEED, reason=None)
    if directive.stuck:
        return replace(after, outcome=None, reason=None)
    if directive.outcome is not None:
        return replace(
            after, outcome=directive.outcome, reason=directive.reason, detail=directive.detail
        )
    return after


def doomed(timeline: Timeline, reason: Reason) -> Timeline:
    """The timeline of a job that fails for ``reason``, whatever was drawn for it."""
    return replace(timeline, outcome=Event.FAIL, reason=reason, ending=None, detail="")


def _weighed(draw: Draw, choices: tuple[tuple[Reason, int], ...]) -> Reason:
    pick = draw.between(1, sum(weight for _, weight in choices))
    for reason, weight in choices:
        pick -= weight
        if pick <= 0:
            return reason
    raise AssertionError("weights are positive")
