"""Why a contract was not exercised in a run, and what would settle it, in the terms of that run.

Each contract names what it looks at: operations, places of their replies, states of jobs, keys of
other roles. What of it was missing is said first; a contract with nothing missing wants a clock,
faults or keys that only a control plane can give. It refuses to change a verdict.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bodydouble_contracts.contracts.contract import Contract
from bodydouble_contracts.judging.seen import OperationSeen, Seen
from bodydouble_contracts.vendors.profile import Profile

SHARE = 5
"""One reply in so many that was throttled or lost is told beside the verdict."""
ENOUGH = 10
"""Of fewer requests nothing is said."""
OUTCOMES = frozenset({"succeeded", "failed"})


@dataclass(frozen=True, slots=True)
class Looks:
    """What a contract looks at: operations with their places, states, and roles of keys."""

    at: tuple[tuple[str, str], ...] = ()
    words: frozenset[str] = frozenset()
    roles: tuple[str, ...] = ()


def looks(text: str) -> Looks:
    """Read `read.state read.result succeeded @other`: places, states, and roles after an @."""
    parts = text.split()
    places = [p.partition(".")[::2] for p in parts if p[0] != "@" and p not in WORDS]
    return Looks(
        tuple(places),
        frozenset(p for p in parts if p in WORDS),
        tuple(p[1:] for p in parts if p[0] == "@"),
    )


WORDS = frozenset({"queued", "running", "succeeded", "failed", "canceled"})
FAMILIES = {
    "ACC": "read", "VAL": "submit", "IDM": "submit", "JOB": "submit.id read.state",
    "BIL": "submit balance", "PAG": "list.items", "HOK": "webhook_create", "LIM": "read",
}  # fmt: skip
"""What most contracts of a family look at."""
CONTRACTS = {
    "ACC-02": "read @scoped", "ACC-03": "submit.id read @other", "ACC-04": "list.items @other",
    "ACC-06": "submit.id @other", "ACC-07": "read @dead", "ACC-09": "submit.id read.state @other",
    "ACC-10": "webhook_create.hook @other", "ACC-11": "submit.id read @other",
    "VAL-12": "models.items", "VAL-13": "cancel", "IDM-04": "submit.id @other",
    "JOB-02": "read.state succeeded", "JOB-03": "submit.id read.state",
    "JOB-04": "list.items read.state",
    "JOB-05": "read.state succeeded", "JOB-07": "cancel succeeded", "JOB-08": "cancel canceled",
    "JOB-09": "read.state succeeded", "JOB-10": "read.created", "JOB-11": "submit.id",
    "JOB-13": "submit.state", "JOB-14": "cancel", "JOB-15": "list.items",
    "JOB-17": "read.twin succeeded", "JOB-18": "remove", "JOB-19": "read.progress",
    "JOB-20": "read.result succeeded", "JOB-21": "read.created", "JOB-22": "read.updated",
    "JOB-23": "read.result succeeded", "JOB-24": "read.result succeeded",
    "JOB-25": "read.result succeeded", "JOB-26": "read.poster succeeded", "JOB-27": "read.state",
    "JOB-28": "read.state failed", "JOB-29": "read.result succeeded",
    "JOB-30": "read.result succeeded", "BIL-01": "balance.total", "BIL-02": "submit.cost",
    "BIL-03": "submit.remaining balance.total", "BIL-04": "submit balance.total",
    "BIL-05": "ledger", "BIL-06": "balance.total", "BIL-07": "submit @empty",
    "BIL-08": "balance.total read.state failed", "BIL-09": "cancel balance.total",
    "BIL-11": "balance.parts", "BIL-12": "balance.total @other", "BIL-15": "estimate.cost",
    "BIL-17": "submit @empty", "BIL-18": "read.settled succeeded", "BIL-19": "usage.spent",
    "PAG-01": "list.page", "PAG-03": "list.pages", "PAG-06": "list.total",
    "PAG-10": "list.next", "PAG-11": "list.next",
}  # fmt: skip
"""What a contract looks at beyond its family."""
STILL = "two looks at one instant want a clock that only the judge moves"
THROTTLED = "no reply was refused for too many requests: a key with a small limit would bring one"
UNPRICED = (
    "a `prices` in the profile, a reply that names the cost, or a balance that no refund can have "
    "moved around an order would settle it"
)
OCCASIONS = {
    "RES-10": "no reply announced a length",
    "RES-11": "the document requires no header of any reply that came",
    "RES-13": "no reply had a status that forbids a body",
    "RES-14": "no reply told its request id in header and body",
    "LIM-06": THROTTLED, "LIM-07": THROTTLED, "LIM-08": THROTTLED, "LIM-09": THROTTLED,
    "LIM-10": THROTTLED, "LIM-12": THROTTLED,
    "JOB-06": STILL, "PAG-09": STILL,
    "ACC-09": f"a stranger's try between two looks of the owner, and {STILL}",
    "ACC-11": "no foreign job and no unknown id were asked for by the same key and operation",
    "BIL-02": "no order that came has a price in the profile: `prices` may name one",
    "BIL-08": "no job of a known price failed between two readings of the balance",
    "BIL-13": f"no order's price is known twice: {UNPRICED}",
    "BIL-16": f"no order's price is known: {UNPRICED}",
    "VAL-07": "no request was sent in two spellings and accepted or refused in both",
}  # fmt: skip
"""What did not happen, where nothing that a contract looks at was missing."""


def reason(contract: Contract, profile: Profile, seen: Seen) -> str:
    """Say what this run lacked for a contract, and what would settle it."""
    mine = looks(CONTRACTS.get(contract.id, FAMILIES.get(contract.family, "")))
    found = next(missed(mine, profile, seen), "")
    if found:
        return found
    hurt = lost(contract, seen)
    if hurt:
        return f"{hurt}: a key with a wider limit, or a target that answers, would settle it"
    if contract.id in OCCASIONS:
        return OCCASIONS[contract.id]
    if contract.tier == "E" or "hosted" in contract.needs:
        return "it wants a clock, faults or a receiver that only a control plane gives"
    return (
        "every reply it looks at came, and none was the occasion: "
        f"`explain {contract.id}` says which; a profile with more samples or refusals brings it"
    )


def missed(mine: Looks, profile: Profile, seen: Seen) -> Iterator[str]:
    """Yield what was missing, the most telling first."""
    for role in mine.roles:
        known = [r for r in profile.roles.values() if role in (r.name, kind(r.dead, r.scopes))]
        if not known:
            yield f"the profile knows no {role} key: name the role to settle it"
        elif not seen.roles & {r.name for r in known}:
            yield f"no {role} key was given: set {known[0].env} to settle it"
    for does, place in mine.at:
        one = seen.by_does.get(does)
        if one is None or not one.asked:
            yield f"`{does}` was never asked"
        elif not one.ok:
            yield unanswered(does, one)
        elif place and not one.places.get(place):
            yield absent(does, place, one, profile)
    for word in sorted(mine.words - seen.words):
        ended = word in OUTCOMES and not seen.words & OUTCOMES
        told = "no job ended" if ended else f"no job was seen {word}"
        hint = "more `--wait-s`" if ended else "a request in the profile that brings it about"
        yield f"{told} while the judge looked: {hint} would settle it"


def kind(dead: bool, scopes: tuple[str, ...]) -> str:
    """Return which kind of key a role has, beside its name."""
    return "dead" if dead else "scoped" if scopes else ""


def unanswered(does: str, one: OperationSeen) -> str:
    """Say why an operation brought nothing."""
    if one.throttled == one.asked:
        return f"all {one.asked} replies of `{does}` were refused for too many requests"
    if one.lost == one.asked:
        return f"none of {one.asked} requests of `{does}` was answered"
    return f"`{does}` never succeeded in {one.asked} requests, the last with {one.status}"


def absent(does: str, place: str, one: OperationSeen, profile: Profile) -> str:
    """Say which member no reply had."""
    operations = profile.doing(does)
    places = [p.pointer for o in operations for p in (*o.at.get(place, ()), *o.item.get(place, ()))]
    if not places:
        return f"the profile names no place for `{place}` in `{does}`: name it to settle this"
    told = " or ".join(dict.fromkeys(places))
    return f"none of {one.ok} replies of `{does}` has {told}: the profile may name another place"


def lost(contract: Contract, seen: Seen) -> str:
    """Say how much of what a contract looks at was throttled or lost, if it was much."""
    mine = looks(CONTRACTS.get(contract.id, FAMILIES.get(contract.family, "")))
    for does in dict.fromkeys(name for name, _ in mine.at):
        one = seen.by_does.get(does)
        gone = one.throttled + one.lost if one else 0
        if one and gone * SHARE >= one.asked >= ENOUGH:
            return f"{gone} of {one.asked} replies of `{does}` were throttled or never came"
    return ""
