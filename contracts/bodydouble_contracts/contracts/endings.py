"""JOB: how jobs end, what they leave behind, and what lists and twins make of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bodydouble_contracts.contracts.contract import OF_THE_VENDOR, contract
from bodydouble_contracts.contracts.findings import Tally
from bodydouble_contracts.contracts.replies import told
from bodydouble_contracts.history.pointers import MISSING
from bodydouble_contracts.reading.calls import Call
from bodydouble_contracts.reading.sightings import Sighting
from bodydouble_contracts.reading.sightings import look as shown_by
from bodydouble_contracts.reading.view import View
from bodydouble_contracts.vendors.profile import find, present


@contract("JOB-05", "ending-fits-state", source="each vendor's poll page")
def job_05(view: View, tally: Tally) -> None:
    """A succeeded job has a result, a failed one an error, any other neither.

    Only for the parts the vendor's view has a place for; of jobs and of what they make.
    """
    videos = view.sightings_of("video")
    for looks in [*view.sightings.values(), *videos.values()]:
        for look in looks:
            if look.via == "submit" or look.word is None:
                continue
            for name, word in (("result", "succeeded"), ("error", "failed")):
                if name in look.places:
                    there = present(look.get(name))
                    wanted = look.word == word
                    tally.check(
                        there == wanted,
                        f"{'a' if wanted else 'no'} {name} while {look.word}",
                        look.get(name),
                        look.call,
                    )


def known_word(view: View, job: str, call: Call) -> Sighting | None:
    """Return the last look before a call if it still holds: final, or at the same instant."""
    before = [s for s in view.sightings.get(job, []) if s.call.index < call.index and s.word]
    if not before:
        return None
    last = before[-1]
    return last if last.final or view.still(last.call.index, call.index) else None


def well_formed(call: Call) -> bool:
    """Whether a request has the body its operation takes: as in the profile, and called JSON."""
    if call.op is None or call.op.body is None:
        return True
    media = call.x.request.header("content-type") or ""
    return isinstance(call.body, dict) and media.startswith("application/json")


def cancels(view: View) -> Iterator[tuple[Call, Sighting]]:
    """Yield owners' cancels of jobs whose state is known, with that state."""
    owner = {s.job: s.account for s in view.submissions if s.accepted}
    for call in view.doing("cancel"):
        job = call.params.get("job", "")
        apart = {"faulted", "used_key", "bare_cancel"} & set(call.intent)
        plain = call.status not in (0, 401, 403, 429) and not apart
        if owner.get(job) == call.account and plain and well_formed(call):
            known = known_word(view, job, call)
            if known is not None:
                yield call, known


@contract("JOB-07", "no-cancel-after-end", source=OF_THE_VENDOR, needs=("cancel",), census=1)
def job_07(view: View, tally: Tally) -> None:
    """Canceling a job that has ended is a conflict.

    409, or what the profile says.
    """
    wanted = view.profile.refused["cancel.final"]
    for call, known in cancels(view):
        if known.final:
            tally.check(call.meets(wanted), str(wanted), told(call), known.call, call)


@contract("JOB-08", "canceled-stays", source=OF_THE_VENDOR, needs=("cancel",), census=1)
def job_08(view: View, tally: Tally) -> None:
    """A canceled job never runs on to another end.

    Every later look shows it canceled.
    """
    for call in view.doing("cancel"):
        if not call.ok:
            continue
        for look in view.sightings.get(call.params.get("job", ""), []):
            if look.call.index > call.index:
                tally.check(look.word == "canceled", "canceled", look.word, call, look.call)


@contract("JOB-14", "cancel-works", source=OF_THE_VENDOR, needs=("cancel",), census=1)
def job_14(view: View, tally: Tally) -> None:
    """An open job can be canceled, and the reply shows it canceled.

    Only where the state before is known for certain.
    """
    for call, known in cancels(view):
        if not known.final:
            raw = view.profile.word(call.at("state"))
            fine = call.ok and raw == "canceled"
            tally.check(fine, "canceled", told(call), known.call, call)


@contract("JOB-15", "no-ghosts", tier="E", kind="account", needs=("list",), census=3)
def job_15(view: View, tally: Tally) -> None:
    """No list shows a job that nobody submitted, and none that was accepted is missing.

    Only in sessions the judge has to itself, and while no reply was lost.
    """
    if not view.history.controlled or any(s.call.lost for s in view.submissions):
        return
    for call in view.doing("list"):
        if not call.ok or call.op is None or call.op.of != "job" or not call.account:
            continue
        mine = {
            s.job
            for s in view.submissions
            if s.accepted and s.account == call.account and s.call.x.ended < call.x.began
        }
        shown = {s.id for s in shown_by(call, call.op)}
        tally.check(shown <= mine, "submitted jobs only", shown - mine, call)
        total = call.at("total")
        if isinstance(total, int) and plain_query(call):
            gone = len({next(iter(c.params.values()), "") for c in view.doing("remove") if c.ok})
            tally.check(len(mine) - gone <= total <= len(mine), f"{len(mine)} jobs", total, call)


