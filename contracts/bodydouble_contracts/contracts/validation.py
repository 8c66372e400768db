"""VAL: what the vendor must refuse, what it must accept, and that odd input is only input."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable

from bodydouble_contracts.contracts.contract import OF_THE_VENDOR, contract
from bodydouble_contracts.contracts.findings import Tally
from bodydouble_contracts.contracts.replies import body_start, judged
from bodydouble_contracts.history.pointers import MISSING
from bodydouble_contracts.reading.calls import WITHOUT, Call
from bodydouble_contracts.reading.view import View
from bodydouble_contracts.vendors.parts import Refusal
from bodydouble_contracts.vendors.profile import Profile, find
from bodydouble_contracts.vendors.reader import places

CREATE_PAGE = "each vendor's create page"


def refusals(view: View, kind: str) -> list[tuple[Call, Refusal]]:
    """Return the calls that sent one of the profile's refusals of a kind, with that refusal."""
    known = {r.name: r for r in view.profile.refusals if r.kind == kind}
    out = []
    for call in judged(view):
        entry = known.get(call.intent.get("refusal", ""))
        if entry is not None and call.status not in (401, 429):
            out.append((call, entry))
    return out


def check_refusal(call: Call, entry: Refusal, tally: Tally) -> None:
    """One refused request: the refusal that was meant, and the field named where promised."""
    right = call.meets(entry.rule)
    tally.check(right, f"{entry.rule} for {entry.name}", body_start(call), call)
    if not right:
        return
    spec = call.profile.section("error").get("fields")
    if entry.field and spec:
        named = find(places(spec), call.doc)
        inside = named is not MISSING and entry.field in (
            named if isinstance(named, list | dict) else str(named)
        )
        tally.check(inside, f"the field {entry.field} named", named, call)


def listed(kind: str) -> Callable[[Profile], int]:
    """Return a count of a profile's refusals of a kind."""
    return lambda profile: sum(r.kind == kind for r in profile.refusals)


def submitting(profile: Profile) -> list[str]:
    """Return the operations that submit, each of which has to be tried."""
    return [o.name for o in profile.doing("submit")]


KINDS = (
    ("VAL-01", "listed-values-only", "listed",
     "A value outside the documented list is refused, and the field is named."),
    ("VAL-03", "required-members", "missing", "A request without a required member is refused."),
    ("VAL-04", "conditional-members", "conditional",
     "A member that another one makes necessary or impossible is enforced."),
    ("VAL-08", "json-types", "type", "A member of the wrong JSON type is refused."),
    ("VAL-10", "unknown-members", "unknown",
     "A member nobody documents is refused where the vendor says so."),
)  # fmt: skip
"""Id, slug, kind of refusal and sentence of the contracts that differ in nothing else."""


def enter(id: str, slug: str, kind: str, sentence: str) -> None:
    """Enter one contract about one kind of refusal."""

    def read(view: View, tally: Tally) -> None:
        for call, entry in refusals(view, kind):
            check_refusal(call, entry, tally)

    read.__doc__ = sentence
    source = OF_THE_VENDOR if kind == "unknown" else CREATE_PAGE
    contract(id, slug, source=source, tier="1", kind="reply", census=1, about=listed(kind))(read)


for row in KINDS:
    enter(*row)


@contract(
    "VAL-02",
    "malformed-json",
    source="each vendor's error page",
    tier="1",
    kind="reply",
    census=1,
    expects=submitting,
)
def val_02(view: View, tally: Tally) -> None:
    """A body that is no JSON object is refused as a bad request.

    How, is under `malformed` in the profile.
    """
    wanted = view.profile.refused["malformed"]
    for call in judged(view):
        if "malformed_body" in call.intent and call.status not in (401, 429):
            tally.check(call.meets(wanted), str(wanted), body_start(call), call)
            tally.met.add(call.op.name if call.op else "")


def refused_headers(profile: Profile) -> list[str]:
    """Return what the vendor says of its constant headers, each of which has to be tried."""
    missing = [f"no {h.name}" for h in profile.headers if h.required]
    return missing + [f"a wrong {h.name}" for h in profile.headers if h.unknown]


