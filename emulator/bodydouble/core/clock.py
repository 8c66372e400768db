"""Virtual time: three numbers and arithmetic.

A clock maps a reading of real time to virtual time: frozen (rate 0), flowing (rate 1), or
flowing faster. It never reads real time itself; whoever holds the wall clock passes the reading in.
All instants are Unix microseconds, all spans microseconds, unless a name says otherwise.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache

SECOND_US = 1_000_000
MINUTE_US = 60 * SECOND_US
HOUR_US = 60 * MINUTE_US
DAY_US = 24 * HOUR_US

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Instants past the year 9999 cannot be printed by any vendor; moving there is refused.
LATEST_US = 253_402_300_799 * SECOND_US
RATE_MAX = 1_000_000.0

SPAN = re.compile(r"(\d{1,9}(?:\.\d{1,6})?)(us|ms|s|m|h|d)")
_UNITS_US = {"us": 1, "ms": 1000, "s": SECOND_US, "m": MINUTE_US, "h": HOUR_US, "d": DAY_US}


@dataclass(frozen=True, slots=True)
class Clock:
    """Virtual time is ``virtual_us`` at real time ``real_us`` and flows at ``rate`` from there."""

    virtual_us: int
    real_us: int
    rate: float = 1.0

    def now(self, real_us: int) -> int:
        """Virtual time at the reading ``real_us``; a real clock that steps back stands still."""
        rate = self.rate
        if rate == 0:
            return self.virtual_us
        passed = real_us - self.real_us
        if passed <= 0:
            return self.virtual_us
        return self.virtual_us + (passed if rate == 1 else int(passed * rate))

    def advanced(self, span_us: int, real_us: int) -> Clock:
        """The clock moved forward by ``span_us``; ValueError if that is backwards or past 9999."""
        return self.moved(self.now(real_us) + span_us, real_us)

    def moved(self, to_us: int, real_us: int) -> Clock:
        """The clock moved forward to ``to_us``; ValueError if that is in the past or past 9999."""
        now_us = self.now(real_us)
        if to_us < now_us:
            raise ValueError(f"time only moves forward: it is {iso_ms(now_us)} already")
        if to_us > LATEST_US:
            raise ValueError("time can be moved as far as the year 9999, not beyond")
        return replace(self, virtual_us=to_us, real_us=real_us)

    def at_rate(self, rate: float, real_us: int) -> Clock:
        """The clock flowing at ``rate`` from now on (0 freezes it)."""
        if not 0 <= rate <= RATE_MAX:
            raise ValueError(f"a rate lies between 0 (frozen) and {RATE_MAX:,.0f}")
        return Clock(self.now(real_us), real_us, rate)


def moment(at_us: int) -> datetime:
    """The instant as an aware UTC datetime."""
    return _EPOCH + timedelta(microseconds=at_us)


def iso_s(at_us: int) -> str:
    """``2026-07-26T09:41:22Z``."""
    return _second(at_us // SECOND_US)


# Replies of one second share their stamps; writing one anew costs more than a whole store access.
@lru_cache(maxsize=4096)
def _second(at_s: int) -> str:
    return (_EPOCH + timedelta(seconds=at_s)).strftime("%Y-%m-%dT%H:%M:%SZ")


def iso_ms(at_us: int) -> str:
    """``2026-07-26T09:41:22.123Z``."""
    return f"{_second(at_us // SECOND_US)[:-1]}.{at_us // 1000 % 1000:03d}Z"


def parse_instant(text: str) -> int:
    """Unix microseconds of an ISO 8601 instant, UTC without a zone. ValueError if unreadable."""
    when = datetime.fromisoformat(text)
    if when.tzinfo is None:
        when = when.replace(tzinfo=UTC)
    return (when - _EPOCH) // timedelta(microseconds=1)


def parse_span(text: str) -> int:
    """Microseconds of ``"90s"``, ``"1.5h"`` or ``"1h30m"``. ValueError if it is no span."""
    parts = SPAN.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        raise ValueError(f"{text!r} is no span of time: write it as 500ms, 90s, 5m, 2h or 1h30m")
    return sum(int(Decimal(number) * _UNITS_US[unit]) for number, unit in parts)
