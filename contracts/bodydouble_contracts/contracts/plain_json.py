"""RES: JSON as every parser reads it, and what replies say of themselves.

The lenient readings of one library (a byte order mark, a member named twice, NaN) are the crashes
of another, so bodies are read here as RFC 8259 has them.
"""

from __future__ import annotations

import json
from typing import Any

from bodydouble_contracts.contracts.contract import OF_THE_VENDOR, contract
from bodydouble_contracts.contracts.findings import Tally
from bodydouble_contracts.contracts.replies import body_start, judged
from bodydouble_contracts.history.instants import instant_us
from bodydouble_contracts.history.pointers import MISSING
from bodydouble_contracts.reading.calls import Call
from bodydouble_contracts.reading.view import View
from bodydouble_contracts.vendors.profile import Profile, find, present
from bodydouble_contracts.vendors.reader import places

SLACK_US = 1_000_000
"""Instants are shown in whole seconds, cut off or rounded."""


def refuse(text: str) -> Any:
    """Refuse NaN and the infinities."""
    raise ValueError(f"{text} is no JSON")


def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Make an object; refuse one that names a member twice."""
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("a member comes twice")
    return made


def complaint(body: bytes) -> str:
    """Return what keeps a body from being JSON to everybody, or an empty text."""
    try:
        json.loads(body.decode("utf-8"), object_pairs_hook=once, parse_constant=refuse)
    except (ValueError, RecursionError) as error:
        return str(error)
    return ""


@contract("RES-12", "plain-json", source="RFC 8259 2, 4, 6 and 8.1", tier="0", kind="reply")
def res_12(view: View, tally: Tally) -> None:
    """What is called JSON is plain UTF-8 JSON: no mark before it, no member twice, no NaN.

    A charset, where one is named, is UTF-8.
    """
    for call in judged(view):
        reply = call.x.reply
        if reply is None or reply.cut or not reply.body or call.op is None:
            continue
        media, _, rest = (reply.header("content-type") or "").lower().partition(";")
        if media.strip() != "application/json":
            continue
        said = [p.partition("=")[2].strip(' "') for p in rest.split(";") if "charset" in p]
        tally.check(said in ([], ["utf-8"]), "UTF-8", f"charset {said}", call)
        wrong = complaint(reply.body)
        tally.check(not wrong, "plain JSON", f"{wrong}: {body_start(call)}", call)


@contract(
    "RES-13",
    "no-content-is-empty",
    source="RFC 9110 15.3.5",
    tier="2",
    kind="reply",
    census=1,
    about=lambda p: any(204 in o.ok for o in p.operations.values()),
)
def res_13(view: View, tally: Tally) -> None:
    """A reply whose status forbids a body has none.

    204 and 304: what follows would be read as the next reply on the line.
    """
    for call in judged(view):
        if call.status in (204, 304) and call.x.reply is not None:
            tally.check(not call.x.reply.body, "no body", body_start(call), call)


def twofold(profile: Profile) -> bool:
    """Whether a vendor shows the request id in a header and in the body."""
    rule = profile.section("request_id")
    return bool(rule.get("header") and rule.get("at"))


@contract(
    "RES-14",
    "one-request-id",
    level="SHOULD",
    source=OF_THE_VENDOR,
    tier="0",
    kind="reply",
    needs=("request_id",),
    about=twofold,
)
def res_14(view: View, tally: Tally) -> None:
    """The request id in the header is the one in the body.

    Replayed replies may carry the id of the first beside their own.
    """
    rule = view.profile.section("request_id")
    replays = {id(s.call) for s in view.submissions if s.kind != "fresh"}
    for call in judged(view) if twofold(view.profile) else []:
        if "at_once" in call.intent:
            continue
        value = find(places(rule["at"]), call.doc) if call.doc is not MISSING else None
        head = call.header(str(rule["header"]))
        if present(value) and head is not None and id(call) not in replays:
            tally.check(head == str(value), str(value), head, call)


@contract(
    "RES-15",
    "own-time",
    level="SHOULD",
    source=OF_THE_VENDOR,
    tier="E",
    kind="reply",
    about=lambda p: bool(p.extra.get("reply_time")),
)
def res_15(view: View, tally: Tally) -> None:
    """The time a reply gives for itself is the time it was made.

    By the judge's clock, to the second; replays repeat an old reply.
    """
    place = view.profile.extra.get("reply_time")
    replays = {id(s.call) for s in view.submissions if s.kind != "fresh"}
    for call in judged(view) if view.history.controlled and place else []:
        made = instant_us(find(places(place), call.doc))
        # Without a good key, or where no route is, a reply comes from no sandbox of the judge's.
        worldless = not call.account or call.status == 401 or call.does in ("", "health")
        if worldless or "at_once" in call.intent:
            continue
        if made is not None and id(call) not in replays:
            off = made - call.x.at_us
            tally.check(abs(off) <= SLACK_US, "now", f"{off / 1e6:.0f} s off", call)


def reported(call: Call, name: str) -> Any:
    """Return what a refusal reports under a name of the profile's `error` section, or MISSING."""
    spec = call.profile.section("error").get(name)
    return find(places(spec), call.doc) if spec and call.doc is not MISSING else MISSING
