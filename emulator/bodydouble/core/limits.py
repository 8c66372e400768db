"""Rate limits as decisions: a policy looks at a count and decides about one request.

A fixed window is aligned to its first request; a rolling one lets each request count until its own
span is over. Who is limited and how it is printed is the vendor's.
"""

from __future__ import annotations

from dataclasses import field
from functools import lru_cache
from typing import NamedTuple

from bodydouble.core.clock import DAY_US, MINUTE_US, SECOND_US
from bodydouble.core.records import record


@record
class FixedWindow:
    """At most ``limit`` requests per ``span_us`` for each ``subject`` (a key, an account).

    Its count is kept under ``id``. With ``accepted_only`` a request counts once it made a job.
    """

    name: str
    limit: int
    subject: str
    span_us: int = MINUTE_US
    accepted_only: bool = False
    id: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "id", f"{self.name}:{self.subject}")


@record
class RollingWindow:
    """At most ``limit`` requests for each ``subject`` in any ``span_us``, counted by instant.

    Its count is kept under ``id``, with as many instants as the limit allows requests. With
    ``accepted_only`` a request counts once it made a job.
    """

    name: str
    limit: int
    subject: str
    span_us: int = DAY_US
    accepted_only: bool = False
    id: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "id", f"{self.name}:{self.subject}")


Window = FixedWindow | RollingWindow


# Whoever asks again asks under the same limit.
@lru_cache(maxsize=4096)
def window(name: str, limit: int, subject: str) -> FixedWindow:
    """A window of a minute."""
    return FixedWindow(name, limit, subject)


@record
class WindowCount:
    """How much of one window is used. ``instants`` are those that still count in a rolling one."""

    id: str
    start_us: int
    used: int
    group: str = ""
    order: int = 0
    instants: tuple[int, ...] = ()


class Decision(NamedTuple):
    """What one policy decided about one request."""

    policy: str
    allowed: bool
    limit: int
    remaining: int
    reset_at_us: int
    retry_after_s: int


class Usage(NamedTuple):
    """How a window stands: what is used, what is left, and when more will be."""

    used: int
    remaining: int
    reset_at_us: int


def decide(window: Window, count: WindowCount | None, now_us: int) -> tuple[WindowCount, Decision]:
    """Counts one request against ``window``; a refused one is not counted."""
    if type(window) is RollingWindow:
        return _decide_rolling(window, count, now_us)
    if count is None or now_us >= count.start_us + window.span_us:
        count = WindowCount(window.id, now_us, 0)
    reset_us = count.start_us + window.span_us
    if count.used >= window.limit:
        return count, _over(window, reset_us, now_us)
    used = count.used + 1
    after = WindowCount(count.id, count.start_us, used)
    return after, Decision(window.name, True, window.limit, window.limit - used, reset_us, 0)


def refused_by(
    decisions: tuple[Decision, ...], retry_after_s: int, now_us: int
) -> tuple[Decision, ...]:
    """What the limits say beside a refusal for too many requests that is due in ``retry_after_s``.

    Where one of them refused, that; else (it was refused on purpose) as if each of them had.
    """
    if not all(decision.allowed for decision in decisions):
        return decisions
    reset_us = now_us + retry_after_s * SECOND_US
    return tuple(
        [Decision(one.policy, False, one.limit, 0, reset_us, retry_after_s) for one in decisions]
    )


def _decide_rolling(
    window: RollingWindow, count: WindowCount | None, now_us: int
) -> tuple[WindowCount, Decision]:
    instants = _counting(window, count, now_us)
    over = len(instants) - window.limit
    if over >= 0:
        # One place is free again once as many are too old as there are too many.
        frees_us = instants[over] + window.span_us if instants else now_us + window.span_us
        return _rolled(window, instants), _over(window, frees_us, now_us)
    instants = (*instants, now_us)
    left, reset_us = window.limit - len(instants), instants[0] + window.span_us
    return _rolled(window, instants), Decision(window.name, True, window.limit, left, reset_us, 0)


def _counting(window: RollingWindow, count: WindowCount | None, now_us: int) -> tuple[int, ...]:
    if count is None:
        return ()
    too_old_us = now_us - window.span_us
    return tuple([at_us for at_us in count.instants if at_us > too_old_us])


def _rolled(window: RollingWindow, instants: tuple[int, ...]) -> WindowCount:
    return WindowCount(window.id, instants[0] if instants else 0, len(instants), instants=instants)


def _over(window: Window, frees_us: int, now_us: int) -> Decision:
    retry_s = max(1, -(-(frees_us - now_us) // SECOND_US))
    return Decision(window.name, False, window.limit, 0, frees_us, retry_s)


def usage(window: Window, count: WindowCount | None, now_us: int) -> Usage:
    """How ``window`` stands at ``now_us``; looking counts nothing.

    It resets when a fixed window ends, or when the oldest request of a rolling one is too old;
    an unused one resets now.
    """
    if type(window) is RollingWindow:
        instants = _counting(window, count, now_us)
        used, since_us = len(instants), instants[0] if instants else None
    else:
        stale = count is None or now_us >= count.start_us + window.span_us
        used, since_us = (0, None) if count is None or stale else (count.used, count.start_us)
    reset_us = now_us if since_us is None else since_us + window.span_us
    return Usage(used, max(0, window.limit - used), reset_us)
