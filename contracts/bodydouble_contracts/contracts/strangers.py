"""ACC: a stranger is told of a foreign job what he would be told of one that never was."""

from __future__ import annotations

import json
from typing import Any

from bodydouble_contracts.contracts.access import keyed
from bodydouble_contracts.contracts.contract import contract
from bodydouble_contracts.contracts.findings import Tally
from bodydouble_contracts.history.pointers import MISSING, get
from bodydouble_contracts.reading.calls import Call
from bodydouble_contracts.reading.view import View

TOLD = ("cache-control", "content-type", "vary", "www-authenticate", "allow")
"""Headers that must have the same value; of the others, only whether they are there."""
PASSING = ("date", "content-length", "age", "server", "connection", "keep-alive", "retry-after")
"""Headers that come and go, or change, by themselves."""


@contract("ACC-11", "foreign-is-unknown", kind="account", census=1)
def acc_11(view: View, tally: Tally) -> None:
    """A foreign job is refused as an id that nobody was given is: status, headers and words.

    The same operation by the same key at the same instant. Ids, times and request ids are left
    out; how long a reply took is told apart by nothing a judge could trust.
    """
    unknown: dict[tuple[str, str], Call] = {}
    calls = [c for c in keyed(view) if c.op and c.account]
    for call in calls:
        if "unknown_id" in call.intent and call.op:
            unknown.setdefault((call.op.name, call.role), call)
    for call in calls:
        other = unknown.get((call.op.name if call.op else "", call.role))
        whose = [view.possessors.get(v, call.account) for v in call.params.values()]
        if other is None or "foreign" not in call.intent or whose == [call.account]:
            continue
        # Another account's id of another family is asked for at a route that has none of it.
        wanted, told = answer(other), answer(call)
        for name in wanted:
            tally.check(told[name] == wanted[name], f"{wanted[name]}", told[name], other, call)


def answer(call: Call) -> dict[str, Any]:
    """Return what a refusal tells, without what is different every time."""
    reply = call.x.reply
    pairs = reply.headers if reply else ()
    lower = [(n.lower(), v) for n, v in pairs]
    volatile = {str(call.profile.section("request_id").get("header", "")).lower()}
    names = sorted({n for n, _ in lower if n not in PASSING and n not in volatile and not limit(n)})
    return {
        "status": call.status,
        "headers": names,
        "values": [(n, v) for n, v in sorted(lower) if n in TOLD],
        "body": body_of(call),
    }


def limit(name: str) -> bool:
    """Whether a header counts requests, which every request changes."""
    return "ratelimit" in name.replace("-", "")


def body_of(call: Call) -> str:
    """Return the body as it came, without ids and what is volatile."""
    raw = call.x.reply.body.decode("utf-8", "replace") if call.x.reply else ""
    gone = [v for v in call.params.values() if len(v) > 3]
    name = call.profile.section("request_id").get("header")
    gone += [v for v in (call.header(name) if name else None,) if v]
    places = [*call.profile.extra.get("volatile", []), reply_id(call)]
    doc = call.doc
    for place in places if isinstance(doc, dict | list) else []:
        found = get(doc, place) if place else MISSING
        gone += texts(found) if found is not MISSING else []
    for text in gone:
        raw = raw.replace(json.dumps(text)[1:-1], "~")
    return raw


def reply_id(call: Call) -> str:
    """Return where a body keeps the id of its request, or an empty text."""
    return str(call.profile.section("request_id").get("at", ""))


def texts(found: Any) -> list[str]:
    """Return every text and number within a value."""
    if isinstance(found, dict):
        return [t for v in found.values() for t in texts(v)]
    if isinstance(found, list):
        return [t for v in found for t in texts(v)]
    return [str(found)] if isinstance(found, str) and found else []
