"""Scripts that need real sockets: webhooks, received in an inbox of the judge's own."""

from __future__ import annotations

from collections.abc import Iterator

from understudy_contracts.history import History
from understudy_contracts.profile import Profile
from understudy_contracts.targets import Target


def play_hosted(target: Target, profile: Profile, seed: int) -> Iterator[History]:
    """Yield the histories of scripts over sockets, where the vendor sends webhooks."""
    yield from ()
