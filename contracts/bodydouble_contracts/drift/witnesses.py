"""What each witness says of one kind of reply: operation, status and discriminator.

The discriminator is the job's state or the error's code, so that a finished job is compared with
a finished job. Traffic is taken from histories; the document is asked about bodies it is shown.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bodydouble_contracts.drift.shapes import Shape
from bodydouble_contracts.history.exchanges import Exchange, History
from bodydouble_contracts.history.pointers import MISSING
from bodydouble_contracts.reading.calls import NOBODIES, Call
from bodydouble_contracts.vendors.documents import document_of
from bodydouble_contracts.vendors.profile import Profile

Json = Any
MAX_COMPLAINTS = 5
PLUMBING = frozenset(
    {"date", "server", "content-length", "connection", "via", "cf-ray", "cf-cache-status", "vary",
     "transfer-encoding", "keep-alive", "alt-svc", "set-cookie", "strict-transport-security",
     "content-encoding", "cache-control", "etag", "x-powered-by", "nel", "report-to", "age"}
)  # fmt: skip
"""Headers of servers and networks, which are no part of a vendor's API."""


@dataclass(frozen=True, slots=True, order=True)
class Kind:
    """One kind of reply."""

    operation: str
    status: int
    discriminator: str = ""

    def __str__(self) -> str:
        """Return it as people name it."""
        tail = f" ({self.discriminator})" if self.discriminator else ""
        return f"{self.operation} {self.status}{tail}"


@dataclass(slots=True)
class Testimony:
    """What traffic showed of one kind of reply, and what the document says of that traffic."""

    shape: Shape = field(default_factory=Shape)
    headers: set[str] = field(default_factory=set)
    always: set[str] | None = None
    complaints: list[str] = field(default_factory=list)
    undocumented: bool = False
    newest: datetime | None = None
    replies: int = 0


@dataclass(slots=True)
class Traffic:
    """All kinds of replies of one witness."""

    kinds: dict[Kind, Testimony] = field(default_factory=dict)

    def statuses(self, operation: str) -> set[int]:
        """Return the statuses seen for an operation."""
        return {k.status for k in self.kinds if k.operation == operation}

    def operations(self) -> set[str]:
        """Return the operations seen."""
        return {k.operation for k in self.kinds}


def take(
    traffic: Traffic, histories: Iterable[History], profile: Profile, when: datetime | None
) -> Traffic:
    """Add what histories show to a witness's traffic; `when` is their date."""
    for history in histories:
        for step in history.steps:
            if isinstance(step, Exchange) and step.reply is not None:
                call = Call(step, profile)
                if call.op is not None and call.op.does != "media":
                    hear(traffic.kinds.setdefault(kind_of(call), Testimony()), call, profile, when)
    return traffic


def kind_of(call: Call) -> Kind:
    """Return the kind of a reply."""
    told = call.at("state") if call.ok else call.code
    plain = told is not MISSING and not isinstance(told, dict | list) and told is not None
    bad = f"as {call.role}" if call.role in NOBODIES and not plain else ""
    return Kind(call.op.name if call.op else "", call.status, str(told) if plain else bad)


def hear(testimony: Testimony, call: Call, profile: Profile, when: datetime | None) -> None:
    """Take one reply."""
    testimony.replies += 1
    if when is not None and (testimony.newest is None or when > testimony.newest):
        testimony.newest = when
    if call.doc is not MISSING:
        testimony.shape.add(call.doc)
    reply = call.x.reply
    names = {n.lower() for n, _ in reply.headers} - PLUMBING if reply else set()
    testimony.headers |= names
    testimony.always = names if testimony.always is None else testimony.always & names
    for text in document_says(call, profile, testimony):
        if text not in testimony.complaints and len(testimony.complaints) < MAX_COMPLAINTS:
            testimony.complaints.append(text)


def document_says(call: Call, profile: Profile, testimony: Testimony) -> list[str]:
    """Return what the document has against one reply; undocumented statuses are marked."""
    document = document_of(profile)
    if document is None:
        return []
    path = call.x.request.path.removeprefix(profile.mount)
    described = document.find(call.x.request.method, path)
    answer = described.answer(call.status) if described else None
    if described is None or answer is None:
        if call.status not in profile.extra.get("gate_statuses", []):
            testimony.undocumented = True
            return [f"{call.status} is not documented"]
        return []
    out = []
    if call.doc is not MISSING:
        out += answer.complaints("application/json", call.doc, strict=True)
    for name, spec in answer.headers.items():
        if isinstance(spec, dict) and spec.get("required") and call.header(name) is None:
            out.append(f"the header {name} is promised and not there")
    return out
