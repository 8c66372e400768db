"""Faults on purpose, at one of four points of a request's way.

    arrival     before anything is judged: a status, a delay, a connection reset
    acceptance  the job is charged and kept, and the reply is lost
    departure   the reply leaves, damaged or late or out of date
    delivery    a webhook is dropped, late, doubled, out of order or badly signed

Every injection is counted; chance is the sandbox's seed alone. What a fault does to the bytes is
for the web server.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from math import cos, exp, log, pi, sqrt

from bodydouble.core.chance import Draw
from bodydouble.core.errors import Cause
from bodydouble.core.scenarios.matching import Match

FAULTS_MAX = 1_000
DELAY_MAX_MS = 60_000


class Point(StrEnum):
    """Where a fault is injected."""

    ARRIVAL = "arrival"
    ACCEPTANCE = "acceptance"
    DEPARTURE = "departure"
    DELIVERY = "delivery"


class Kind(StrEnum):
    """What goes wrong."""

    STATUS = "status"
    LATENCY = "latency"
    RESET = "reset"
    HANG = "hang"
    TRUNCATED = "truncated"
    DRIP = "drip"
    WRONG_LENGTH = "wrong-length"
    GARBAGE = "garbage"
    STALE = "stale"
    DROP = "drop"
    LATE = "late"
    DUPLICATE = "duplicate"
    REORDER = "reorder"
    BAD_SIGNATURE = "bad-signature"


KINDS: dict[Point, tuple[Kind, ...]] = {
    Point.ARRIVAL: (Kind.STATUS, Kind.LATENCY, Kind.RESET, Kind.HANG),
    Point.ACCEPTANCE: (Kind.RESET, Kind.HANG, Kind.STATUS),
    Point.DEPARTURE: (
        Kind.LATENCY,
        Kind.TRUNCATED,
        Kind.DRIP,
        Kind.WRONG_LENGTH,
        Kind.GARBAGE,
        Kind.STALE,
        Kind.RESET,
    ),
    Point.DELIVERY: (Kind.DROP, Kind.LATE, Kind.DUPLICATE, Kind.REORDER, Kind.BAD_SIGNATURE),
}


class Spread(StrEnum):
    """How delays are distributed."""

    FIXED = "fixed"
    UNIFORM = "uniform"
    NORMAL = "normal"
    LOGNORMAL = "lognormal"
    EXPONENTIAL = "exponential"


@dataclass(frozen=True, slots=True)
class Latency:
    """A delay drawn around ``ms``: fixed; uniform within ±``spread`` ms; normal with deviation
    ``spread`` ms; lognormal with median ``ms`` and sigma ``spread``; exponential with that mean.
    """

    ms: float
    distribution: Spread = Spread.FIXED
    spread: float = 0.0

    def draw_us(self, draw: Draw) -> int:
        """One delay in microseconds, between nothing and a minute."""
        value = self.ms
        if self.distribution is Spread.UNIFORM:
            value += self.spread * (2 * draw.uniform() - 1)
        elif self.distribution is Spread.EXPONENTIAL:
            value *= -log(1 - draw.uniform())
        elif self.distribution is not Spread.FIXED:
            normal = sqrt(-2 * log(1 - draw.uniform())) * cos(2 * pi * draw.uniform())
            if self.distribution is Spread.NORMAL:
                value += self.spread * normal
            else:
                value *= exp(min(50.0, self.spread * normal))
        return int(max(0.0, min(value, DELAY_MAX_MS)) * 1000)


@dataclass(frozen=True, slots=True)
class Fault:
    """What a fault or a rule does. ``status`` or ``cause`` for `status`; ``hold_s`` is how long
    a hanging connection is held or a dripping body takes, and how late a delivery is (virtual).

    ``detail`` is a vendor's own kind of ``cause``; one a vendor does not know is passed over.
    """

    point: Point
    kind: Kind
    status: int | None = None
    cause: Cause | None = None
    retry_after_s: int | None = None
    latency: Latency | None = None
    hold_s: float = 5.0
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class ArmedFault:
    """A fault waiting for requests that match. ``times`` None: until it is removed."""

    id: str
    order: int
    fault: Fault
    match: Match = field(default_factory=Match)
    times: int | None = None
    probability: float = 1.0
    injected: int = 0
    group: str = ""

    @property
    def live(self) -> bool:
        """Whether it may be injected again."""
        return self.times is None or self.injected < self.times


def counted(armed: ArmedFault) -> ArmedFault:
    """The fault once it was injected once more."""
    return replace(armed, injected=armed.injected + 1)


@dataclass(frozen=True, slots=True)
class InjectedFault:
    """A fault injected into one request; ``source`` names the armed fault or rule for people."""

    fault: Fault
    source: str


@dataclass(frozen=True, slots=True)
class ReplyFault:
    """What is done to a reply's bytes once it is final: a delay (real time), then ``kind``."""

    delay_us: int = 0
    kind: Kind | None = None
    hold_s: float = 0.0
