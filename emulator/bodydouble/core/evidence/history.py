"""What the lint reads: a sandbox's requests, jobs and deliveries, and what a client could know.

It reads the request log as the client saw it: what was lost, what was stale, what showed an end.
What is good or bad about it is for `lint` to judge.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bodydouble.core.evidence.request_log import Exchange
from bodydouble.core.jobs import Job
from bodydouble.core.provider import Operation, Provider
from bodydouble.core.webhooks import Delivery

# What a client cannot have read to its end, as the request log notes it.
_LOST = ("reset at", "hang at", "truncated at", "wrong-length at", "garbage at")

Polls = Mapping[tuple[str, str, str, str], Sequence[Exchange]]


@dataclass(frozen=True, slots=True)
class ClientHistory:
    """One sandbox's history. Exchanges are oldest first, jobs go by id.

    ``issued`` is False in a sandbox that a key nobody issued has opened; ``quirks`` go by provider.
    """

    exchanges: Sequence[Exchange]
    providers: Mapping[str, Provider]
    jobs: Mapping[str, Job] = field(default_factory=dict)
    deliveries: Sequence[Delivery] = ()
    quirks: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    issued: bool = True
    frozen: bool = False

    def operation(self, one: Exchange) -> Operation | None:
        """What was called."""
        known = self.providers[one.provider].operations
        return next((operation for operation in known if operation.name == one.operation), None)


def polls(history: ClientHistory) -> Polls:
    """Reads of one job through one operation by one key, oldest first."""
    found: dict[tuple[str, str, str, str], list[Exchange]] = {}
    for one in history.exchanges:
        if one.method == "GET" and one.job:
            slot = (one.provider, one.key, one.operation, one.job)
            found.setdefault(slot, []).append(one)
    return found


def lost(one: Exchange) -> bool:
    """Whether the client cannot know what became of this request."""
    struck = any(kind in note for note in one.notes for kind in _LOST)
    return struck or one.status == 0 or one.status >= 500


def answered(one: Exchange) -> bool:
    """Whether the client got an answer, whole and up to date."""
    stale = any("stale at" in note for note in one.notes)
    return 200 <= one.status < 300 and not stale and not lost(one)


def showed_end(one: Exchange, job: Job | None) -> bool:
    """Whether this answer showed that the job is over."""
    # What a job with an ending says of itself is no proof that a client could have understood it.
    if job is None or job.ended_at_us is None or job.timeline.ending is not None:
        return False
    return answered(one) and one.at_us >= job.ended_at_us
