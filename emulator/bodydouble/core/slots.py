"""Concurrency slots: so many jobs of one group at once, and the queue behind them.

Which group a submission belongs to (the whole account, a model, a plan) is the vendor's, and so is
the instant from which a job needs its slot. Without one a job waits, and knows it; only where the
queue is bounded is a submission refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

Use = tuple[tuple[str, int, int], ...]


@dataclass(frozen=True, slots=True)
class Slots:
    """``running`` jobs of ``group`` at once; ``waiting`` more may queue (None: as many as come).

    A job takes its slot when it starts, and all that have not started count as waiting; with
    ``from_acceptance`` it takes one as soon as it is accepted, and only those without one wait.
    """

    running: int
    waiting: int | None = None
    group: str = ""
    from_acceptance: bool = False


class SlotHeld(StrEnum):
    """Whether a job has its slot; one that never needs any has `NONE`, as has one that is over."""

    NONE = "none"
    AWAITED = "awaited"
    HELD = "held"


def use_of(use: Use, group: str) -> tuple[int, int]:
    """(slots held, jobs without one) of a group, in an account's ``use``."""
    for name, held, without in use:
        if name == group:
            return held, without
    return 0, 0


def used(use: Use, group: str, *, held: int = 0, without: int = 0) -> Use:
    """The use after so many more (or, negative, fewer); a group that nobody uses is left out."""
    held_before, without_before = use_of(use, group)
    now = (group, held_before + held, without_before + without)
    others = [one for one in use if one[0] != group]
    return tuple(sorted([*others, now] if now[1] or now[2] else others))
