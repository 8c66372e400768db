"""The life of a job as a table: which event leads from which state to which.

Everything that moves a job goes through `step`; the diagram in the docs is drawn from the same
table by `diagram`, so it cannot lie. This file does not know when or why an event happens.
"""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    """Where a job stands. Vendors have other words for these five."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"


class Event(StrEnum):
    """What can happen to a job."""

    START = "start"
    SUCCEED = "succeed"
    FAIL = "fail"
    CANCEL = "cancel"


TRANSITIONS: dict[tuple[State, Event], State] = {
    (State.QUEUED, Event.START): State.RUNNING,
    (State.QUEUED, Event.FAIL): State.FAILED,
    (State.QUEUED, Event.CANCEL): State.CANCELED,
    (State.RUNNING, Event.SUCCEED): State.SUCCEEDED,
    (State.RUNNING, Event.FAIL): State.FAILED,
    (State.RUNNING, Event.CANCEL): State.CANCELED,
}

FINAL: frozenset[State] = frozenset(set(State) - {state for state, _ in TRANSITIONS})


def step(state: State, event: Event) -> State | None:
    """The state after ``event``, or None where the table has no such transition."""
    return TRANSITIONS.get((state, event))


def diagram() -> str:
    """The table as a Mermaid state diagram."""
    lines = ["stateDiagram-v2", "    [*] --> queued"]
    lines += [f"    {a} --> {b}: {event}" for (a, event), b in TRANSITIONS.items()]
    lines += [f"    {state} --> [*]" for state in State if state in FINAL]
    return "\n".join(lines)
