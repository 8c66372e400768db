"""JOB: how jobs end, what they leave behind, and what lists and twins make of them."""

from __future__ import annotations

from bodydouble_contracts.contracts.contract import contract
from bodydouble_contracts.contracts.findings import Tally
from bodydouble_contracts.contracts.jobs import lasting
from bodydouble_contracts.contracts.replies import told, usable
from bodydouble_contracts.history.pointers import MISSING
from bodydouble_contracts.reading.calls import Call
from bodydouble_contracts.reading.links import shown_links
from bodydouble_contracts.reading.sightings import Sighting
from bodydouble_contracts.reading.sightings import look as shown_by
from bodydouble_contracts.reading.view import View
from bodydouble_contracts.vendors.profile import present


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


@contract(
    "JOB-28",
    "fails-for-its-reason",
    source="each vendor's page on failures",
    tier="3",
    census=1,
    about=lambda p: len(p.failing),
    expects=lambda p: [f.name for f in p.failing],
)
def job_28(view: View, tally: Tally) -> None:
    """What the vendor says makes a job fail does so, for the reason it names.

    Once the job has ended; a body that was refused never made one.
    """
    known = {f.name: f for f in view.profile.failing}
    for made in view.submissions:
        entry = known.get(made.call.intent.get("failing", ""))
        if entry is None or made.call.poor or not usable(made.call):
            continue
        tally.check(made.accepted, "accepted", told(made.call), made.call)
        looks = [s for s in view.sightings.get(made.job or "", []) if s.final]
        for look in looks[:1]:
            tally.met.add(entry.name)
            reason = look.get("reason") if "reason" in look.places else entry.reason
            fine = look.word == "failed" and str(reason).startswith(entry.reason)
            wanted = f"failed with a reason that begins {entry.reason!r}"
            tally.check(fine, wanted, (look.word, reason), made.call, look.call)


@contract("JOB-15", "no-ghosts", tier="E", kind="account", needs=("list",), census=3)
def job_15(view: View, tally: Tally) -> None:
    """No list shows a job that nobody submitted, and none that was accepted is missing.

    Only in sessions the judge has to itself, and while no reply was lost; what was removed, or is
    older than the vendor keeps, may be missing.
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
            kept_us = call.op.kept_s * 1_000_000
            old = [s for s in view.submissions if s.accepted and s.account == call.account]
            old = [s for s in old if kept_us and call.x.at_us - s.call.x.at_us >= kept_us]
            gone = len(view.removals) + len(old)
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
                    mine, its = lasting(look).get("result"), lasting(other).get("result")
                    same = other.word == look.word and its == mine
                    seen = (other.word, its)
                    tally.check(same, f"{look.word} {mine}", seen, look.call, other.call)


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


@contract("JOB-20", "result-is-a-link", census=1, about=shown_links)
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
