"""What one contract finds in one history: a count of occasions, and the breaches among them.

Held always carries its count, so that a contract that was never exercised can be told from one
that held. It knows nothing of runs and verdicts.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from bodydouble_contracts.history.pointers import MISSING

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
    """What one contract found in one history; `met` is what it met of what it expects."""

    count: int = 0
    breaches: tuple[Breach, ...] = ()
    met: frozenset[str] = frozenset()


@dataclass(slots=True)
class Tally:
    """Counts occasions while a contract reads a history."""

    count: int = 0
    breaches: list[Breach] = field(default_factory=list)
    met: set[str] = field(default_factory=set)

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
        return Finding(self.count, tuple(self.breaches), frozenset(self.met))
