"""Sightings: what a successful call shows of resources, one for a read, many for a list."""

from __future__ import annotations

import copy
from dataclasses import dataclass, replace
from typing import Any

from bodydouble_contracts.history.pointers import MISSING, drop, get
from bodydouble_contracts.reading.calls import Call
from bodydouble_contracts.vendors.profile import FINAL, Operation, Word, find

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
    gone: tuple[str, ...] = ()
    """Members that the vendor keeps for a while only, where that while may be over."""

    def get(self, name: str) -> Json:
        """Return what was shown under one of the profile's names, or MISSING."""
        return find(self.places.get(name, ()), self.shown)

    @property
    def final(self) -> bool:
        """Whether the state is one that never changes again."""
        return self.word in FINAL


def faded(looks: list[Sighting]) -> list[Sighting]:
    """Return looks at one resource without what the vendor no longer has to show in late ones.

    It may have ended as it was made, so that is what its age is counted from.
    """
    rule = looks[0].call.profile.section("fading")
    members: tuple[str, ...] = tuple(rule.get("members", ()))
    end_us = looks[0].call.x.at_us + rule.get("after_s", 0) * 1_000_000
    return [fade(one, members) if members and one.call.x.at_us >= end_us else one for one in looks]


def fade(look: Sighting, members: tuple[str, ...]) -> Sighting:
    """Return a look without these members, and without the names of what stands in them."""

    def stays(place: Any) -> bool:
        return not any(place.pointer == m or place.pointer.startswith(f"{m}/") for m in members)

    shown, places = copy.deepcopy(look.shown), {}
    for member in members:
        drop(shown, member)
    for name, found in look.places.items():
        if kept := tuple(place for place in found if stays(place)):
            places[name] = kept
    return replace(look, shown=shown, places=places, gone=members)


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
        # A reply to a cancel that says what became of the job, and not of which: of the path's.
        named = op.does != "cancel" or "id" in places or "state" not in places
        found = find(places.get("id", ()), row) if named else call.params.get("job")
        if found is MISSING or found is None or isinstance(found, dict | list):
            continue
        raw = find(places.get("state", ()), row)
        word = call.profile.word(raw) if raw is not MISSING else None
        out.append(Sighting(str(found), call, op.does, raw, word, row, places))
    return out
