"""Mutants that are known to live: sabotage that nothing in the catalogue convicts yet.

The gates leave them out of every share, and fail as soon as one of them is caught and still
stands here. Which live at one vendor alone, its profile says under `living`.
"""

from __future__ import annotations

from bodydouble_contracts.vendors.profile import Profile

EXPECTED_TO_LIVE: frozenset[str] = frozenset()


def lives(id: str, profile: Profile) -> bool:
    """Whether a mutant of a vendor is expected to live."""
    return id in EXPECTED_TO_LIVE or id in profile.extra.get("living", ())
