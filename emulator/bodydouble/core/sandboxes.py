"""The sandbox record: one isolated universe's seed, clock and settings, and its counters.

Everything else that happens in a sandbox hangs on other records; the rules are in `sandbox.py`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from bodydouble.core.clock import Clock
from bodydouble.core.records import record

# How films are made: drawn frame by frame; as one frame that is shown throughout, with size, rate,
# length and sound as ordered; or not at all, since one clip stands for all.
MEDIA = ("full", "tiny", "bundled")
# Copies of a sandbox are kept under its id and this mark; nobody calls them, and they stand still.
APART = "~"


@dataclass(frozen=True, slots=True)
class Sandbox:
    """``balances`` are starting balances in the vendor's money (``"15.0000"``), by account, by
    provider, or for all (``""``); ``quirks`` go by full name.

    ``speed`` divides the waiting and running times drawn into timelines and nothing else.
    ``script`` names the `Script` that stands in for the named scenario; ``faulty`` says that a
    fault or a rule may apply, so that a request in a healthy sandbox never looks for one.
    ``hints`` lets replies say why they are what they are; ``cues`` lets prompts direct their job.
    ``media`` is one of `MEDIA`.
    ``used_real_us`` is when somebody asked something of it, at most one note's distance ago.
    ``began_us`` is what its clock said when it was made; None in one that was kept before this was.
    """

    id: str
    seed: int
    clock: Clock
    created_real_us: int
    speed: float = 1.0
    scenario: str = "normal"
    balances: dict[str, str] = field(default_factory=dict)
    quirks: dict[str, Any] = field(default_factory=dict)
    label: str = ""
    hints: bool = False
    cues: bool = True
    media: str = "full"
    faulty: bool = False
    script: str = ""
    used_real_us: int = 0
    began_us: int | None = None
    group: str = ""
    order: int = 0

    @property
    def start_us(self) -> int:
        """The virtual instant at which it began."""
        return self.created_real_us if self.began_us is None else self.began_us


@record
class Counter:
    """The last serial given out for one purpose; requests never disturb the serials of jobs."""

    id: str
    value: int
    group: str = ""
    order: int = 0


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A sandbox as it was: ``at_us`` virtual, ``taken_real_us`` real. Kept apart from it.

    ``bytes`` is about how many it has.
    """

    id: str
    order: int
    name: str
    at_us: int
    taken_real_us: int
    group: str = ""
    bytes: int = 0
