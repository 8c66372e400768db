"""Mutants that are known to live: sabotage that nothing in the catalogue convicts yet.

The gates leave them out of every share, and fail as soon as one of them is caught and still
stands here. Which live at one vendor alone, its profile says under `living`.
"""

from __future__ import annotations

from bodydouble_contracts.vendors.profile import Profile

EXPECTED_TO_LIVE = frozenset(
    {
        "A62", "A63", "A66", "A68", "A69", "A70", "A72", "A73", "B60", "B61",
        "C68", "L60", "L61", "L62", "L63", "L64", "L65", "L66", "L73", "L78",
        "L80", "P62", "P66", "P68", "P69", "S60", "S61", "S62", "S63", "S64",
        "S65", "S66", "S67", "S68", "S70", "S72",
    }
)  # fmt: skip


def lives(id: str, profile: Profile) -> bool:
    """Whether a mutant of a vendor is expected to live."""
    return id in EXPECTED_TO_LIVE or id in profile.extra.get("living", ())
