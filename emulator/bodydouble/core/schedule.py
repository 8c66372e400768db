"""What is due and when: rows ordered by (due, serial), the future event list of a simulation.

A row says which job or delivery is meant and what happens to it; it does not know how.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bodydouble.core.records import record


class DueKind(StrEnum):
    """What a schedule row asks for."""

    START = "start"
    END = "end"
    DELIVER = "deliver"
    REFUND = "refund"
    CANCEL = "cancel"


@record
class Due:
    """``order`` is the virtual instant in Unix microseconds; ``id`` the serial, zero padded."""

    id: str
    order: int
    kind: DueKind
    target: str
    group: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A job that may start but found no slot; ``group`` is the account, ``order`` its serial."""

    id: str
    group: str
    order: int


def due(serial: int, at_us: int, kind: DueKind, target: str) -> Due:
    """A row; equal instants happen in the order their serials were given out."""
    return Due(f"{serial:015d}", at_us, kind, target)


def deadline(at_us: int, job: str) -> Due:
    """The row that cancels a job which is not over by then; it goes with the job's own end."""
    return Due(deadline_id(job), at_us, DueKind.CANCEL, job)


def deadline_id(job: str) -> str:
    """The id of a job's deadline: of equal instants it comes last, behind every serial."""
    return f"deadline:{job}"
