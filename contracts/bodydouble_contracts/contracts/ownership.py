"""ACC, HOK and VAL on what belongs to whom, and on requests that lack what the vendor asks for."""

from __future__ import annotations

from collections import defaultdict

from bodydouble_contracts.contracts.access import keyed
from bodydouble_contracts.contracts.contract import OF_THE_VENDOR, contract
from bodydouble_contracts.contracts.findings import Tally
from bodydouble_contracts.contracts.replies import body_start, judged, told
from bodydouble_contracts.contracts.webhooks import NEEDS, SOURCE, rule
from bodydouble_contracts.reading.view import View
from bodydouble_contracts.vendors.parts import either
from bodydouble_contracts.vendors.profile import Profile


@contract("ACC-10", "foreign-webhooks-are-hidden", tier="2", kind="account", needs=NEEDS, census=1)
def acc_10(view: View, tally: Tally) -> None:
    """Another account's webhook can be neither changed nor deleted.

    Ids that the caller's own account was never given.
    """
    owner: dict[str, set[str]] = defaultdict(set)
    for call in keyed(view):
        if call.does == "webhook_create" and call.ok:
            owner[str(call.at("hook"))].add(call.account)
        whose = owner.get(call.params.get("hook", ""))
        if whose and call.account and call.account not in whose:
            tally.check(call.status in (401, 403, 404), "401, 403 or 404", told(call), call)


def most(profile: Profile) -> int:
    """Return how many webhooks an account may have, 0 where nobody says."""
    return int(profile.section("webhooks").get("max_active", 0))


@contract(
    "HOK-17",
    "so-many-webhooks",
    source=SOURCE,
    tier="1",
    kind="account",
    needs=NEEDS,
    census=1,
    about=most,
)
def hok_17(view: View, tally: Tally) -> None:
    """An account may have as many webhooks as documented, and no more.

    Webhooks that are there: made, and neither paused nor removed since.
    """
    active: dict[str, set[str]] = defaultdict(set)
    top = most(view.profile)
    for call in keyed(view):
        if call.does in ("webhook_remove", "webhook_update") and call.ok:
            active[call.account].discard(call.params.get("hook", ""))
        if call.does != "webhook_create" or "refusal" in call.intent or not call.account:
            continue
        full = bool(top) and len(active[call.account]) >= top
        if full and call.status != 403:
            wanted = rule(view).get("full_status", [422])
            tally.check(call.status in wanted, f"{either(wanted)}", told(call), call)
        elif call.ok:
            tally.check(True, "made", "made", call)
        if call.ok:
            active[call.account].add(str(call.at("hook")))


def bare(profile: Profile) -> bool:
    """Whether the vendor says what a cancel without a content type gets."""
    return "cancel.bare" in profile.refused


@contract(
    "VAL-13",
    "bare-cancel",
    source=OF_THE_VENDOR,
    kind="sequence",
    needs=("cancel",),
    census=1,
    about=bare,
)
def val_13(view: View, tally: Tally) -> None:
    """A cancel that does not call its body JSON is refused, and cancels nothing.

    How, is in the profile under `cancel`.
    """
    wanted = view.profile.refused.get("cancel.bare")
    for call in judged(view) if wanted else []:
        if "bare_cancel" in call.intent and call.status not in (401, 403, 429):
            tally.check(wanted and call.meets(wanted), str(wanted), body_start(call), call)


def shared_keys(profile: Profile) -> bool:
    """Whether the vendor says that every write looks at idempotency keys."""
    return bool(profile.section("idempotency").get("every_write"))


@contract(
    "IDM-11",
    "key-of-one-endpoint",
    source=OF_THE_VENDOR,
    needs=("idempotency",),
    census=1,
    about=shared_keys,
)
def idm_11(view: View, tally: Tally) -> None:
    """A key that one endpoint has used is a conflict at another.

    Writes that the driver marked as sent under a submission's key, of which it knows that it was
    accepted.
    """
    rule = view.profile.refused["conflict"]
    used = {(s.account, s.key) for s in view.submissions if s.key and s.accepted}
    for call in judged(view) if shared_keys(view.profile) else []:
        sent = {(call.account, value) for _, value in call.x.request.headers}
        mine = call.does != "cancel" or call.params.get("job") in view.owners
        if "used_key" not in call.intent or not (sent & used and mine):
            continue
        if call.status not in (401, 403, 429):
            tally.check(call.meets(rule), str(rule), told(call), call)
