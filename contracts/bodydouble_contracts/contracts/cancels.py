"""JOB: what a cancel and a removal do, say and leave behind."""

from __future__ import annotations

from collections.abc import Iterator

from bodydouble_contracts.contracts.contract import OF_THE_VENDOR, contract
from bodydouble_contracts.contracts.findings import Tally
from bodydouble_contracts.contracts.replies import told, usable
from bodydouble_contracts.reading.calls import Call
from bodydouble_contracts.reading.sightings import Sighting
from bodydouble_contracts.reading.view import View
from bodydouble_contracts.vendors.profile import find


def well_formed(call: Call) -> bool:
    """Whether a request has the body its operation takes: as in the profile, and called JSON."""
    if call.op is None or call.op.body is None:
        return True
    media = call.x.request.header("content-type") or ""
    return isinstance(call.body, dict) and media.startswith("application/json")


def cancels(view: View) -> Iterator[tuple[Call, Sighting]]:
    """Yield owners' cancels of jobs whose state is known, with that state."""
    for call in view.doing("cancel"):
        job = call.params.get("job", "")
        removed = view.removals.get(job, call)
        apart = {"faulted", "used_key", "bare_cancel"} & set(call.intent)
        plain = call.status not in (0, 401, 403, 429) and not apart
        there = removed is call or removed.index > call.index
        if view.owners.get(job) == call.account and plain and there and well_formed(call):
            known = view.known_word(job, call)
            if known is not None:
                yield call, known


@contract(
    "JOB-07",
    "no-cancel-after-end",
    source=OF_THE_VENDOR,
    needs=("cancel",),
    census=1,
    about=lambda p: sum("remove" not in o.also for o in p.doing("cancel")),
)
def job_07(view: View, tally: Tally) -> None:
    """Canceling a job that has ended is a conflict.

    409, or what the profile says; where the operation also removes, it is none.
    """
    wanted = view.profile.refused["cancel.final"]
    for call, known in cancels(view):
        if known.final and call.op and "remove" not in call.op.also:
            tally.check(call.meets(wanted), str(wanted), told(call), known.call, call)


def _ended_before(view: View, call: Call, job: str) -> bool:
    """Whether a job had come to another end by this cancel, which the vendor then answers."""
    if not call.meets(view.profile.refused["cancel.final"]):
        return False
    seen = [look.word for look in view.sightings.get(job, []) if look.call.index <= call.index]
    return "succeeded" in seen or "failed" in seen


@contract(
    "JOB-08",
    "canceled-stays",
    source=OF_THE_VENDOR,
    needs=("cancel",),
    census=1,
)
def job_08(view: View, tally: Tally) -> None:
    """A canceled job never runs on to another end.

    Every later look shows it canceled, or finds it gone where the vendor removes it. Where a cancel
    of what has ended is answered and does nothing, its reply shows the other end.
    """
    for call in view.doing("cancel"):
        job = call.params.get("job", "")
        if not call.ok or view.owners.get(job) != call.account or _ended_before(view, call, job):
            continue
        if view.profile.cancel.removes:
            for later in view.doing("read", of="job"):
                mine = later.index > call.index and later.params.get("job") == job
                if mine and later.account == call.account and usable(later):
                    tally.check(later.absent, "gone", told(later), call, later)
            continue
        for look in view.sightings.get(job, []):
            if look.call.index > call.index:
                tally.check(look.word == "canceled", "canceled", look.word, call, look.call)


@contract(
    "JOB-14",
    "cancel-works",
    source=OF_THE_VENDOR,
    needs=("cancel",),
    census=1,
)
def job_14(view: View, tally: Tally) -> None:
    """An open job can be canceled, and whoever looks next sees it canceled.

    Only where the state before is known for certain; by the reply, or by the look after it. One
    that runs is refused where the profile says that only what waits can be canceled.
    """
    refused = view.profile.refused.get("cancel.running")
    for call, known in cancels(view):
        if known.final:
            continue
        if refused and known.word == "running":
            tally.check(call.meets(refused), str(refused), told(call), known.call, call)
            continue
        if not view.profile.cancel.silent:
            fine = call.ok and view.profile.word(call.at("state")) == "canceled"
            tally.check(fine, "canceled", told(call), known.call, call)
            continue
        silent = call.x.reply is not None and (not call.x.reply.body or call.doc == {})
        tally.check(call.ok and silent, "a success without a body", told(call), known.call, call)
        later = [s for s in view.sightings.get(known.id, []) if s.call.index > call.index]
        if later and view.still(call.index, later[0].call.index):
            word = later[0].word
            tally.check(word == "canceled", "canceled", word, call, later[0].call)


@contract(
    "JOB-18",
    "removed-is-gone",
    needs=("remove",),
    census=1,
)
def job_18(view: View, tally: Tally) -> None:
    """What was removed can no longer be read or listed.

    Canceling a job that has ended is a conflict. A repeated removal finds nothing either.
    """
    for call in view.calls:
        removed = {n: c for n, c in view.removals.items() if c.index < call.index and not c.lost}
        name = next(iter(call.params.values()), "")
        if name in removed and call.does in ("read", "remove", "cancel") and usable(call):
            tally.check(call.absent, "not found", told(call), removed[name], call)
        if removed and call.does == "list" and call.ok and call.op:
            rows = call.at("items") if isinstance(call.at("items"), list) else []
            shown = {str(find(call.op.item.get("id", ()), row)) for row in rows} & set(removed)
            tally.check(not shown, "nothing removed", shown, call)
