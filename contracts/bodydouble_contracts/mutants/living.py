"""Mutants that are known to live: sabotage that nothing in the catalogue convicts yet.

The gates leave them out of every share, and fail as soon as one of them is caught and still
stands here. `ID` lives wherever it can be had, `ID vendor` with that vendor alone.
"""

from __future__ import annotations

EXPECTED_TO_LIVE: frozenset[str] = frozenset()


def lives(id: str, provider: str) -> bool:
    """Whether a mutant of a vendor is expected to live."""
    return id in EXPECTED_TO_LIVE or f"{id} {provider}" in EXPECTED_TO_LIVE
