"""A history written by hand, exchange by exchange, and what the judge finds broken in it."""

from __future__ import annotations

import json
from typing import Any

from bodydouble_contracts.history.exchanges import Exchange, History, Reply, Request
from bodydouble_contracts.judging.judge import Docket
from bodydouble_contracts.vendors.profile import Profile
from bodydouble_contracts.vendors.reader import load
from bodydouble_contracts.vendors.variants import from_outside

BLUE = from_outside(load("infinityblue"))
SAMPLE = {"sample": "documented"}


class Story:
    """A history of one account and another, told exchange by exchange."""

    def __init__(self, profile: Profile = BLUE, controlled: bool = False) -> None:
        self.profile, self.steps = profile, []  # type: ignore[var-annotated]
        self.controlled = controlled

    def then(
        self,
        method: str,
        target: str,
        status: int,
        doc: Any = None,
        role: str = "main",
        **more: Any,
    ) -> Story:
        heads = {"Content-Type": "application/json", **more.get("headers", {})}
        named = [s.body for s in self.profile.samples if s.name == "documented"]
        asked = dict(named[0]) if named else {}
        body = json.dumps(more.get("body", asked)).encode() if method == "POST" else b""
        reply = Reply(
            status, tuple(heads.items()), b"" if doc is None else json.dumps(doc).encode()
        )
        tick = 2 * len(self.steps)
        request = Request(method, target, role, (("Content-Type", "application/json"),), body)
        made = Exchange(
            request, reply, tick, tick + 1, 1_000_000 * tick, intent=more.get("intent", {})
        )
        self.steps.append(made)
        return self

    def broken(self) -> set[str]:
        docket = Docket(self.profile)
        docket.outside = not self.controlled
        told = tuple(self.steps)
        docket.add(History(self.profile.provider, steps=told, controlled=self.controlled))
        assert not docket.errors
        return set(docket.evidence)
