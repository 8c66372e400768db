"""Scripts that cost nothing: reads, bad keys, requests the vendor must refuse."""

from __future__ import annotations

from bodydouble_contracts.drivers.moves import plain_reads, refused, sample_body, try_list
from bodydouble_contracts.drivers.scenario import scenario
from bodydouble_contracts.drivers.session import Session
from bodydouble_contracts.history.exchanges import Request
from bodydouble_contracts.reading.calls import BAD_KEYS, WITHOUT


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


@scenario("dead_keys", "1", ("role:a dead one", "dead_keys"))
def dead_keys(session: Session) -> None:
    """Revoked and expired keys on every plain read, on a job and on a submission."""
    dead = [r for r in session.profile.roles.values() if r.dead and session.has(r.name)]
    job = str(session.submit().at("id")) if dead else ""
    for role in dead:
        for operation in plain_reads(session):
            session.call(operation.name, role.name)
        session.call("read", role.name, job=job)
        for way in session.profile.ways():
            session.submit(way.name, role.name)


@scenario("scopes", "1", ("role:a scoped one", "scopes"))
def scopes(session: Session) -> None:
    """A key with few scopes: what it may and what it may not."""
    scoped = [r for r in session.profile.roles.values() if r.scopes and session.has(r.name)]
    job = str(session.submit().at("id")) if scoped else ""
    for role in scoped:
        for way in session.profile.ways():
            session.balance()
            session.submit(way.name, role.name)
            session.balance()
        session.call("read", role.name, job=job)
        for operation in plain_reads(session):
            session.call(operation.name, role.name)
    if scoped:
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


@scenario("refusals", "1")
def refusals(session: Session) -> None:
    """Every refusal of the profile, with the balance read around each group."""
    session.balance()
    for entry in session.profile.refusals:
        refused(session, entry)
    session.balance()
    try_list(session)


@scenario("headers", "1")
def headers(session: Session) -> None:
    """Every operation without a header that every request carries, and with a wrong value of it."""
    ids = session.profile.section("unknown_ids")
    for header in session.profile.headers:
        for operation in session.profile.operations.values():
            given = {p: ids.get(p, "x") for p in operation.pattern.groupindex}
            body = sample_body(session, operation)
            if operation.does in ("health", "media"):
                continue
            if header.required:
                intent = {WITHOUT: header.name, "violates": header.name}
                session.call(operation.name, body=body, intent=intent, parts=given)
            if header.unknown:
                intent = {"wrong_header": header.name, "violates": header.name}
                wrong = {header.name: header.wrong}
                session.call(operation.name, body=body, headers=wrong, intent=intent, parts=given)
    if session.profile.headers and session.profile.have("balance") == "yes":
        session.balance()


@scenario("refusals_unpaid", "1")
def refusals_unpaid(session: Session) -> None:
    """Broken bodies of every kind."""
    bodies = (b"{", b"", b"nonsense", b'{"a":', b"[]", b'"text"', b"17", b"null", b"{'a':1}")
    for operation in session.profile.doing("submit"):
        for raw in bodies:
            empty = not raw
            intent = {"odd": "body"} if empty else {"malformed_body": "1", "odd": "body"}
            heads = {"Content-Type": "application/json"}
            session.call(operation.name, raw=raw, headers=heads, intent=intent)


@scenario("empty_wallet", "1", ("role:empty", "broke:empty"))
def empty_wallet(session: Session) -> None:
    """An account without money tries every sample, then one of them again under a key."""
    session.balance("empty")
    for sample in session.profile.samples:
        session.submit(sample.name, "empty")
    session.balance("empty")
    key = session.fresh()
    if session.profile.have("idempotency") == "yes":
        session.submit(role="empty", key=key)
    try_list(session, "empty")
    session.balance("empty")
