"""A report that somebody handed in, as it came: kept in the store, and never read here."""

from __future__ import annotations

from bodydouble.core.records import record


@record
class HandedIn:
    """``body`` is the document's JSON."""

    id: str
    body: bytes
    group: str = ""
    order: int = 0
