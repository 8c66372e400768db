"""RES: what must hold of every single reply, whoever asked for whatever."""

from __future__ import annotations

from bodydouble_contracts.contracts.contract import OF_THE_VENDOR, contract
from bodydouble_contracts.contracts.findings import Tally
from bodydouble_contracts.history.numerals import whole
from bodydouble_contracts.history.pointers import MISSING
from bodydouble_contracts.reading.calls import Call, documented_5xx
from bodydouble_contracts.reading.view import View
from bodydouble_contracts.vendors.parts import either
from bodydouble_contracts.vendors.profile import find, present
from bodydouble_contracts.vendors.reader import places

JUDGES_ONLY = "faulted"
"""Intent of requests whose reply the judge itself asked the target to spoil."""


def judged(view: View) -> list[Call]:
    """Return the calls whose reply is known and was not spoiled on the judge's own order."""
    return [c for c in view.calls if not c.lost and JUDGES_ONLY not in c.intent]


def usable(call: Call) -> bool:
    """Whether a reply is about the resource and not about the key, the limit or a fault."""
    return call.status not in (0, 401, 403, 429) and "faulted" not in call.intent


@contract("RES-01", "no-server-error", source="each vendor's error page", tier="0", kind="reply")
def res_01(view: View, tally: Tally) -> None:
    """No reply has a status of 500 or more that the vendor does not document for that situation.

    5xx, but for the situations the profile lists under `documented_5xx`.
    """
    for call in judged(view):
        allowed = call.status >= 500 and documented_5xx(call)
        tally.check(call.status < 500 or allowed, "a status below 500", call.line(), call)


@contract("RES-04", "content-type", source="the vendor's OpenAPI document", tier="0", kind="reply")
def res_04(view: View, tally: Tally) -> None:
    """Every reply with a body says what it is, and is it.

    JSON is called JSON, and what is called JSON parses.
    """
    for call in judged(view):
        reply = call.x.reply
        if reply is None or call.op is None or call.op.does == "media":
            continue
        media = (reply.header("content-type") or "").partition(";")[0].strip().lower()
        if not reply.body:
            silent = call.status in (204, 304) or call.ok
            tally.check(silent or not media, "a body, or none announced", call.line(), call)
            continue
        fine = media == "application/json" and call.doc is not MISSING
        tally.check(fine, "application/json that parses", f"{media}: {body_start(call)}", call)


@contract("RES-05", "error-envelope", source="each vendor's error page", tier="1", kind="reply")
def res_05(view: View, tally: Tally) -> None:
    """Every refusal comes in the vendor's error envelope, with a code that belongs to its status.

    Members the envelope always has, and the codes listed per status under `errors`; without a body
    only where the profile says so.
    """
    rule = view.profile.section("error")
    for call in judged(view):
        if call.status < 400 or call.op is None or call.op.does == "media":
            continue
        bare = call.status in rule.get("bare", ()) and call.x.reply and not call.x.reply.body
        needed = [] if bare else rule.get("always", [])
        lacking = [p for p in needed if find(places(p), call.doc) is MISSING]
        tally.check(not lacking, f"an envelope with {needed}", body_start(call), call)
        codes = view.profile.errors.get(str(call.status))
        # A vendor without codes lists none for any status.
        if codes and not lacking and not bare:
            tally.check(call.code in codes, f"the code {either(codes)}", call.code, call)


@contract(
    "RES-06",
    "request-id",
    level="SHOULD",
    source=OF_THE_VENDOR,
    tier="0",
    kind="account",
    needs=("request_id",),
)
def res_06(view: View, tally: Tally) -> None:
    """Every reply carries a request id, and no two replies the same.

    A replayed reply may repeat the id of the reply it replays.
    """
    rule = view.profile.section("request_id")
    seen: dict[str, Call] = {}
    replays = {id(s.call) for s in view.submissions if s.kind in ("replay", "unknown")}
    for call in judged(view):
        if call.op is None or call.op.name in rule.get("except", []):
            continue
        value = request_id(call, rule)
        if value is None and call.status == 204:
            continue
        if not tally.check(value, "a request id", call.line(), call):
            continue
        if id(call) not in replays:
            twin = seen.setdefault(str(value), call)
            tally.check(twin is call, "an id never used before", value, twin, call)


def request_id(call: Call, rule: dict[str, object]) -> object:
    """Return the request id from header or body, or None."""
    header = rule.get("header")
    found = call.header(str(header)) if header else None
    if found is None and rule.get("at"):
        value = find(places(rule["at"]), call.doc)
        found = str(value) if present(value) else None
    return found


@contract("RES-08", "unmatched-in-envelope", level="SHOULD", tier="0", kind="reply", census=3)
def res_08(view: View, tally: Tally) -> None:
    """A path nobody documents is answered 404 in the vendor's error envelope.

    Requests the driver marked as going nowhere.
    """
    section, rule = view.profile.section("unmatched"), view.profile.refused["unmatched"]
    needed = section.get("always", view.profile.section("error").get("always", []))
    for call in judged(view):
        if "nowhere" in call.intent:
            lacking = [p for p in needed if find(places(p), call.doc) is MISSING]
            fine = call.meets(rule) and not lacking
            tally.check(fine, f"the vendor's {rule}", told(call), call)


@contract("RES-09", "no-secret-in-reply", tier="0", kind="reply")
def res_09(view: View, tally: Tally) -> None:
    """No reply shows a key.

    The recorder replaces every key it knows by `<key:role>` before storing a reply.
    """
    for call in judged(view):
        if call.x.reply is None or call.does == "webhook_create":
            continue
        heads = " ".join(v for _, v in call.x.reply.headers)
        shown = b"<key:" in call.x.reply.body or "<key:" in heads
        tally.check(not shown, "no key in the reply", body_start(call), call)


@contract("RES-10", "whole-body", source="RFC 9110 8.6", tier="0", kind="reply")
def res_10(view: View, tally: Tally) -> None:
    """The length a reply announces is the length it has.

    HEAD and cut replies are left out.
    """
    for call in judged(view):
        reply = call.x.reply
        if reply is None or reply.cut or call.x.request.method == "HEAD":
            continue
        announced = reply.header("content-length")
        if announced is not None and not reply.header("content-encoding"):
            fine = whole(announced) == len(reply.body)
            tally.check(fine, f"{announced} bytes", f"{len(reply.body)} bytes", call)


def told(call: Call) -> str:
    """Return a call as people name it and the beginning of what it was answered."""
    return f"{call.line()} {body_start(call).partition(' ')[2]}".rstrip()


def body_start(call: Call) -> str:
    """Return the beginning of a reply's body, for evidence."""
    body = call.x.reply.body if call.x.reply else b""
    return f"{call.status} {body[:160].decode('utf-8', 'replace')}"
