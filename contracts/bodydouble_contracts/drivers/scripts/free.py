"""Scripts that cost nothing: reads, bad keys, requests the vendor must refuse."""

from __future__ import annotations

from bodydouble_contracts.drivers.scenario import scenario
from bodydouble_contracts.drivers.session import Session
from bodydouble_contracts.history.exchanges import Request
from bodydouble_contracts.vendors.profile import Operation

BAD_KEYS = ("nobody", "unissued", "malformed", "scheme")


def plain_reads(session: Session) -> list[Operation]:
    """Return the GET operations that need no id of a resource."""
    provided = session.profile.section("provides")
    return [
        o
        for o in session.profile.operations.values()
        if o.method == "GET" and all(p in provided for p in o.pattern.groupindex)
    ]


@scenario("reads", "0")
def reads(session: Session) -> None:
    """Every plain read, twice, with balance readings around."""
    for operation in plain_reads(session):
        session.call(operation.name)
        session.call(operation.name)


@scenario("bad_keys", "1")
def bad_keys(session: Session) -> None:
    """Every operation with every kind of bad key."""
    ids = session.profile.section("unknown_ids")
    for operation in session.profile.operations.values():
        if operation.does in ("health", "media"):
            continue
        for role in BAD_KEYS:
            body = sample_body(session, operation)
            params = {p: ids.get(p, "x") for p in operation.pattern.groupindex}
            session.call(operation.name, role, body=body, parts=params)


def sample_body(session: Session, operation: Operation) -> object:
    """Return a body for an operation: its own, or the first sample's."""
    if operation.does == "submit":
        found = [s for s in session.profile.samples if s.op == operation.name]
        return session.filled(found[0].body) if found else {}
    return operation.body


@scenario("dead_keys", "1", ("control", "dead_keys"))
def dead_keys(session: Session) -> None:
    """Revoked and expired keys on every plain read, on a job and on a submission."""
    job = str(session.submit().at("id"))
    for role in session.profile.roles.values():
        if role.dead:
            for operation in plain_reads(session):
                session.call(operation.name, role.name)
            session.call("read", role.name, job=job)
            session.submit(role=role.name)


@scenario("scopes", "1", ("control", "scopes"))
def scopes(session: Session) -> None:
    """A key with few scopes: what it may and what it may not."""
    made = session.submit()
    job = str(made.at("id"))
    for role in session.profile.roles.values():
        if role.scopes:
            session.call("balance")
            session.submit(role=role.name)
            session.call("balance")
            session.call("read", role.name, job=job)
            for operation in plain_reads(session):
                session.call(operation.name, role.name)
    session.call("read", job=job)


@scenario("unknown_ids", "1")
def unknown_ids(session: Session) -> None:
    """Well-formed ids nobody was given, read, canceled and removed."""
    ids = session.profile.section("unknown_ids")
    for operation in session.profile.operations.values():
        names = list(operation.pattern.groupindex)
        if names and all(n in ids for n in names) and operation.does != "media":
            given = {n: ids[n] for n in names}
            session.call(operation.name, intent={"unknown_id": names[0]}, parts=given)


@scenario("nowhere", "0")
def nowhere(session: Session) -> None:
    """Paths nobody documents."""
    prefixes = {o.path.split("/")[1] for o in session.profile.operations.values()}
    for prefix in sorted(prefixes):
        for tail in ("no-such-thing", "no/such/thing"):
            target = f"{session.profile.mount}/{prefix}/{tail}"
            session.send(Request("GET", target), {"nowhere": "1"})


@scenario("refusals", "1", ("balance",))
def refusals(session: Session) -> None:
    """Every refusal of the profile, with the balance read around each group."""
    session.call("balance")
    for entry in session.profile.refusals:
        session.call(
            entry.op,
            body=session.filled(entry.body),
            intent={"refusal": entry.name, "violates": entry.field or entry.name},
        )
    session.call("balance")
    if session.profile.have("list") == "yes":
        session.call("list")


@scenario("refusals_unpaid", "1")
def refusals_unpaid(session: Session) -> None:
    """Broken bodies of every kind."""
    bodies = (b"{", b"", b"nonsense", b'{"a":', b"[]", b'"text"', b"17", b"null", b"{'a':1}")
    for raw in bodies:
        empty = not raw
        intent = {"odd": "body"} if empty else {"malformed_body": "1", "odd": "body"}
        heads = {"Content-Type": "application/json"}
        session.call("submit", raw=raw, headers=heads, intent=intent)


@scenario("empty_wallet", "1", ("role:empty", "balance"))
def empty_wallet(session: Session) -> None:
    """An account without money tries every sample, then one of them again under a key."""
    session.call("balance", "empty")
    for sample in session.profile.samples:
        session.submit(sample.name, "empty")
    session.call("balance", "empty")
    key = session.fresh()
    if session.profile.have("idempotency") == "yes":
        session.submit(role="empty", key=key)
    if session.profile.have("list") == "yes":
        session.call("list", "empty")
    session.call("balance", "empty")
