"""What a run has seen: how often each operation was asked, answered, throttled or never answered,
which places its replies filled, and which states of jobs were shown. It refuses to judge.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from bodydouble_contracts.history.pointers import MISSING
from bodydouble_contracts.reading.calls import Call
from bodydouble_contracts.reading.view import View
from bodydouble_contracts.vendors.profile import find, present

ON_PURPOSE = ("limited", "plain")
"""Roles whose keys are there to be refused for too many requests."""
GONE = (("refused for too many requests", "throttled"), ("never answered", "lost"))


@dataclass(slots=True)
class OperationSeen:
    """One operation: requests, successes, refusals for too many requests, replies that never came,
    the last status that was no success, and how often each of its places was filled."""

    asked: int = 0
    ok: int = 0
    throttled: int = 0
    lost: int = 0
    status: int = 0
    places: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class Seen:
    """All operations by what they do, the roles that asked, and the states that jobs were in."""

    by_does: dict[str, OperationSeen] = field(default_factory=dict)
    roles: set[str] = field(default_factory=set)
    words: set[str] = field(default_factory=set)

    def add(self, view: View) -> None:
        """Count one history; what a fault of the judge's own order spoilt is not counted."""
        faulted = any(step.action == "fault" for _, step in view.controls)
        for call in view.calls:
            meant = call.role in ON_PURPOSE or (faulted and call.lost)
            if call.op is not None and not meant:
                self._count(call, self.by_does.setdefault(call.does, OperationSeen()))
            self.roles.add(call.role)
        for looks in view.sightings.values():
            self.words |= {str(s.word) for s in looks if s.word and s.via != "submit"}

    def _count(self, call: Call, one: OperationSeen) -> None:
        one.asked += 1
        one.lost += call.lost
        one.throttled += call.throttled
        one.ok += call.ok
        if not call.ok and not call.lost and not call.throttled and call.account:
            one.status = call.status
        if not call.ok or call.op is None:
            return
        for name, places in call.op.at.items():
            one.places[name] = one.places.get(name, 0) + present(find(places, call.doc))
        found = call.at("items") if call.op.item else MISSING
        rows = found if isinstance(found, list) else []
        for name, places in call.op.item.items():
            shown = any(present(find(places, row)) for row in rows)
            one.places[name] = one.places.get(name, 0) + shown

    def gone(self) -> list[str]:
        """Return what was throttled, and what was never answered, each in a sentence."""
        out = []
        for told, name in (
            ("refused for too many requests", "throttled"),
            ("never answered", "lost"),
        ):
            some = [(n, getattr(o, name), o.asked) for n, o in self.by_does.items()]
            parts = [f"{count} of {asked} of {does}" for does, count, asked in some if count]
            out += [f"{told}: {', '.join(parts)}"] if parts else []
        return out
