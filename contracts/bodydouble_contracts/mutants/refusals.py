"""Refusals in the vendor's envelope, made and recognised from its profile alone.

A mutant that refuses must do it in the vendor's words, or it would be convicted for its manners.
It refuses to decide what is refused.
"""

from __future__ import annotations

from typing import Any

from bodydouble_contracts.history.exchanges import Exchange, Reply, Request
from bodydouble_contracts.history.pointers import MISSING, drop, get, put
from bodydouble_contracts.mutants.messages import Answer
from bodydouble_contracts.mutants.middleware import set_deep
from bodydouble_contracts.reading.calls import Call
from bodydouble_contracts.vendors.parts import Rule
from bodydouble_contracts.vendors.profile import Places, Profile
from bodydouble_contracts.vendors.reader import places

Json = Any


def refused(profile: Profile, rule: Rule) -> Answer:
    """Return a refusal in the vendor's envelope that a rule recognises."""
    doc: Json = {}
    for pointers in profile.section("error").get("always", []):
        set_deep(doc, pointers if isinstance(pointers, str) else pointers[0], "no")
    if rule.text is not None:
        told = named(profile, "message") or places("/message")
        set_deep(doc, told[0].pointer, rule.text.pattern.partition("|")[0])
    codes = rule.codes or tuple(profile.errors.get(str(rule.status[0]), ()))
    if codes and named(profile, "code"):
        set_deep(doc, named(profile, "code")[0].pointer, codes[0])
    made = Answer(rule.status[0], {"content-type": "application/json", "content-length": "0"})
    made.json = doc
    return made


def meets(profile: Profile, resp: Answer, rule: Rule) -> bool:
    """Whether an answer is the refusal that a rule describes."""
    reply = Reply(resp.status, tuple(resp.headers.items()), resp.body)
    return Call(Exchange(Request("GET", "/"), reply, 0, 0, 0), profile).meets(rule)


def named(profile: Profile, name: str) -> Places:
    """Return where the vendor's envelope keeps something (`code`, `message`)."""
    spec = profile.section("error").get(name)
    return places(spec) if spec is not None else ()


def set_code(profile: Profile, resp: Answer, value: Json) -> None:
    """Replace the vendor's error code in a reply, or remove it for MISSING."""
    doc = resp.json
    for place in named(profile, "code"):
        if get(doc, place.pointer) is not MISSING:
            if value is MISSING:
                drop(doc, place.pointer)
            else:
                put(doc, place.pointer, value)
            resp.json = doc
