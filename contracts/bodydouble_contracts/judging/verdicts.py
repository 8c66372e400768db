"""What became of a contract: findings in one history, and the verdict over many.

A finding is a count of occasions and the breaches among them. Held always carries its count, and
a contract that was never exercised is vacuous, never held.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, Protocol

from bodydouble_contracts.history.exchanges import History
from bodydouble_contracts.history.pointers import MISSING

Verdict = Literal[
    "held",
    "broken",
    "excused",
    "stale",
    "vacuous",
    "untestable",
    "inconclusive",
    "not applicable",
    "not run",
    "error",
]
WORST_FIRST: tuple[Verdict, ...] = (
    "error",
    "broken",
    "stale",
    "untestable",
    "vacuous",
    "inconclusive",
    "excused",
    "held",
    "not run",
    "not applicable",
)
MAX_BREACHES = 20
"""Breaches kept per contract and history: evidence, not a flood."""


class Indexed(Protocol):
    """Anything with a place among the history's steps."""

    index: int


@dataclass(frozen=True, slots=True)
class Breach:
    """One occasion on which a contract did not hold: the steps, what was expected and seen."""

    steps: tuple[int, ...]
    expected: str
    seen: str


@dataclass(frozen=True, slots=True)
class Finding:
    """What one contract found in one history."""

    count: int = 0
    breaches: tuple[Breach, ...] = ()


@dataclass(slots=True)
class Tally:
    """Counts occasions while a contract reads a history."""

    count: int = 0
    breaches: list[Breach] = field(default_factory=list)

    def check(self, right: object, expected: str, seen: object, *where: Indexed | int) -> bool:
        """Count one occasion; keep it as a breach if it was not right. Returns whether it was."""
        self.count += 1
        if not right and len(self.breaches) < MAX_BREACHES:
            steps = tuple(sorted({w if isinstance(w, int) else w.index for w in where}))
            shown = "nothing there" if seen is MISSING else str(seen)
            self.breaches.append(Breach(steps, expected, shown[:400]))
        return bool(right)

    @property
    def finding(self) -> Finding:
        """The finding so far."""
        return Finding(self.count, tuple(self.breaches))


@dataclass(frozen=True, slots=True)
class Evidence:
    """A breach and the history it happened in."""

    history: History
    breach: Breach


@dataclass(slots=True)
class Judgement:
    """The verdict on one contract for one vendor in one run."""

    contract: str
    provider: str
    verdict: Verdict = "not run"
    count: int = 0
    reason: str = ""
    evidence: list[Evidence] = field(default_factory=list)

    def failing(self, level: str, strict: bool = False) -> bool:
        """Whether this verdict fails the run for a contract of a level."""
        if self.verdict in ("error", "broken", "stale", "untestable"):
            return level == "MUST" or strict or self.verdict in ("error", "stale")
        return self.verdict == "vacuous" and (level == "MUST" or strict)
