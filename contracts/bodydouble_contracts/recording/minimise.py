"""Delta debugging over the steps of a trace: the fewest steps that still break one contract.

Every candidate is played in a fresh session; nothing is redrawn. It stops at a number of requests
and then returns the best it has, which always breaks the contract.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from bodydouble_contracts.history.exchanges import Exchange, Step
from bodydouble_contracts.recording.replay import Player, broken_by
from bodydouble_contracts.targets.target import TargetError

Item = TypeVar("Item")


def shrink(player: Player, steps: Sequence[Step], contract: str, most: int) -> list[Step]:
    """Return the fewest steps found that break a contract within a number of requests."""
    limit = player.sent + most

    def breaks(candidate: Sequence[Step]) -> bool:
        cost = sum(isinstance(s, Exchange) for s in candidate)
        if not cost or player.sent + cost > limit:
            return False
        try:
            history = player.play(candidate)
        except (TargetError, KeyError, ValueError):
            return False
        return contract in broken_by(history, player.profile, contract).evidence

    return ddmin(list(steps), breaks)


def ddmin(items: list[Item], breaks: Callable[[Sequence[Item]], bool]) -> list[Item]:
    """Return a part of the items from which no part that was tried can be left out.

    `breaks(items)` is taken for granted. Zeller's ddmin, complements only: traces depend on what
    came before, so a lone chunk hardly ever breaks anything.
    """
    parts = 2
    while len(items) >= 2:
        size = -(-len(items) // parts)
        for start in range(0, len(items), size):
            candidate = items[:start] + items[start + size :]
            if candidate and breaks(candidate):
                items, parts = candidate, max(parts - 1, 2)
                break
        else:
            if size == 1:
                break
            parts = min(len(items), parts * 2)
    return items
