"""What a request was decided by, read from what the log kept of it. It decides nothing itself."""

from __future__ import annotations

from enum import StrEnum

from bodydouble.core.errors import Cause
from bodydouble.core.evidence.request_log import Exchange
from bodydouble.core.scenarios.faults import Point


class Decided(StrEnum):
    """What a request met on its way; `ANSWERED` is one that met nothing else."""

    ANSWERED = "answered"
    FAULT = "fault"
    LIMIT = "limit"
    IDEMPOTENCY = "idempotency"
    PRICE = "price"
    REFUSED = "refused"


REPLAYED = "idempotent replay"
_BY_CAUSE: dict[str, Decided] = {
    **dict.fromkeys(Cause, Decided.REFUSED),
    Cause.RATE: Decided.LIMIT,
    Cause.QUEUE_FULL: Decided.LIMIT,
    Cause.IDEMPOTENCY: Decided.IDEMPOTENCY,
    Cause.FUNDS: Decided.PRICE,
    Cause.SPENDING_LIMIT: Decided.PRICE,
    REPLAYED: Decided.IDEMPOTENCY,
}
_INJECTED = tuple(f" at {point}" for point in Point)


def is_injected(note: str) -> bool:
    """Whether a note is of an injected fault: ``fault f1: status at arrival``, or a rule's."""
    return note.startswith(("fault ", "rule ")) and note.endswith(_INJECTED)


def decided_by(one: Exchange) -> list[Decided]:
    """All that the request met, in the order of its notes; never empty."""
    return decided(one.notes, one.status)


def decided(notes: tuple[str, ...], status: int) -> list[Decided]:
    """What a request's notes and its status tell of it; never empty."""
    found = [Decided.FAULT for note in notes if is_injected(note)]
    found += [_BY_CAUSE[note] for note in notes if note in _BY_CAUSE]
    if not found and status >= 400:
        found.append(Decided.REFUSED)
    return list(dict.fromkeys(found)) or [Decided.ANSWERED]
