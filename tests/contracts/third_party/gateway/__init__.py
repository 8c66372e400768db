"""A small gateway that behaves as stock new-api was observed to: a stranger for the judge.

Written from the observed sheet alone (routes, statuses, envelopes, order of checks, bodies, money),
in words and code of its own, by a hand that has not read the emulator's provider of that wire. It
imports neither the emulator nor the judge. It has no control plane: time passes, passes of its
poller move its tasks, and what it asks for work are stubs of the providers' public interfaces.
Prices are placeholders. It refuses to do what it has no facts for.
"""

from __future__ import annotations

from tests.contracts.third_party.gateway.program import Gateway

app = Gateway({"main": ("alice", 50_000_000), "other": ("bob", 50_000_000), "empty": ("carol", 0)})
__all__ = ["Gateway", "app"]
