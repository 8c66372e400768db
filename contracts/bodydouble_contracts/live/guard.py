"""The budget guard: it stands in the transport, under every driver, and no request goes round it.

A write that may cost money is reserved at its worst case in a synced journal before it leaves,
settled after, and kept whole where the outcome is unknown. A success where a refusal was expected,
a price above the published one or a job that does not end stops the run.
"""

from __future__ import annotations

from dataclasses import dataclass

from bodydouble_contracts.history.exchanges import Reply, Request
from bodydouble_contracts.live.passage import Passage
from bodydouble_contracts.live.purchase import buy


@dataclass(slots=True)
class Guard(Passage):
    """A passage that buys, within its ceilings."""

    def buy(self, request: Request, role: str) -> Reply:
        """Send a request that may cost money, reserved and settled. Raises Refused or Lost."""
        return buy(self, request, role)
