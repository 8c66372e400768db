"""What a client does, one call each: the moves that scripts, machines and hosted scripts share.

They act and return what came; none of them looks whether it was right.
"""

from __future__ import annotations

import json
import re
from typing import Any

from bodydouble_contracts.drivers.session import Session
from bodydouble_contracts.history.pointers import MISSING
from bodydouble_contracts.reading.calls import Call
from bodydouble_contracts.vendors.parts import Refusal
from bodydouble_contracts.vendors.profile import FINAL, Operation, present

EVENTS = 4
"""Due events a job is followed through before time is simply moved on."""
LOOKS = 12
"""Times it is looked at before it counts as one that never ends."""
_PLAIN = re.compile(r'"[^"\\]*"(?=[:,}\]])')
"""A text of JSON without escapes, as `json.dumps` writes it."""


def job_of(call: Call) -> str:
    """Return the id of the job a submission made, or an id nobody has."""
    found = call.at("id")
    ids = call.profile.section("unknown_ids")
    return str(found) if present(found) else str(ids.get("job", "x"))


def read(session: Session, job: str, role: str = "main") -> Call:
    """Read a job by every operation that shows one."""
    found = None
    for operation in session.profile.serving("read", job):
        found = session.call(operation.name, role, job=job)
    assert found is not None, "every profile has a read of jobs"
    return found


def look(session: Session, job: str, role: str = "main") -> Call:
    """Look at a job by every road the vendor has."""
    for operation in session.profile.doing("list", "job"):
        session.call(operation.name, role)
    return read(session, job, role)


def follow(session: Session, job: str, role: str = "main") -> Call:
    """Poll a job like a client library until it ends, then look twice more."""
    found = look(session, job, role)
    number = 0
    while session.profile.word(found.at("state")) not in FINAL and goes_on(session, found, number):
        look(session, job, role)
        found = look(session, job, role)
        number += 1
    session.mark("patient", job=job)
    session.advance(61)
    look(session, job, role)
    return look(session, job, role)


def goes_on(session: Session, found: Call, number: int) -> bool:
    """Let time pass before the next look; say whether there is any use in one."""
    if session.control is None:
        readable = found.ok and session.profile.word(found.at("state")) is not None
        return readable and session.wait()
    if number == LOOKS:
        return False
    if number < EVENTS:
        session.next_event()
    else:
        session.advance(session.profile.longest_s / 4)
    return True


def twin(session: Session, job: Call, role: str = "main") -> None:
    """Look at the resource a finished job leads to."""
    name = job.at("twin")
    if name is not MISSING and name:
        for operation in session.profile.doing("read", "video"):
            session.call(operation.name, role, video=str(name))
        for operation in session.profile.doing("list", "video"):
            session.call(operation.name, role)


def try_cancel(session: Session, job: str, role: str = "main") -> None:
    """Cancel where the vendor has it."""
    for operation in session.profile.doing("cancel"):
        session.call(operation.name, role, job=job)


def let_fail(session: Session, yes: bool = True) -> bool:
    """Make jobs accepted from now on fail, or go well; say whether that can be arranged."""
    failure = session.profile.section("provoke").get("failure")
    if not failure:
        return False
    return session.use("scenario", **(failure if yes else {"name": "normal"}))


def try_list(session: Session, role: str = "main") -> None:
    """Read the list of jobs where the vendor has it."""
    if session.profile.have("list") == "yes":
        session.call("list", role)


def refused(session: Session, entry: Refusal, role: str = "main", key: str | None = None) -> Call:
    """Send one of the requests that the profile says must be refused."""
    intent = {"refusal": entry.name, "violates": entry.field or entry.name}
    body, heads = session.filled(entry.body, role), session.key_headers(key)
    return session.call(entry.op, role, body=body, headers=heads, intent=intent)


def plain_reads(session: Session) -> list[Operation]:
    """Return the GET operations that need no id of a resource."""
    provided = session.profile.section("provides")
    return [
        o
        for o in session.profile.operations.values()
        if o.method == "GET" and all(p in provided for p in o.pattern.groupindex)
    ]


def sample_body(session: Session, operation: Operation) -> object:
    """Return a body for an operation: its own, or the first sample's."""
    if operation.does == "submit":
        found = [s for s in session.profile.samples if s.op == operation.name]
        return session.filled(found[0].body) if found else {}
    return operation.body


def spellings(body: Any) -> list[bytes]:
    """Return the same JSON value in other spellings."""
    members = dict(reversed(list(body.items())))
    # Only in plain texts: `false` and the escapes of other signs have an `a` of their own.
    escaped = _PLAIN.sub(lambda text: text[0].replace("a", "\\u0061", 1), json.dumps(body))
    out = [
        json.dumps(body).encode(),
        json.dumps(members).encode(),
        json.dumps(body, indent=2).encode(),
        b"  " + json.dumps(body, separators=(",", ":")).encode() + b"\n",
    ]
    out.append(escaped.encode())
    return out