def plain_query(call: Call) -> bool:
    """Whether a list was asked for whole: by page and size alone."""
    names = {p.partition("=")[0] for p in call.x.request.query.split("&") if p}
    known = {call.op.query.get("page"), call.op.query.get("size")} if call.op else set()
    return names <= known


@contract("JOB-16", "echo", needs=("echo",), census=1)
def job_16(view: View, tally: Tally) -> None:
    """What a job shows of its request is what was asked.

    Places called `echo_prompt` mirror the request's member `prompt`.
    """
    asked = {s.job: s.call.body for s in view.submissions if s.accepted and s.kind == "fresh"}
    for name, looks in view.sightings.items():
        for look in looks:
            if present(look.get("twin")):
                asked.setdefault(str(look.get("twin")), asked.get(name, MISSING))
    for resource in ("job", "video"):
        for name, looks in view.sightings_of(resource).items():
            for look in looks:
                body = asked.get(name)
                if not isinstance(body, dict):
                    continue
                for place in (p for p in look.places if p.startswith("echo_")):
                    member, told = body.get(place[5:], MISSING), look.get(place)
                    if member is not MISSING and told is not MISSING and told is not None:
                        tally.check(told == member, f"{member!r}", repr(told), look.call)


@contract("JOB-17", "twin-agrees", needs=("twin",), census=1)
def job_17(view: View, tally: Tally) -> None:
    """The resource a job leads to shows the same state and the same link.

    A succeeded job names its twin under `twin`; looked at later, the twin agrees.
    """
    twins = view.sightings_of("video")
    for looks in view.sightings.values():
        for look in looks:
            name = look.get("twin")
            if not look.final or not present(name):
                continue
            for other in twins.get(str(name), []):
                if other.call.index > look.call.index:
                    same = other.word == look.word and other.get("result") == look.get("result")
                    told: Any = (other.word, other.get("result"))
                    tally.check(
                        same, f"{look.word} {look.get('result')}", told, look.call, other.call
                    )


@contract("JOB-18", "removed-is-gone", needs=("remove",), census=1)
def job_18(view: View, tally: Tally) -> None:
    """What was removed can no longer be read or listed.

    A repeated removal finds nothing either.
    """
    removed: dict[str, Call] = {}
    for call in view.calls:
        name = next(iter(call.params.values()), "")
        if (
            name in removed
            and call.does in ("read", "remove")
            and call.status not in (0, 401, 403, 429)
        ):
            tally.check(call.absent, "not found", call.line(), removed[name], call)
        if call.does == "list" and call.ok and call.op:
            rows = call.at("items") if isinstance(call.at("items"), list) else []
            shown = {str(find(call.op.item.get("id", ()), row)) for row in rows} & set(removed)
            if removed:
                tally.check(not shown, "nothing removed", shown, call)
        if call.does == "remove" and call.ok and not call.absent:
            removed.setdefault(name, call)


@contract("JOB-19", "progress", level="SHOULD", needs=("progress",), census=1)
def job_19(view: View, tally: Tally) -> None:
    """Progress never falls and reaches its end with the job.

    Numbers from 0 to 100.
    """
    for looks in view.sightings.values():
        before: tuple[float, Sighting] | None = None
        for look in looks:
            value = look.get("progress")
            if isinstance(value, bool) or not isinstance(value, int | float):
                continue
            fine = 0 <= value <= 100 and (before is None or value >= before[0])
            tally.check(fine, f"at least {before[0] if before else 0}", value, look.call)
            if look.word == "succeeded":
                tally.check(value == 100, "100", value, look.call)
            before = (float(value), look)


@contract("JOB-20", "result-is-a-link", census=1)
def job_20(view: View, tally: Tally) -> None:
    """A result is an absolute http or https link.

    The link itself is not followed here.
    """
    for looks in view.sightings.values():
        for look in looks:
            value = look.get("result")
            if look.word == "succeeded" and present(value):
                fine = isinstance(value, str) and value.startswith(("http://", "https://"))
                tally.check(fine and " " not in str(value), "a link", value, look.call)
