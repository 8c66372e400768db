"""One exchange read through a profile: which operation it was, who asked, what the reply holds.

It parses each body once. It knows the profile's places and nothing about right or wrong.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cached_property
from typing import Any

from bodydouble_contracts.history.exchanges import Exchange
from bodydouble_contracts.history.pointers import MISSING
from bodydouble_contracts.reading.forms import form_texts
from bodydouble_contracts.vendors.parts import Rule
from bodydouble_contracts.vendors.profile import Operation, Profile, find, find_units, present

Json = Any
NEAR_KEYS = ("longer", "altered", "cased")
"""Roles whose key is the main one, but for a letter more, another last letter, the other case."""
BAD_KEYS = ("nobody", "unissued", "malformed", "scheme")
"""Roles that any vendor refuses: no key, one never issued, one out of shape, another scheme."""
KEYLESS = frozenset(BAD_KEYS[:3])
"""Those of them that carry no key of ours."""
NOBODIES = frozenset({*BAD_KEYS, *NEAR_KEYS})
"""Roles that hold no valid key; no account belongs to them."""
WITHOUT = "without_header"
"""Intent of a request from which a constant header was left out on purpose: its name."""


class Call:
    """One exchange with the profile's eyes. `index` is its place among the history's steps."""

    def __init__(self, exchange: Exchange, profile: Profile, index: int = -1) -> None:
        """Find the operation; bodies are parsed when first asked for."""
        self.x = exchange
        self.profile = profile
        self.index = index
        found = profile.match(exchange.request.method, exchange.request.path)
        self.op: Operation | None = found[0] if found else None
        self.params: dict[str, str] = found[1] if found else {}
        self.role = exchange.request.role
        self.status = exchange.reply.status if exchange.reply else 0
        self.intent = exchange.intent

    @property
    def does(self) -> str:
        """What the operation does, empty for an unmatched route."""
        return self.op.does if self.op else ""

    @property
    def ok(self) -> bool:
        """Whether the reply is the documented success of the operation."""
        return self.op is not None and self.status in self.op.ok

    @property
    def lost(self) -> bool:
        """Whether the reply never arrived."""
        return self.x.reply is None

    @property
    def refused(self) -> bool:
        """Whether the vendor said no (any 4xx)."""
        return 400 <= self.status < 500

    @property
    def account(self) -> str:
        """Whose money and jobs this call concerns; empty for keys that belong to nobody."""
        known = self.profile.roles.get(self.role)
        return "" if self.role in NOBODIES else (known.account if known else self.role)

    @cached_property
    def doc(self) -> Json:
        """The reply's JSON, or MISSING where there is none."""
        reply = self.x.reply
        if reply is None or not reply.body:
            return MISSING
        try:
            return json.loads(reply.body)
        except (ValueError, RecursionError):
            return MISSING

    @cached_property
    def body(self) -> Json:
        """The request's JSON, or MISSING where there is none."""
        try:
            return json.loads(self.x.request.body) if self.x.request.body else MISSING
        except (ValueError, RecursionError):
            return MISSING

    @cached_property
    def members(self) -> dict[str, Json] | None:
        """The request's body by name: the members of its JSON, else the texts of its form; None
        where nobody knows what is read in it."""
        kind = self.x.request.header("content-type") or ""
        if self.x.request.body and not kind.lower().startswith("application/json"):
            return form_texts(kind, self.x.request.body)
        return self.body if isinstance(self.body, dict) else {}

    def at(self, name: str) -> Json:
        """Return what the operation keeps under a name (`id`, `state`), or MISSING."""
        return find(self.op.at.get(name, ()), self.doc) if self.op else MISSING

    def units(self, name: str) -> int | None:
        """Return an amount of money the operation keeps under a name, in the smallest units."""
        return find_units(self.profile, self.op.at.get(name, ()), self.doc) if self.op else None

    def header(self, name: str) -> str | None:
        """Return a reply header."""
        return self.x.reply.header(name) if self.x.reply else None

    @property
    def absent(self) -> bool:
        """Whether the reply is the vendor's way of saying that there is no such resource."""
        if self.ok and self.profile.section("absent").get("null_id"):
            return not present(self.at("id"))
        refused = self.profile.refused
        cancel = refused.get("cancel.absent") if self.does == "cancel" else None
        return self.meets(cancel or refused["absent"])

    @property
    def code(self) -> Json:
        """The vendor's error code, or MISSING."""
        from bodydouble_contracts.vendors.reader import places

        spec = self.profile.section("error").get("code")
        return find(places(spec), self.doc) if spec else MISSING

    @property
    def message(self) -> str:
        """The sentence of a refusal, or the whole body where the profile names no place for it."""
        from bodydouble_contracts.vendors.reader import places

        spec = self.profile.section("error").get("message")
        if spec is None:
            return self.x.reply.body.decode("utf-8", "replace") if self.x.reply else ""
        found = find(places(spec), self.doc)
        return str(found) if present(found) else ""

    def meets(self, rule: Rule) -> bool:
        """Whether this is the refusal that a rule describes: status, code and text."""
        return (
            self.status in rule.status
            and (not rule.codes or self.code in rule.codes)
            and (rule.text is None or rule.text.search(self.message) is not None)
        )

    @cached_property
    def poor(self) -> bool:
        """Whether this is a refusal for too little money: the vendor's own, or one that speaks of
        money wherever it says so. How it should have been written is RES-05's affair alone."""
        spent = self.profile.refused.get("unauthorized.spent") if self.role == "empty" else None
        if self.meets(self.profile.refused["insufficient"]) or (spent and self.meets(spent)):
            return True
        return self.status in (400, 402, 403) and any(MONEY.search(t) for t in texts_in(self.doc))

    @property
    def throttled(self) -> bool:
        """Whether this is a refusal for too many requests: some say so of too little money, too."""
        return self.status == 429 and not self.poor

    def line(self) -> str:
        """Return the call as people name it: method, target, role and status."""
        request = self.x.request
        told = str(self.status) if self.status else f"no reply ({self.x.lost})"
        return f"{request.method} {request.target} as {request.role} -> {told}"


