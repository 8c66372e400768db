"""What a directed scenario is: a script with a name, what it needs, and how far it goes.

Whoever writes one enters it here; `directed` lists and plays them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bodydouble_contracts.drivers.session import Session


@dataclass(frozen=True, slots=True)
class Scenario:
    """One script. `needs` are capabilities; `control` means clock and faults, `role:other` a key
    of that role (also `role:a dead one`, `role:a scoped one`), made or found in the environment,
    `broke:empty` that this role is known to have no money;
    `spec` shapes the sandbox."""

    name: str
    tier: str
    needs: tuple[str, ...]
    play: Callable[[Session], None]
    spec: tuple[tuple[str, Any], ...] = ()


ENTERED: dict[str, Scenario] = {}
"""Every script of the modules imported so far, by name."""


def scenario(
    name: str, tier: str = "2", needs: tuple[str, ...] = (), **spec: Any
) -> Callable[[Callable[[Session], None]], Callable[[Session], None]]:
    """Enter a script under a name."""

    def enter(play: Callable[[Session], None]) -> Callable[[Session], None]:
        ENTERED[name] = Scenario(name, tier, needs, play, tuple(spec.items()))
        return play

    return enter
