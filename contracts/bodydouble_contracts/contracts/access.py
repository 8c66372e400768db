"""ACC: who may see and do what. Every leak between accounts is a MUST."""

from __future__ import annotations

from bodydouble_contracts.contracts.contract import OF_THE_VENDOR, contract
from bodydouble_contracts.contracts.findings import Tally
from bodydouble_contracts.contracts.plain_json import reported
from bodydouble_contracts.contracts.replies import judged, told
from bodydouble_contracts.history.pointers import MISSING
from bodydouble_contracts.reading.calls import NEAR_KEYS, NOBODIES, Call
from bodydouble_contracts.reading.view import View
from bodydouble_contracts.vendors.profile import find, present


def keyed(view: View) -> list[Call]:
    """Return the calls to operations that need a key, on known routes, not throttled."""
    return [
        c for c in judged(view) if c.op and c.op.does not in ("health", "media") and not c.throttled
    ]


@contract(
    "ACC-01",
    "no-key-no-answer",
    source="each vendor's authentication page",
    tier="1",
    kind="reply",
    needs=("issued_keys",),
)
def acc_01(view: View, tally: Tally) -> None:
    """Without a key, with an unknown one or with a malformed header the request is refused.

    401, or the status the profile documents for that kind of bad key. A route that is not there
    for anybody answers nobody; a target that opens an account for whatever key it is shown issues
    none, and only what is no key at all is looked at there.
    """
    gone, strict = missing_routes(view), not view.any_key
    for call in keyed(view):
        if call.op and call.op.name in gone and call.status in NO_ROUTE:
            continue
        if call.role in NOBODIES and (strict or call.role not in SELF_OPENING):
            wanted = view.profile.unauthorized(call.role)
            tally.check(call.meets(wanted), str(wanted), told(call), call)


NO_ROUTE = (404, 405, 501)
SELF_OPENING = frozenset({"unissued", *NEAR_KEYS})
"""Keys nobody issued, of the right form."""


def missing_routes(view: View) -> set[str]:
    """Return the operations that a good key has asked for, and that were never there."""
    good = [c for c in judged(view) if c.op and c.account and not c.throttled]
    there = {c.op.name for c in good if c.op and c.status not in NO_ROUTE}
    return {c.op.name for c in good if c.op} - there


@contract(
    "ACC-02", "missing-scope", source=OF_THE_VENDOR, tier="1", kind="reply", needs=("scopes",)
)
def acc_02(view: View, tally: Tally) -> None:
    """A key without the scope of an operation is refused with 403.

    Scopes come from the profile's roles; a role without scopes may do everything.
    """
    for call in keyed(view):
        role = view.profile.roles.get(call.role)
        scoped = role is not None and bool(role.scopes) and not role.dead
        scope = call.op.scope if call.op else ""
        if scoped and scope and role and scope not in role.scopes:
            tally.check(call.status == 403, "403", call.line(), call)
            named = reported(call, "scope")
            if present(named):
                tally.check(named == scope, f"the scope {scope} named", named, call)


@contract(
    "ACC-03",
    "foreign-is-hidden",
    tier="2",
    kind="account",
    source="each vendor's account pages; the status is an assumption",
)
def acc_03(view: View, tally: Tally) -> None:
    """Another account's job is not to be had: not to read, cancel or delete.

    The reply is the vendor's word for what does not exist, or a 403, or the one that an id
    nobody was given gets, whatever that is.
    """
    owner = view.possessors
    for call in keyed(view):
        if not call.account or call.does not in ("read", "upload_read", "cancel", "remove"):
            continue
        for value in call.params.values():
            whose = owner.get(value)
            if whose and whose != call.account:
                # What is refused for its query tells nothing of the job.
                odd = call.refused and bool(call.x.request.query)
                fine = odd or call.absent or call.status in (401, 403, 404)
                fine = fine or like_unknown(view, call)
                tally.check(fine, "401, 403, 404 or nothing", told(call), call)


def like_unknown(view: View, call: Call) -> bool:
    """Whether a refusal says no more than the same road says of an id that nobody was given."""
    return call.refused and any(
        (other.op, other.status, other.code) == (call.op, call.status, call.code)
        for other in keyed(view)
        if "unknown_id" in other.intent and other.refused
    )