MONEY = re.compile(
    r"(insufficient|not enough|exceeded|too (low|little)|lacks?)\W+(\w+\W+){0,3}?"
    r"(quota|balance|credits?|funds|money|tokens?)\b|"
    r"\b(quota|balance|credits?|funds|money)\b.{0,60}(insufficient|not enough|exceeded|too low)|"
    r"insufficient_(\w+_)?(quota|balance|credits?|funds)|(quota|balance)_(failed|exceeded)|"
    r"额度不足|余额不足|预扣费额度失败",
    re.IGNORECASE,
)
"""How programs say that there is too little money, in a code or in a sentence."""


def texts_in(doc: Json) -> Iterator[str]:
    """Yield every text of a document, wherever it stands."""
    if isinstance(doc, str):
        yield doc
    elif isinstance(doc, dict | list):
        for value in doc.values() if isinstance(doc, dict) else doc:
            yield from texts_in(value)


def amounts(call: Call) -> int | None:
    """Return the balance a reading shows: the total, or the sum of its parts."""
    if call.op is None:
        return None
    total = call.units("total")
    return total if total is not None else parts_sum(call)


def unlimited(call: Call) -> bool:
    """Whether a reading says that its account may spend without end, whatever number it shows."""
    return call.at("unlimited") is True


def parts_sum(call: Call) -> int | None:
    """Return the sum of the buckets a balance reading shows, or None where it shows none."""
    places = call.op.at.get("parts", ()) if call.op else ()
    units = [call.profile.units(p.read(call.doc), p.times) for p in places]
    known = [u for u in units if u is not None]
    return sum(known) if known else None


def near_key(key: str, how: str) -> str:
    """Return a key that misses a good one by a little."""
    if how == "longer":
        return f"{key}0"
    if how == "cased":
        return key.swapcase()
    return key[:-1] + ("e" if key.endswith("f") else "f")


def documented_5xx(call: Call) -> bool:
    """Whether the profile lists this status for this situation (role, error code, operation)."""
    for rule in call.profile.extra.get("documented_5xx", []):
        when = rule.get("when", {})
        same = (
            rule["status"] == call.status
            and when.get("role", call.role) == call.role
            and when.get("code", call.code) == call.code
            and when.get("does", call.does) == call.does
        )
        if same:
            return True
    return False
