"""IDM: a repeated key means the same job, the same reply and one charge."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from typing import Any

from bodydouble_contracts.contracts.contract import OF_THE_VENDOR, contract
from bodydouble_contracts.contracts.findings import Tally
from bodydouble_contracts.contracts.replies import body_start
from bodydouble_contracts.history.pointers import drop
from bodydouble_contracts.reading.calls import Call, amounts
from bodydouble_contracts.reading.submissions import Submission
from bodydouble_contracts.reading.view import View
from bodydouble_contracts.vendors.profile import Profile

SOURCE = OF_THE_VENDOR
NEEDS = ("idempotency",)


def answered(made: Submission) -> bool:
    """Whether the submission got an answer about itself (not throttled, not refused a key)."""
    return made.call.status not in (0, 401, 403, 429) and "faulted" not in made.call.intent


def steady(profile: Profile, doc: Any, gone: Iterable[str] = ()) -> Any:
    """Return a reply without the members that change from reply to reply, and those ``gone``."""
    out = copy.deepcopy(doc)
    for pointer in (*profile.extra.get("volatile", ()), *gone):
        drop(out, pointer)
    return out


@contract("IDM-01", "replay-is-the-reply", source=SOURCE, needs=NEEDS, census=1)
def idm_01(view: View, tally: Tally) -> None:
    """The same key with the same body brings the same reply and no second job.

    Status and body, but for the members listed as volatile.
    """
    for made in view.submissions:
        before = made.original
        if made.kind != "replay" or before is None or not answered(made):
            continue
        if made.call.x.request.body != before.call.x.request.body:
            continue  # another spelling is IDM-03's affair
        same = made.call.status == before.call.status and made.job == before.job
        told = f"{made.call.status} {made.job}"
        if tally.check(same, f"{before.call.status} {before.job}", told, before.call, made.call):
            a, b = (steady(view.profile, c.doc) for c in (before.call, made.call))
            tally.check(a == b, f"{a}", f"{b}", before.call, made.call)


@contract("IDM-02", "other-body-conflicts", source=SOURCE, needs=NEEDS, census=1)
def idm_02(view: View, tally: Tally) -> None:
    """The same key with another body is a conflict.

    409, or what the profile says.
    """
    rule = view.profile.refused["conflict"]
    for made in view.submissions:
        if made.kind == "conflict" and answered(made) and "refusal" not in made.call.intent:
            tally.check(made.call.meets(rule), str(rule), body_start(made.call), made.call)


@contract("IDM-03", "spelling-of-body", level="SHOULD", needs=NEEDS, census=1)
def idm_03(view: View, tally: Tally) -> None:
    """White space and order of members do not make another body.

    Replays whose bytes differ but whose JSON is equal.
    """
    for made in view.submissions:
        before = made.original
        if made.kind != "replay" or before is None or not answered(made):
            continue
        if made.call.x.request.body != before.call.x.request.body:
            same = made.job == before.job
            tally.check(same, f"the job {before.job}", made.call.line(), before.call, made.call)


@contract("IDM-04", "keys-per-account", needs=NEEDS, kind="account", census=1)
def idm_04(view: View, tally: Tally) -> None:
    """Two accounts may use the same key, each for a job of its own.

    The second account's first use is fresh: accepted, and not the other's job.
    """
    owner: dict[str, Submission] = {}
    for made in view.submissions:
        if not made.key or not made.account or made.kind != "fresh" or not answered(made):
            continue
        before = owner.setdefault(made.key, made)
        sane = "refusal" not in made.call.intent and made.call.status not in (402, 422)
        if before.account != made.account and before.accepted and sane:
            fine = made.accepted and made.job != before.job
            tally.check(fine, "a job of its own", made.call.line(), before.call, made.call)


@contract("IDM-05", "lifetime", source=SOURCE, tier="E", kind="schedule", needs=NEEDS, census=1)
def idm_05(view: View, tally: Tally) -> None:
    """A key is remembered for as long as documented, and no longer.

    Old within the lifetime: the same job. Beyond it: another one.
    """
    lifetime_us = int(view.profile.section("idempotency").get("lifetime_s", 0)) * 1_000_000
    first: dict[tuple[str, str], Submission] = {}
    for made in view.submissions:
        if not made.key or not made.account or not made.accepted:
            continue
        before = first.setdefault((made.account, made.key), made)
        age = made.call.x.at_us - before.call.x.at_us
        # A lost reply under the same key may have begun its life earlier.
        vague = made.call.x.at_us - before.born_us >= lifetime_us > age
        if before is made or age < lifetime_us / 100 or vague:
            continue
        if age < lifetime_us:
            tally.check(made.job == before.job, "the first job", made.job, before.call, made.call)
        else:
            tally.check(made.job != before.job, "a new job", made.job, before.call, made.call)
            first[made.account, made.key] = made


@contract("IDM-06", "refusal-burns-nothing", level="SHOULD", tier="1", needs=NEEDS, census=1)
def idm_06(view: View, tally: Tally) -> None:
    """A refused request does not use up its key.

    The first good request under a key that was only refused before is accepted.
    """
    refused: dict[tuple[str, str], Submission] = {}
    accepted: set[tuple[str, str]] = set()
    for made in view.submissions:
        if not made.key or not made.account or not answered(made):
            continue
        name = (made.account, made.key)
        if made.accepted:
            accepted.add(name)
        if name in refused and name not in accepted and "retry_refused" in made.call.intent:
            tally.check(False, "accepted", made.call.line(), refused[name].call, made.call)
        elif name in refused and made.accepted:
            tally.check(True, "accepted", "accepted", made.call)
            refused.pop(name)
        elif made.call.refused and name not in accepted:
            refused[name] = made


@contract("IDM-07", "two-at-once", tier="E", kind="schedule", needs=NEEDS, census=1)
def idm_07(view: View, tally: Tally) -> None:
    """Two requests under one key at the same time make one job.

    Overlapping submissions: one job id among all that were accepted.
    """
    for made in view.submissions:
        twins = [made, *made.retries]
        overlapped = [t for t in twins[1:] if t.call.x.began < made.call.x.ended]
        jobs = {t.job for t in [made, *overlapped] if t.accepted}
        if overlapped:
            calls = [t.call for t in [made, *overlapped]]
            tally.check(len(jobs) == 1, "one job", jobs, *calls)


@contract("IDM-08", "whole-key-counts", level="SHOULD", needs=NEEDS, census=1)
def idm_08(view: View, tally: Tally) -> None:
    """Keys that differ anywhere are different keys.

    Differences at the end of a long key, in case, in a trailing mark.
    """
    jobs: dict[tuple[str, str], Submission] = {}
    for made in view.submissions:
        if not made.key or not made.account or made.kind != "fresh":
            continue
        if "near_key" in made.call.intent and answered(made):
            twins = [m for (a, k), m in jobs.items() if a == made.account and k != made.key]
            fine = made.accepted and all(t.job != made.job for t in twins)
            tally.check(fine, "a job of its own", made.call.line(), made.call)
        if made.accepted:
            jobs[made.account, made.key] = made


@contract(
    "IDM-09", "no-key-no-merge", kind="sequence", source="each vendor's create page", census=1
)
def idm_09(view: View, tally: Tally) -> None:
    """Without a key, the same request twice is two jobs.

    A vendor that merged requests by their body would lose jobs people paid for.
    """
    seen: dict[str, Call] = {}
    for made in view.submissions:
        if made.key is None and made.job and made.account:
            twin = seen.setdefault(made.job, made.call)
            tally.check(twin is made.call, "a job of its own", made.job, twin, made.call)


@contract(
    "IDM-10", "lost-reply", tier="E", kind="account", needs=("idempotency", "balance"), census=1
)
def idm_10(view: View, tally: Tally) -> None:
    """After a lost reply the same key brings the one job, charged once.

    Balance before the lost request and after the retry differ by one price.
    """
    for made in view.submissions:
        retry = next((r for r in made.retries if r.accepted), None)
        if not made.call.lost or made.original is not None or retry is None:
            continue
        readings = [c for c in view.doing("balance") if c.ok and c.account == made.account]
        before = [c for c in readings if c.index < made.call.index]
        after = [c for c in readings if c.index > retry.call.index]
        price = retry.cost if retry.cost is not None else retry.price
        if not before or not after or price is None:
            continue
        if any(before[-1].index < i < after[0].index for i in view.earned):
            continue
        between = [s for s in view.submissions if before[-1].index < s.call.index < after[0].index]
        if view.still(before[-1].index, after[0].index) and {s.key for s in between} == {made.key}:
            fell = (amounts(before[-1]) or 0) - (amounts(after[0]) or 0)
            tally.check(fell == price, f"one charge of {price}", fell, made.call, retry.call)
