"""Scenarios: named changes of how jobs usually go, as data.

A scenario bends the vendor's usual pace and weighs the endings; the timeline is drawn from it. Its
rules direct single jobs or inject faults. It knows no vendor's words and never looks at a job
twice.
"""

from __future__ import annotations

from dataclasses import dataclass

from bodydouble.core.errors import Cause
from bodydouble.core.reasons import Reason
from bodydouble.core.scenarios.endings import Ending
from bodydouble.core.scenarios.faults import Fault, Kind, Point
from bodydouble.core.scenarios.matching import SUBMIT, Match
from bodydouble.core.scenarios.rules import Rule


@dataclass(frozen=True, slots=True)
class Pace:
    """How long a vendor usually takes: seconds to wait, to run, and per second of output."""

    wait_s: float
    run_s: float
    run_per_output_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Scenario:
    """How jobs go while this is in force. ``failures`` weighs reasons; the rest succeeds.

    ``failure_rate`` lies in [0, 1]; ``stuck`` jobs run and never end; factors stretch the pace;
    ``jitter`` spreads both spans by that share to either side.
    """

    name: str
    about: str
    wait_factor: float = 1.0
    run_factor: float = 1.0
    jitter: float = 0.2
    failure_rate: float = 0.0
    failures: tuple[tuple[Reason, int], ...] = ((Reason.PROVIDER_ERROR, 1),)
    stuck: bool = False
    ending: Ending | None = None
    rules: tuple[Rule, ...] = ()
    digest: str = ""

    @property
    def id(self) -> str:
        """What its compiled rules are remembered under: its name, or the digest of its content."""
        return self.digest or self.name

    @property
    def has_faults(self) -> bool:
        """Whether it injects faults, so that requests must be held against its rules."""
        return any(rule.fault is not None for rule in self.rules)


@dataclass(frozen=True, slots=True)
class Script:
    """A scenario made for one sandbox, kept beside it under its digest."""

    id: str
    scenario: Scenario
    group: str = ""
    order: int = 0


NORMAL = Scenario("normal", "jobs wait and run at the vendor's usual pace and succeed")

SCENARIOS: dict[str, Scenario] = {
    scenario.name: scenario
    for scenario in (
        NORMAL,
        Scenario("fast", "jobs finish in a tenth of the usual time", 0.1, 0.1),
        Scenario("slow", "jobs take ten times the usual time", 10.0, 10.0, 0.5),
        Scenario(
            "flaky",
            "every third job fails at the provider, for one reason or another",
            failure_rate=1 / 3,
            failures=((Reason.PROVIDER_ERROR, 3), (Reason.TIMEOUT, 1)),
        ),
        Scenario("failed", "every job is accepted and then fails", failure_rate=1.0),
        Scenario(
            "moderated",
            "every job is accepted and then stopped by moderation",
            failure_rate=1.0,
            failures=((Reason.MODERATED, 1),),
        ),
        Scenario("stuck", "jobs start and never end by themselves", stuck=True),
        Scenario(
            "outage",
            "the vendor answers nothing but that it is down; jobs that run go on",
            rules=(Rule(fault=Fault(Point.ARRIVAL, Kind.STATUS, cause=Cause.UNAVAILABLE)),),
        ),
        Scenario(
            "overloaded",
            "jobs take four times as long, and every other submission is told to come back later",
            4.0,
            4.0,
            rules=(
                Rule(
                    match=Match(operation=SUBMIT),
                    probability=0.5,
                    fault=Fault(Point.ARRIVAL, Kind.STATUS, cause=Cause.RATE, retry_after_s=2),
                ),
            ),
        ),
        Scenario(
            "expired-media",
            "jobs succeed, and the addresses of their videos have expired already",
            ending=Ending.LINK_EXPIRED,
        ),
    )
}
