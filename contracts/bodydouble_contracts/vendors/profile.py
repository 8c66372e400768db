"""A profile: one vendor's words for what every contract, driver and mutant needs to find.

It is data, written from the vendor's pages: where id, state, cost and error code live, which
words mean which state of the lifecycle, what is refused and how. A new vendor is one more YAML
file and no Python. It refuses to judge.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from typing import Any, Literal

from bodydouble_contracts.history.exchanges import Headers
from bodydouble_contracts.history.pointers import MISSING, get
from bodydouble_contracts.vendors.parts import (
    Cancel,
    Capability,
    Failing,
    Have,
    Header,
    Refusal,
    Role,
    Rule,
    Sample,
    Slots,
)

Json = Any
Word = Literal["queued", "running", "succeeded", "failed", "canceled"]
WORDS: tuple[Word, ...] = ("queued", "running", "succeeded", "failed", "canceled")
FINAL: frozenset[str] = frozenset({"succeeded", "failed", "canceled"})
RANK = {"queued": 0, "running": 1, "succeeded": 2, "failed": 2, "canceled": 2}


@dataclass(frozen=True, slots=True)
class Place:
    """One place where a value may live; `times` turns its unit into the profile's unit of money."""

    pointer: str
    times: Decimal = Decimal(1)
    when: tuple[tuple[str, Json], ...] = ()

    def read(self, doc: Json) -> Json:
        """Return the value, or MISSING where it is absent or a condition does not hold."""
        if any(get(doc, pointer) != value for pointer, value in self.when):
            return MISSING
        return get(doc, self.pointer)


