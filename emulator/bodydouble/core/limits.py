"""Rate limits as decisions: a policy looks at a count and says what it thinks of one request.

A fixed window is aligned to its first request. Concurrency slots never refuse: over them a job
waits; only the queue behind them is bounded. Who is limited and how it is printed is the vendor's.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from bodydouble.core.clock import MINUTE_US, SECOND_US
from bodydouble.core.records import record


@record
class FixedWindow:
    """At most ``limit`` requests per ``span_us`` for each ``subject`` (a key, an account).

    Its count is kept under ``id``.
    """

    name: str
    limit: int
    subject: str
    span_us: int = MINUTE_US
    id: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "id", f"{self.name}:{self.subject}")


# Whoever asks again asks under the same limit.
@lru_cache(maxsize=4096)
def window(name: str, limit: int, subject: str) -> FixedWindow:
    """A window of a minute."""
    return FixedWindow(name, limit, subject)


@dataclass(frozen=True, slots=True)
class Slots:
    """``running`` jobs at once; ``waiting`` more may queue, then submissions are refused."""

    running: int
    waiting: int


@record
class WindowCount:
    """How much of one window is used."""

    id: str
    start_us: int
    used: int
    group: str = ""
    order: int = 0


class Decision(NamedTuple):
    """What one policy said about one request."""

    policy: str
    allowed: bool
    limit: int
    remaining: int
    reset_at_us: int
    retry_after_s: int


def decide(
    window: FixedWindow, count: WindowCount | None, now_us: int
) -> tuple[WindowCount, Decision]:
    """Counts one request against ``window``; a refused one is not counted."""
    if count is None or now_us >= count.start_us + window.span_us:
        count = WindowCount(window.id, now_us, 0)
    reset_us = count.start_us + window.span_us
    if count.used >= window.limit:
        retry_s = max(1, -(-(reset_us - now_us) // SECOND_US))
        return count, Decision(window.name, False, window.limit, 0, reset_us, retry_s)
    used = count.used + 1
    after = WindowCount(count.id, count.start_us, used)
    return after, Decision(window.name, True, window.limit, window.limit - used, reset_us, 0)
