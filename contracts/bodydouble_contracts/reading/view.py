"""A history read through a profile, with everything contracts ask for computed once.

Calls by what they do, sightings of each job in order, submissions with what their idempotency
key makes of them. It says what happened, never whether that was right.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from bodydouble_contracts.history.exchanges import (
    ClockMove,
    Control,
    Delivery,
    Exchange,
    History,
    Mark,
)
from bodydouble_contracts.history.pointers import MISSING, get
from bodydouble_contracts.reading.balances import Interval, expected_balances
from bodydouble_contracts.reading.calls import Call
from bodydouble_contracts.reading.submissions import Submission, read_submissions
from bodydouble_contracts.vendors.profile import FINAL, Operation, Profile, Word, find

Json = Any


@dataclass(frozen=True, slots=True)
class Sighting:
    """One look at one resource: where it came from, its state, and all that was shown of it."""

    id: str
    call: Call
    via: str
    raw: Json
    word: Word | None
    shown: Json
    places: dict[str, Any]

    def get(self, name: str) -> Json:
        """Return what was shown under one of the profile's names, or MISSING."""
        return find(self.places.get(name, ()), self.shown)

    @property
    def final(self) -> bool:
        """Whether the state is one that never changes again."""
        return self.word in FINAL


class View:
    """One history and its profile; all derived facts are computed lazily and kept."""

    def __init__(self, history: History, profile: Profile) -> None:
        """Take history and profile."""
        self.history = history
        self.profile = profile
        self.calls: list[Call] = [
            Call(step, profile, index)
            for index, step in enumerate(history.steps)
            if isinstance(step, Exchange) and "link" not in step.intent
        ]

    def doing(self, *does: str, of: str | None = None) -> list[Call]:
        """Return the calls that do one of these things, in order."""
        if len(does) == 1 and of is None:
            return self._by_does.get(does[0], [])
        return [
            c for c in self.calls if c.does in does and (of is None or (c.op and c.op.of == of))
        ]

    @cached_property
    def _by_does(self) -> dict[str, list[Call]]:
        out: dict[str, list[Call]] = defaultdict(list)
        for call in self.calls:
            out[call.does].append(call)
        return out

    @cached_property
    def submissions(self) -> list[Submission]:
        """Every submission, with what its idempotency key makes of it."""
        return read_submissions(self.doing("submit"), self.profile)

    @cached_property
    def sightings(self) -> dict[str, list[Sighting]]:
        """All looks at each job, in order."""
        return self.sightings_of("job")

    def sightings_of(self, resource: str) -> dict[str, list[Sighting]]:
        """All looks at each resource of a kind, in order."""
        out: dict[str, list[Sighting]] = defaultdict(list)
        for call in self.calls:
            if call.ok and call.op and call.op.of == resource:
                for sighting in look(call, call.op):
                    # A replayed submission repeats an old reply: it is no look at the job.
                    if sighting.via != "submit" or sighting.id not in out:
                        out[sighting.id].append(sighting)
        return out

    @cached_property
    def balances(self) -> dict[str, list[Interval]]:
        """The judge's own books: what each balance reading should have shown."""
        return expected_balances(self)

    @cached_property
    def fetches(self) -> list[Call]:
        """Links that were opened: requests to the vendor's files, and no calls of its API."""
        return [
            Call(step, self.profile, index)
            for index, step in enumerate(self.history.steps)
            if isinstance(step, Exchange) and "link" in step.intent
        ]

    @cached_property
    def deliveries(self) -> list[tuple[int, Delivery]]:
        """Webhooks that arrived, with their place among the steps."""
        return [(i, s) for i, s in enumerate(self.history.steps) if isinstance(s, Delivery)]

    @cached_property
    def controls(self) -> list[tuple[int, Control]]:
        """ControlPlane used, with their place among the steps."""
        return [(i, s) for i, s in enumerate(self.history.steps) if isinstance(s, Control)]

    @cached_property
    def marks(self) -> list[tuple[int, Mark]]:
        """Remarks of the driver, with their place among the steps."""
        return [(i, s) for i, s in enumerate(self.history.steps) if isinstance(s, Mark)]

    @cached_property
    def _moves(self) -> list[int]:
        """How many disturbances happened up to each step: clock moves and steering."""
        out, count = [], 0
        for step in self.history.steps:
            disturbing = isinstance(step, ClockMove) or (
                isinstance(step, Control) and step.action in ("force", "restore")
            )
            count += disturbing
            out.append(count)
        return out

    def still(self, first: int, last: int) -> bool:
        """Whether time stood still between two steps; never true where the judge has no clock."""
        return self.history.controlled and self._moves[first] == self._moves[last]

    def role_of(self, sighting: Sighting) -> str:
        """The account that looked."""
        return sighting.call.account


def look(call: Call, op: Operation) -> list[Sighting]:
    """Return what one successful call shows of resources: one for a read, many for a list."""
    if op.does == "list":
        items = call.at("items")
        rows = items if isinstance(items, list) else []
        places = op.item
    elif op.does in ("read", "submit", "cancel"):
        rows, places = [call.doc], op.at
    else:
        return []
    out = []
    for row in rows:
        if any(get(row, pointer) != value for pointer, value in op.only.items()):
            continue
        found = find(places.get("id", ()), row)
        if found is MISSING or found is None or isinstance(found, dict | list):
            continue
        raw = find(places.get("state", ()), row)
        word = call.profile.word(raw) if raw is not MISSING else None
        out.append(Sighting(str(found), call, op.does, raw, word, row, places))
    return out