@contract(
    "VAL-14",
    "required-headers",
    source="each vendor's page on versions and headers",
    tier="1",
    kind="reply",
    census=3,
    about=lambda p: len(refused_headers(p)),
    expects=refused_headers,
)
def val_14(view: View, tally: Tally) -> None:
    """A request without a header that the vendor requires, or with an unknown value, is refused.

    At every operation alike; the refusal that was meant, not that of a body or a key.
    """
    by_name = {h.name: h for h in view.profile.headers}
    for call in judged(view):
        missing = by_name.get(call.intent.get(WITHOUT, ""))
        wrong = by_name.get(call.intent.get("wrong_header", ""))
        for header, rule, told in (
            (missing, missing and missing.required, "no"),
            (wrong, wrong and wrong.unknown, "a wrong"),
        ):
            if header and rule and not call.throttled:
                said = f"{told} {header.name}"
                tally.check(call.meets(rule), f"{rule} for {said}", body_start(call), call)
                tally.met.add(said)


@contract(
    "VAL-05",
    "boundaries",
    source=CREATE_PAGE,
    tier="2",
    kind="reply",
    census=1,
    about=listed("beyond"),
)
def val_05(view: View, tally: Tally) -> None:
    """What is just within a limit is accepted, what is just beyond it is refused.

    Samples tagged `limit` and refusals of the kind `beyond`.
    """
    for call, entry in refusals(view, "beyond"):
        check_refusal(call, entry, tally)
    for call in judged(view):
        if call.intent.get("accept") == "limit" and affordable(call):
            tally.check(call.ok, "accepted", body_start(call), call)


def unsettled(call: Call) -> bool:
    """Whether the reply is a server's own failure, which RES-01 tells once for all."""
    return call.status >= 500


def affordable(call: Call) -> bool:
    """Whether the reply is about the request and not about limits, money or the key."""
    return call.status not in (401, 429) and not call.poor


@contract("VAL-06", "any-unicode", source="RFC 8259 8.1", tier="1", kind="reply", census=3)
def val_06(view: View, tally: Tally) -> None:
    """Text in any script is accepted or refused, and comes back as it went in.

    Refused means a 4xx; accepted means the success status.
    """
    for call in judged(view):
        if "hostile_text" in call.intent and not unsettled(call):
            fine = call.ok or call.refused
            tally.check(fine, "accepted or refused", body_start(call), call)


@contract(
    "VAL-07",
    "spelling-is-nothing",
    level="SHOULD",
    source="RFC 8259 6",
    tier="2",
    kind="sequence",
    census=3,
)
def val_07(view: View, tally: Tally) -> None:
    """The same JSON value in another spelling has the same outcome.

    Calls with the same `spelling` mark: key order, white space, escapes, 5.0 for 5.
    """
    groups: dict[str, list[Call]] = defaultdict(list)
    for call in judged(view):
        if "spelling" in call.intent and affordable(call):
            groups[call.intent["spelling"]].append(call)
    for calls in groups.values():
        for other in calls[1:]:
            same = other.status == calls[0].status
            tally.check(same, f"{calls[0].status}", body_start(other), calls[0], other)


@contract(
    "VAL-09",
    "samples-accepted",
    source=CREATE_PAGE,
    tier="2",
    kind="reply",
    census=1,
)
def val_09(view: View, tally: Tally) -> None:
    """The documented example requests are accepted.

    Requests the driver took from the profile's samples unchanged.
    """
    conflicts = {id(s.call) for s in view.submissions if s.kind in ("conflict", "unknown")}
    for call in judged(view):
        if "sample" in call.intent and affordable(call) and call.account:
            if id(call) in conflicts:
                continue
            role = view.profile.roles.get(call.role)
            if role and not role.scopes and not role.dead:
                tally.check(call.ok, "accepted", body_start(call), call)


@contract("VAL-11", "odd-requests", tier="1", kind="reply", census=10)
def val_11(view: View, tally: Tally) -> None:
    """A request of odd form is answered as a request: accepted or refused, never met by silence.

    Null and array bodies, wrong content types, repeated parameters, huge pages, deep nesting. A
    reply that a network or our own hurry may have lost is none; a server error is RES-01's.
    """
    for call in view.calls:
        if "odd" not in call.intent or "faulted" in call.intent or unsettled(call):
            continue
        if call.lost and (call.x.ours or not view.history.controlled):
            continue
        fine = 200 <= call.status < 500
        tally.check(fine, "a success or a refusal", call.x.lost or body_start(call), call)