@contract("ACC-04", "lists-are-own", tier="2", kind="account", needs=("list",))
def acc_04(view: View, tally: Tally) -> None:
    """A list shows only what belongs to the account of the key.

    Only items whose owner the judge knows are judged; of the log of deliveries, too.
    """
    owner = view.possessors
    for call in (*view.doing("list"), *view.doing("webhook_logs")):
        items = call.at("items") if call.ok else None
        if not isinstance(items, list) or call.op is None:
            continue
        names = [str(find(call.op.item.get("id", ()), row)) for row in items]
        foreign = [n for n in names if owner.get(n, call.account) != call.account]
        tally.check(not foreign, "own items only", foreign, call)


@contract("ACC-05", "unknown-id", tier="1", kind="reply")
def acc_05(view: View, tally: Tally) -> None:
    """A well-formed id that nobody was given is answered as not found.

    Ids the driver invented, marked as such.
    """
    for call in keyed(view):
        if "unknown_id" in call.intent and call.account:
            tally.check(call.absent, "not found", told(call), call)


@contract("ACC-06", "keys-do-not-cross", tier="2", kind="account", needs=("idempotency",), census=1)
def acc_06(view: View, tally: Tally) -> None:
    """An idempotency key does not open another account's reply.

    The same key from two accounts never names the same job.
    """
    seen: dict[tuple[str, str], str] = {}
    for made in view.submissions:
        if not made.key or not made.account or not made.job:
            continue
        for (key, account), job in seen.items():
            if key == made.key and account != made.account:
                tally.check(job != made.job, "a job of its own", made.job, made.call)
        seen[made.key, made.account] = made.job


@contract("ACC-07", "dead-keys", tier="1", kind="reply", needs=("dead_keys",), census=1)
def acc_07(view: View, tally: Tally) -> None:
    """A revoked or expired key is refused like an unknown one.

    Only where the judge can make such a key, and not where the operation is open to it.
    """
    wanted = view.profile.unauthorized("dead")
    for call in keyed(view):
        role = view.profile.roles.get(call.role)
        if role and role.dead and not (call.op and call.role in call.op.open_to):
            tally.check(call.meets(wanted), str(wanted), told(call), call)


@contract(
    "ACC-08", "scope-suffices", source="each vendor's authentication page", tier="1", kind="reply"
)
def acc_08(view: View, tally: Tally) -> None:
    """A living key with the scope of an operation is not refused for its rights.

    Guards against gates that refuse everybody.
    """
    owner = view.possessors
    for call in keyed(view):
        role = view.profile.roles.get(call.role)
        if role is None or role.dead or call.op is None or "violates" in call.intent:
            continue
        if call.poor:
            continue
        if not role.scopes or not call.op.scope or call.op.scope in role.scopes:
            whose = owner.get(next(iter(call.params.values()), ""), call.account)
            foreign = call.status == 403 and whose != call.account
            tally.check(
                call.status not in (401, 403) or foreign, "no 401 or 403", call.line(), call
            )


@contract(
    "ACC-09",
    "foreign-changes-nothing",
    tier="2",
    kind="account",
    needs=("cancel|remove",),
    census=1,
)
def acc_09(view: View, tally: Tally) -> None:
    """What a stranger tries to do to a job leaves no trace on it.

    Another account, or nobody at all. The owner's looks before and after, at the same instant,
    show the same state, where the owner ended nothing between them.
    """
    looks = {kind: view.sightings_of(kind) for kind in ("job", "video")}
    ended = [c for c in keyed(view) if c.does in ("cancel", "remove")]
    for call in keyed(view):
        if call.does not in ("cancel", "remove") or call.op is None:
            continue
        id = next(iter(call.params.values()), "")
        whose = view.possessors.get(id)
        if whose is None or whose == call.account:
            continue
        seen = looks.get(call.op.of, {}).get(id, [])
        shown = [s for s in seen if s.raw is not MISSING and s.call.account == whose]
        before = [s for s in shown if s.call.index < call.index]
        after = [
            c
            for c in view.doing("read", of=call.op.of)
            if c.index > call.index and id in c.params.values() and c.account == whose
        ]
        if before and after and view.still(before[-1].call.index, after[0].index):
            span = range(before[-1].call.index, after[0].index)
            if any(c.index in span and c.account == whose for c in ended):
                continue
            raw = after[0].at("state")
            same = before[-1].raw == raw or (not after[0].ok and not after[0].absent)
            tally.check(same, str(before[-1].raw), told(after[0]), call, after[0])
