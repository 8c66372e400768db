"""JOB: the life of one job, as everybody who looks at it must see it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace

from bodydouble_contracts.contracts.contract import contract
from bodydouble_contracts.contracts.findings import Tally
from bodydouble_contracts.contracts.idempotency import steady
from bodydouble_contracts.contracts.replies import told
from bodydouble_contracts.history.instants import instant_us
from bodydouble_contracts.history.pointers import MISSING
from bodydouble_contracts.reading.calls import Call, texts_in
from bodydouble_contracts.reading.links import unsigned
from bodydouble_contracts.reading.sightings import Sighting
from bodydouble_contracts.reading.view import View
from bodydouble_contracts.vendors.profile import FINAL, RANK, Profile


def lasting(look: Sighting) -> Sighting:
    """Return a look without the signatures of links that every look shows anew."""
    return replace(look, shown=unsigned(look.call.profile, look.places, look.shown))


def steps(view: View) -> Iterator[tuple[Sighting, Sighting]]:
    """Yield consecutive looks of the owner at the same job that did not overlap."""
    for looks in view.sightings.values():
        for before, after in itertools.pairwise(looks):
            if before.call is not after.call and after.call.x.began > before.call.x.ended:
                yield before, after


@contract("JOB-01", "only-forward")
def job_01(view: View, tally: Tally) -> None:
    """A job's state only ever moves forward.

    Queued, running, final; a step may be skipped, none may be taken back.
    """
    for before, after in steps(view):
        if before.word and after.word and not before.final:
            fine = RANK[after.word] >= RANK[before.word]
            tally.check(fine, f"{before.word} or later", after.word, before.call, after.call)


@contract("JOB-02", "final-is-frozen", source="each vendor's poll page")
def job_02(view: View, tally: Tally) -> None:
    """A final job never changes again, in no part of its view.

    State by every road; the whole view from read to read.
    """
    last: dict[str, Sighting] = {}
    for name, looks in view.sightings.items():
        for look in looks:
            before = last.get(name)
            if before is None:
                if look.final:
                    last[name] = look
                continue
            same = look.word == before.word
            fine = tally.check(same, str(before.word), look.word, before.call, look.call)
            if fine and before.via == look.via == "read":
                gone = (*before.gone, *look.gone)
                a, b = (steady(view.profile, lasting(s).shown, gone) for s in (before, look))
                tally.check(a == b, f"{a}", f"{b}", before.call, look.call)
            if look.via == "read":
                last[name] = look


@contract("JOB-03", "accepted-is-findable")
def job_03(view: View, tally: Tally) -> None:
    """An accepted job can be read at once, and from then on.

    Until it is removed, or for as long as the vendor keeps it; reads by the owner only. A job that
    is there under another pointer than the documented one is found; its shape is RES-03's affair.
    """
    owner = {s.job: (s.account, s.call.index) for s in reversed(view.submissions) if s.accepted}
    for call in view.doing("read", of="job"):
        name = call.params.get("job", "")
        whose, since = owner.get(name, ("", 0))
        if not whose or whose != call.account or since > call.index or "faulted" in call.intent:
            continue
        if call.op is not None and not call.op.serves(name):
            continue  # the road of another family
        made_us = view.history.steps[since].at_us  # type: ignore[union-attr]  # it is an exchange
        kept_s = call.op.kept_s if call.op else 0
        if kept_s and call.x.at_us - made_us >= kept_s * 1_000_000:
            continue  # it may have ended as it was made
        if name in view.removals and view.removals[name].index < call.index:
            continue
        role = view.profile.roles.get(call.role)
        unable = role is not None and (
            role.dead or (role.scopes and call.op and call.op.scope not in role.scopes)
        )
        if not unable and not call.lost and not call.throttled:
            shown = call.at("id")
            found = name in texts_in(call.doc) if shown is MISSING else str(shown) == name
            fine = call.ok and found
            tally.check(fine, f"the job {name}", told(call), since, call)


@contract("JOB-04", "list-and-detail-agree", needs=("list",), census=3)
def job_04(view: View, tally: Tally) -> None:
    """The list shows of a job what the job itself shows.

    Looks at the same instant with no cancel or removal between; final jobs at any time.
    """
    touched = [c.index for c in view.doing("cancel", "remove")]
    names = ("state", "result", "error", "created", "updated", "view")
    for looks in view.sightings.values():
        for a, b in neighbours(looks, "read", "list"):
            frozen = a.final and b.final
            first, last = sorted((a.call.index, b.call.index))
            stirred = any(first < index < last for index in touched)
            if not frozen and (stirred or not view.still(first, last)):
                continue
            for name in names:
                if name in a.places and name in b.places:
                    left, right = lasting(a).get(name), lasting(b).get(name)
                    tally.check(left == right, f"{name} {left}", right, a.call, b.call)


def neighbours(looks: list[Sighting], a: str, b: str) -> Iterator[tuple[Sighting, Sighting]]:
    """Yield consecutive looks by two different roads."""
    for before, after in itertools.pairwise(looks):
        if {before.via, after.via} == {a, b}:
            yield before, after


@contract("JOB-06", "reading-changes-nothing")
def job_06(view: View, tally: Tally) -> None:
    """Reading a job twice at one instant shows the same.

    Consecutive reads with no cancel or removal between.
    """
    touched = [c.index for c in view.doing("cancel", "remove")]
    for before, after in steps(view):
        if before.via != "read" or after.via != "read":
            continue
        a, b = before.call.index, after.call.index
        if view.still(a, b) and not any(a < t < b for t in touched):
            left, right = (steady(view.profile, lasting(s).shown) for s in (before, after))
            tally.check(left == right, f"{left}", f"{right}", before.call, after.call)


@contract("JOB-09", "every-job-ends", tier="3", census=1)
def job_09(view: View, tally: Tally) -> None:
    """Every job ends within the longest time the vendor names.

    Jobs the driver waited for with patience, marked as such.
    """
    for index, mark in view.marks:
        if mark.name == "patient":
            job = str(mark.data["job"])
            looks = [s for s in view.sightings.get(job, []) if s.call.index < index]
            if not looks or not (looks[-1].final or view.still(looks[-1].call.index, index)):
                continue  # nobody got to look at it after the wait, or nobody waited long enough
            word = looks[-1].word
            tally.check(word in FINAL, "an end", word, *[s.call for s in looks[-1:]])


@contract("JOB-10", "times-in-order", level="SHOULD", needs=("job_times",), census=3)
def job_10(view: View, tally: Tally) -> None:
    """The times a job shows never go back, and updated is never before created.

    Created stays what it was; updated only grows.
    """
    for looks in view.sightings.values():
        seen: dict[str, tuple[int, Sighting]] = {}
        for look in looks:
            now = {n: instant_us(look.get(n)) for n in ("created", "updated") if n in look.places}
            made, changed = now.get("created"), now.get("updated")
            if made is not None and changed is not None:
                tally.check(changed >= made, "updated after created", changed - made, look.call)
            for name, value in now.items():
                if value is None:
                    continue
                before = seen.get(name)
                if before:
                    fine = value == before[0] if name == "created" else value >= before[0]
                    tally.check(fine, f"{name} {before[0]}", value, before[1].call, look.call)
                seen[name] = (value, look)


@contract("JOB-11", "ids-unique", census=3)
def job_11(view: View, tally: Tally) -> None:
    """No two jobs share an id.

    Fresh submissions of all accounts.
    """
    seen: dict[str, Call] = {}
    for made in view.submissions:
        if made.accepted and made.kind == "fresh" and made.job:
            twin = seen.setdefault(made.job, made.call)
            tally.check(twin is made.call, "an id of its own", made.job, twin, made.call)


@contract("JOB-12", "known-words", source="each vendor's poll page")
def job_12(view: View, tally: Tally) -> None:
    """Every state shown is one of the vendor's documented words.

    Submissions, reads, lists and cancels alike.
    """
    for looks in view.sightings.values():
        for look in looks:
            if "state" in look.places:
                words = list(view.profile.states)
                tally.check(look.word, f"one of {words}", look.raw, look.call)


def listed_words(profile: Profile) -> list[str]:
    """Return every word for a state that the vendor is known to show."""
    return [w for w in profile.states if w not in profile.unseen]


@contract(
    "JOB-27",
    "every-word-shown",
    source="each vendor's poll page",
    tier="E",
    kind="account",
    expects=listed_words,
)
def job_27(view: View, tally: Tally) -> None:
    """Every word that the vendor documents for a state is shown at some time.

    Of jobs and what they make; a word that no run ever shows may be no word of the vendor's.
    """
    for resource in {o.of for o in view.profile.operations.values() if o.does == "read"}:
        looks = view.sightings if resource == "job" else view.sightings_of(resource)
        for look in itertools.chain.from_iterable(looks.values()):
            if str(look.raw) in view.profile.states:
                tally.check(True, "a documented word", look.raw, look.call)
                tally.met.add(str(look.raw))


@contract(
    "JOB-13",
    "accepted-is-queued",
    source="each vendor's create page",
    needs=("submit_state",),
    census=3,
)
def job_13(view: View, tally: Tally) -> None:
    """A job starts in the state that the vendor documents for a new one.

    Fresh submissions whose reply names a state.
    """
    for made in view.submissions:
        if made.accepted and made.kind == "fresh" and made.call.op and "state" in made.call.op.at:
            raw = made.call.at("state")
            wanted = view.profile.section("submitted").get("states", [])
            fine = raw in wanted if wanted else view.profile.word(raw) == "queued"
            tally.check(fine, f"{wanted or 'queued'}", raw, made.call)
