"""Instants in the many spellings vendors use, as microseconds since 1970.

ISO 8601 with or without zone (UTC is meant), SQL-like, Unix seconds and Unix milliseconds.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

SECONDS_END = 100_000_000_000
"""Numbers above are milliseconds: as seconds they would lie beyond the year 5000."""


def instant_us(value: Any) -> int | None:
    """Return an instant, or None for what is none."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return int(value * (1_000_000 if abs(value) < SECONDS_END else 1_000))
    if isinstance(value, str):
        try:
            read = datetime.fromisoformat(value.strip())
        except ValueError:
            return None
        aware = read if read.tzinfo else read.replace(tzinfo=UTC)
        return int(aware.timestamp() * 1_000_000)
    return None
