"""Scenarios: named changes of how jobs usually go, as data.

A scenario bends the vendor's usual pace and weighs the endings; the timeline is drawn from it.
It knows no vendor's words and never looks at a job twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Reason(StrEnum):
    """Why a job failed, in neutral words; each provider has its own text for each."""

    PROVIDER_ERROR = "provider_error"
    MODERATED = "moderated"
    TIMEOUT = "timeout"
    BAD_INPUT = "bad_input"


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
        Scenario("stuck", "jobs start and never end", stuck=True),
    )
}
