"""State machines."""

from __future__ import annotations

from collections.abc import Iterator

from understudy_contracts.history import History
from understudy_contracts.profile import Profile
from understudy_contracts.targets import Target


def play_machines(
    target: Target, profile: Profile, seed: int, count: int, steps: int
) -> Iterator[History]:
    """Yield the histories of drawn scenarios."""
    yield from ()
