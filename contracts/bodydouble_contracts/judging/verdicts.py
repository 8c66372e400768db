"""What became of a contract in one run: the verdict over many histories, with its evidence.

Held always carries its count, and a contract that was never exercised is vacuous, never held.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from bodydouble_contracts.contracts.findings import Breach
from bodydouble_contracts.history.exchanges import History

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
