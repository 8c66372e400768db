"""LIM: jobs that run at once, and how one more waits for a slot."""

from __future__ import annotations

from bodydouble_contracts.contracts.contract import OF_THE_VENDOR, contract
from bodydouble_contracts.contracts.findings import Tally
from bodydouble_contracts.contracts.replies import told, usable
from bodydouble_contracts.reading.sightings import Sighting
from bodydouble_contracts.reading.view import View


@contract(
    "LIM-13",
    "waits-for-a-slot",
    source=OF_THE_VENDOR,
    tier="E",
    kind="account",
    about=lambda p: int(p.slots is not None),
    census=3,
    expects=lambda p: ("a full house", "a slot set free") if p.slots else (),
)
def lim_13(view: View, tally: Tally) -> None:
    """A job beyond those that run at once is accepted, and waits for a slot under its own word.

    At instants at which the driver has looked at every job of a group, none of them removed and
    no submission's reply lost.
    """
    slots = view.profile.slots
    if any(made.call.lost for made in view.submissions):
        return  # a job that nobody saw may hold a slot
    for made in view.submissions:
        if slots and "slot" in made.call.intent and usable(made.call) and not made.call.poor:
            tally.check(made.accepted, "accepted, to wait", told(made.call), made.call)
    for index, mark in view.marks:
        if slots is None or mark.name != "slots":
            continue
        looks = [last_look(view, str(job), index) for job in mark.data["jobs"]]
        fresh = [s for s in looks if s and s.word and view.still(s.call.index, index)]
        if len(fresh) < len(looks):
            continue
        open_ = [s for s in fresh if not s.final]
        waiting = [s for s in open_ if str(s.raw) == slots.word]
        taken = len(open_) - len(waiting)
        wanted = min(slots.count, len(open_))
        words = [str(s.raw) for s in open_]
        tally.check(taken == wanted, f"{wanted} in a slot", words, *[s.call for s in open_])
        if waiting:
            tally.met.add("a full house")
        elif len(fresh) > slots.count:
            tally.met.add("a slot set free")


def last_look(view: View, job: str, before: int) -> Sighting | None:
    """Return the last look at a job before a step."""
    looks = [s for s in view.sightings.get(job, []) if s.call.index < before]
    return looks[-1] if looks else None
