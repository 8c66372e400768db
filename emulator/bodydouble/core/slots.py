"""Concurrency slots: so many jobs of one group at once, and the queue behind them.

Which group a submission belongs to (the whole account, a model, a plan) is the vendor's, and so is
the instant from which a job needs its slot. Without one a job waits, and knows it; only where the
queue is bounded is a submission refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

SlotUse = tuple[tuple[str, int, int], ...]


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


class Slot(StrEnum):
    """How a job stands to its slot: it needs none, or needs one once it starts, waits, or has it.

    A job that is over needs none.
    """

    NONE = "none"
    LATER = "later"
    AWAITED = "awaited"
    HELD = "held"


def use_of(use: SlotUse, group: str) -> tuple[int, int]:
    """(slots held, jobs without one) of a group, in an account's ``use``."""
    for name, held, without in use:
        if name == group:
            return held, without
    return 0, 0


def used(use: SlotUse, group: str, *, held: int = 0, without: int = 0) -> SlotUse:
    """The use after so many more (or, negative, fewer); a group that nobody uses is left out."""
    held_before, without_before = use_of(use, group)
    now = (group, held_before + held, without_before + without)
    others = [one for one in use if one[0] != group]
    return tuple(sorted([*others, now] if now[1] or now[2] else others))


def moved(use: SlotUse, group: str, before: Slot, after: Slot) -> SlotUse:
    """The use once a job of ``group`` stands to its slot as ``after``."""
    held = (after is Slot.HELD) - (before is Slot.HELD)
    without = (after in _WITHOUT) - (before in _WITHOUT)
    return used(use, group, held=held, without=without) if held or without else use


_WITHOUT = (Slot.LATER, Slot.AWAITED)
