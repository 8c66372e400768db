"""Scripts about strangers: what they are told of a foreign job, and what they do to it."""

from __future__ import annotations

from bodydouble_contracts.drivers.moves import follow, job_of, let_fail, look, read
from bodydouble_contracts.drivers.scenario import scenario
from bodydouble_contracts.drivers.session import Session
from bodydouble_contracts.reading.calls import Call
from bodydouble_contracts.vendors.profile import Operation, present

STRANGERS = ("unissued", "nobody")
"""Strangers that hold no key at all, beside another account."""


def ways_to_end(session: Session) -> list[Operation]:
    """Return the operations that cancel or remove."""
    return [*session.profile.doing("cancel"), *session.profile.doing("remove")]


def resource(operation: Operation, job: str, seen: Call) -> dict[str, str] | None:
    """Return the path parameters for what a job leads to, None where it leads nowhere yet."""
    found = job if operation.of == "job" else seen.at("twin")
    name = next(iter(operation.pattern.groupindex))
    return {name: str(found)} if present(found) else None


@scenario("strangers_deeds", "3", ("role:other", "cancel|remove"))
def strangers_deeds(session: Session) -> None:
    """Another account, a key nobody issued and nobody at all cancel and remove; the owner looks.

    Running jobs and ended ones. The owner has removed one before, so that it is known how that is.
    """
    first = job_of(session.submit())
    gone = follow(session, first)
    for operation in session.profile.doing("remove"):
        parts = resource(operation, first, gone)
        if parts:
            session.call(operation.name, parts=parts)
    for ended in (False, True):
        for operation in ways_to_end(session):
            for role in ("other", *STRANGERS):
                made = session.submit()
                job = job_of(made)
                seen = follow(session, job) if ended else look(session, job)
                parts = resource(operation, job, seen)
                if parts is None:
                    continue
                for reading in session.profile.doing("read", operation.of):
                    session.call(reading.name, parts=parts)
                session.call(operation.name, role, parts=parts)
                for reading in session.profile.doing("read", operation.of):
                    session.call(reading.name, parts=parts)
                for listing in session.profile.doing("list", operation.of):
                    session.call(listing.name)
                look(session, job)


@scenario("foreign_and_unknown", "2", ("role:other",))
def foreign_and_unknown(session: Session) -> None:
    """Another account asks for a foreign job and for one that never was: while it waits, at its
    end, and when it has failed."""
    ids = session.profile.section("unknown_ids")
    for failing in (False, True) if session.control else (False,):
        let_fail(session, failing)
        for way in session.profile.ways():
            made = session.submit(way.name)
            job = job_of(made)
            for ended in (False, True) if made.ok else ():
                seen = follow(session, job) if ended else read(session, job)
                for operation in [*session.profile.doing("read", "job"), *ways_to_end(session)]:
                    parts = resource(operation, job, seen)
                    if parts is None or not operation.serves(job):
                        continue
                    unknown = {name: ids.get(name, "x") for name in parts}
                    intent = {"unknown_id": next(iter(parts))}
                    session.call(operation.name, "other", intent=intent, parts=unknown)
                    session.call(operation.name, "other", intent={"foreign": "1"}, parts=parts)
                read(session, job)
                read(session, job, "other")
                read(session, job)
    let_fail(session, False)


@scenario("dead_orders", "1", ("role:a dead one", "dead_keys", "balance"))
def dead_orders(session: Session) -> None:
    """Dead keys and those without the scope order by every way; the account's balance is read."""
    roles = session.profile.roles.values()
    for role in [r for r in roles if (r.dead or r.scopes) and session.has(r.name)]:
        for way in session.profile.ways():
            session.balance()
            session.submit(way.name, role.name)
            session.balance()
    for listing in session.profile.doing("list"):
        session.call(listing.name)
