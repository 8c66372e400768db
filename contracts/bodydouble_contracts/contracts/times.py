"""JOB: the instants a job shows, held against the judge's own clock.

Only where the judge moves the clock does it know when something was; a wall clock knows nothing of
a vendor's.
"""

from __future__ import annotations

import itertools

from bodydouble_contracts.contracts.contract import contract
from bodydouble_contracts.contracts.findings import Tally
from bodydouble_contracts.contracts.plain_json import SLACK_US
from bodydouble_contracts.history.instants import instant_us
from bodydouble_contracts.reading.view import View


@contract("JOB-21", "created-when-submitted", tier="E", needs=("job_times",), census=3)
def job_21(view: View, tally: Tally) -> None:
    """A job's time of creation is the time at which it was submitted.

    In UTC, to the second, by the judge's clock.
    """
    if not view.history.controlled:
        return
    asked = {
        s.job: s.call
        for s in view.submissions
        if s.accepted and s.kind == "fresh" and "at_once" not in s.call.intent
    }
    for name, looks in view.sightings.items():
        made = asked.get(name)
        for look in looks if made is not None else []:
            created = instant_us(look.get("created"))
            if made is not None and created is not None:
                off = created - made.x.at_us
                told = f"{off / 1e6:.0f} s off"
                tally.check(abs(off) <= SLACK_US, "when it was submitted", told, made, look.call)


@contract(
    "JOB-22", "updated-when-changed", level="SHOULD", tier="E", needs=("job_updated",), census=3
)
def job_22(view: View, tally: Tally) -> None:
    """A job that changed between two looks was updated between them.

    Not before the first look, never after the last.
    """
    if not view.history.controlled:
        return
    for looks in view.sightings.values():
        for before, after in itertools.pairwise(s for s in looks if s.via != "submit"):
            updated = instant_us(after.get("updated"))
            if updated is None:
                continue
            late = updated - after.call.x.at_us
            tally.check(late <= SLACK_US, "not ahead of now", f"{late / 1e6:.0f} s", after.call)
            if before.word != after.word:
                early = before.call.x.at_us - updated
                told = f"{early / 1e6:.0f} s before the first look"
                tally.check(early <= SLACK_US, "since", told, before.call, after.call)