Places = tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of the vendor: how to call it, and where its reply keeps what matters.

    `only` says which rows of a list are of the resource (`{/motion: true}`), where a vendor mixes
    several kinds in one list; `also` what else it does to a job in another state; `ids` the form of
    the ids it serves, where jobs come in families with routes of their own; `kept_s` for how long
    it shows a job after its end, 0 for good; `open_to` the roles whose dead keys it serves.
    """

    name: str
    does: str
    method: str
    path: str
    ok: tuple[int, ...]
    of: str = "job"
    at: dict[str, Places] = field(default_factory=dict)
    item: dict[str, Places] = field(default_factory=dict)
    query: dict[str, str] = field(default_factory=dict)
    body: Json = None
    scope: str = ""
    limited: bool = True
    first_page: int = 1
    size_default: int = 0
    size_max: int = 0
    filters: dict[str, str] = field(default_factory=dict)
    ids: str = ""
    kept_s: int = 0
    only: dict[str, Json] = field(default_factory=dict)
    also: tuple[str, ...] = ()
    open_to: tuple[str, ...] = ()
    pattern: re.Pattern[str] = field(default_factory=lambda: re.compile("$^"))

    @property
    def by_cursor(self) -> bool:
        """Whether a page of this list is asked for by a word that the page before names."""
        return self.query.get("kind") == "cursor"

    def serves(self, id: str) -> bool:
        """Whether this id is one of those that the operation is for."""
        return not self.ids or re.fullmatch(self.ids, id) is not None

    def page(self, number: int, size: int, cursor: str = "") -> dict[str, Json]:
        """Return the query of one page, counted from 0. By cursor, the first has none."""
        query: dict[str, Json] = {self.query["size"]: size}
        if self.by_cursor:
            return {self.query["page"]: cursor, **query} if cursor else query
        by_offset = self.query.get("kind") == "offset"
        step = size if by_offset else 1
        return {self.query["page"]: self.first_page + number * step, **query}

    def match(self, method: str, path: str) -> dict[str, str] | None:
        """Return the path parameters if this operation answers to method and path."""
        found = self.pattern.fullmatch(path) if method == self.method else None
        return found.groupdict() if found else None


@dataclass(frozen=True, slots=True)
class Profile:
    """Everything the judge knows about one vendor. `refused` holds how it says no to what is
    asked everywhere (`absent`, `insufficient`, `conflict`), `extra` the small sections as data."""

    provider: str
    title: str
    as_of: str
    source: str
    document: str
    mount: str
    host: str
    scale: int
    operations: dict[str, Operation]
    states: dict[str, Word]
    roles: dict[str, Role]
    capabilities: dict[str, Capability]
    samples: tuple[Sample, ...]
    refusals: tuple[Refusal, ...]
    refused: dict[str, Rule]
    headers: tuple[Header, ...]
    failing: tuple[Failing, ...]
    slots: Slots | None
    cancel: Cancel
    unseen: frozenset[str]
    errors: dict[str, Any]
    extra: dict[str, Any]
    file: str = ""

    @property
    def longest_s(self) -> int:
        """The longest time a job may take, in seconds."""
        return int(self.section("timing").get("longest_s", 600))

    def have(self, capability: str) -> Have:
        """Return yes, no or unknown; what is not named is unknown."""
        found = self.capabilities.get(capability)
        return found.have if found else "unknown"

    def section(self, name: str) -> dict[str, Any]:
        """Return one small section of data, empty where the profile has none."""
        found = self.extra.get(name)
        return found if isinstance(found, dict) else {}

    def match(self, method: str, path: str) -> tuple[Operation, dict[str, str]] | None:
        """Return the operation and path parameters of a request, or None."""
        if "%2f" in path.lower():
            return None  # an escaped slash is another route to one server and an id to the next
        inner = path.removeprefix(self.mount) if path.startswith(self.mount + "/") else path
        for operation in self.operations.values():
            params = operation.match(method, inner)
            if params is not None:
                return operation, params
        return None

    def doing(self, does: str, of: str | None = None) -> list[Operation]:
        """Return the operations that do something (`read`), optionally on one resource."""
        found = self.operations.values()
        does_it = [o for o in found if o.does == does or does in o.also]
        return [o for o in does_it if of is None or o.of == of]

    def serving(self, does: str, id: str) -> list[Operation]:
        """Return the operations that do something to the job with this id; all to a strange id."""
        found = self.doing(does, "job")
        return [o for o in found if o.serves(id)] or found

    def called(self, name: str, job: str = "") -> Operation:
        """Return an operation by its name or by what it does; a job has those of its family."""
        found = self.operations.get(name) or self.doing(name)[0]
        return found if not job or found.serves(job) else self.serving(found.does, job)[0]

    def sent(self, headers: Headers, without: str = "") -> Headers:
        """Return a request's headers with the vendor's constant ones that it does not set."""
        own = {without.lower(), *(name.lower() for name, _ in headers)}
        more = tuple((h.name, h.value) for h in self.headers if h.name.lower() not in own)
        return headers + more

    def unauthorized(self, role: str) -> Rule:
        """Return how a bad key of a kind is refused (`unissued`, `malformed`, `dead`)."""
        return self.refused.get(f"unauthorized.{role}", self.refused["unauthorized"])

    def refund(self, word: str, canceled_from: str = "", reason: str = "") -> str:
        """Return what a job that ended so gives back: `full`, `none` or `unknown`."""
        rule = self.section("refunds").get(word, "none")
        if not isinstance(rule, dict):
            return str(rule)
        if word == "canceled":
            return str(rule.get(canceled_from or "unknown", "unknown"))
        fitting = [r for r in rule.get("reasons", {}) if reason.startswith(r)]
        longest = max(fitting, key=len, default=None)
        return str(rule["otherwise"] if longest is None else rule["reasons"][longest])

    @property
    def refunds_failures(self) -> bool:
        """Whether any failure gives, or may give, money back."""
        rule = self.section("refunds").get("failed", "none")
        words = {rule} if isinstance(rule, str) else {rule["otherwise"], *rule["reasons"].values()}
        return words != {"none"}

    def word(self, raw: Json) -> Word | None:
        """Return the lifecycle's word for the vendor's state, or None for an unknown one."""
        return self.states.get(str(raw))

    def units(self, value: Json, times: Decimal = Decimal(1)) -> int | None:
        """Return an amount in the smallest units of the profile, or None where it is no number."""
        if value is None or value is MISSING or isinstance(value, bool | dict | list):
            return None
        try:
            amount = Decimal(str(value)) * times * (Decimal(10) ** self.scale)
            return int(amount.to_integral_value(ROUND_HALF_EVEN))
        except (InvalidOperation, ValueError, OverflowError):
            return None

    def amount(self, units: int) -> str:
        """Return units as the decimal text people read (`0.2800`)."""
        return f"{Decimal(units).scaleb(-self.scale):.{self.scale}f}"

    def ways(self) -> list[Sample]:
        """Return one sample of each operation that submits, the cheapest first."""
        first = self.sample()
        others = {s.op: s for s in reversed(self.samples) if s.op != first.op}
        return [first, *others.values()]

    def sample(self, tag: str = "cheapest") -> Sample:
        """Return the first sample with a tag, else the first of all."""
        tagged = [s for s in self.samples if tag in s.tags]
        return (tagged or list(self.samples))[0]


def find(places: Places, doc: Json) -> Json:
    """Return the first value that is there, else MISSING."""
    for place in places:
        value = place.read(doc)
        if value is not MISSING:
            return value
    return MISSING


def find_units(profile: Profile, places: Places, doc: Json) -> int | None:
    """Return the sum of units for `parts`-like places, the first readable one otherwise."""
    for place in places:
        units = profile.units(place.read(doc), place.times)
        if units is not None:
            return units
    return None


def present(value: Json) -> bool:
    """Say whether a vendor's value says something: null, `{}`, `""` and `[]` do not."""
    return value is not MISSING and value is not None and value not in ({}, "", [])
