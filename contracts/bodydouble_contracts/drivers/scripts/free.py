"""Scripts that cost nothing: reads, bad keys, requests the vendor must refuse."""

from __future__ import annotations

from bodydouble_contracts.drivers.directed import scenario
from bodydouble_contracts.drivers.world import World
from bodydouble_contracts.history.exchanges import Request
from bodydouble_contracts.vendors.profile import Operation

BAD_KEYS = ("nobody", "stranger", "malformed", "scheme")


def plain_reads(world: World) -> list[Operation]:
    """Return the GET operations that need no id of a resource."""
    provided = world.profile.section("provides")
    return [
        o
        for o in world.profile.operations.values()
        if o.method == "GET" and all(p in provided for p in o.pattern.groupindex)
    ]


@scenario("reads", "0")
def reads(world: World) -> None:
    """Every plain read, twice, with balance readings around."""
    for operation in plain_reads(world):
        world.call(operation.name)
        world.call(operation.name)


@scenario("bad_keys", "1")
def bad_keys(world: World) -> None:
    """Every operation with every kind of bad key."""
    ids = world.profile.section("unknown_ids")
    for operation in world.profile.operations.values():
        if operation.does in ("health", "media"):
            continue
        for role in BAD_KEYS:
            body = sample_body(world, operation)
            params = {p: ids.get(p, "x") for p in operation.pattern.groupindex}
            world.call(operation.name, role, body=body, parts=params)


def sample_body(world: World, operation: Operation) -> object:
    """Return a body for an operation: its own, or the first sample's."""
    if operation.does == "submit":
        found = [s for s in world.profile.samples if s.op == operation.name]
        return world.filled(found[0].body) if found else {}
    return operation.body


@scenario("dead_keys", "1", ("control", "dead_keys"))
def dead_keys(world: World) -> None:
    """Revoked and expired keys on every plain read, on a job and on a submission."""
    job = str(world.submit().at("id"))
    for role in world.profile.roles.values():
        if role.dead:
            for operation in plain_reads(world):
                world.call(operation.name, role.name)
            world.call("read", role.name, job=job)
            world.submit(role=role.name)


@scenario("scopes", "1", ("control", "scopes"))
def scopes(world: World) -> None:
    """A key with few scopes: what it may and what it may not."""
    made = world.submit()
    job = str(made.at("id"))
    for role in world.profile.roles.values():
        if role.scopes:
            world.call("balance")
            world.submit(role=role.name)
            world.call("balance")
            world.call("read", role.name, job=job)
            for operation in plain_reads(world):
                world.call(operation.name, role.name)
    world.call("read", job=job)


@scenario("unknown_ids", "1")
def unknown_ids(world: World) -> None:
    """Well-formed ids nobody was given, read, canceled and removed."""
    ids = world.profile.section("unknown_ids")
    for operation in world.profile.operations.values():
        names = list(operation.pattern.groupindex)
        if names and all(n in ids for n in names) and operation.does != "media":
            given = {n: ids[n] for n in names}
            world.call(operation.name, intent={"unknown_id": names[0]}, parts=given)


@scenario("nowhere", "0")
def nowhere(world: World) -> None:
    """Paths nobody documents."""
    prefixes = {o.path.split("/")[1] for o in world.profile.operations.values()}
    for prefix in sorted(prefixes):
        for tail in ("no-such-thing", "no/such/thing"):
            target = f"{world.profile.mount}/{prefix}/{tail}"
            world.send(Request("GET", target), {"nowhere": "1"})


@scenario("refusals", "1", ("balance",))
def refusals(world: World) -> None:
    """Every refusal of the profile, with the balance read around each group."""
    world.call("balance")
    for entry in world.profile.refusals:
        world.call(
            entry.op,
            body=world.filled(entry.body),
            intent={"refusal": entry.name, "violates": entry.field or entry.name},
        )
    world.call("balance")
    if world.profile.have("list") == "yes":
        world.call("list")


@scenario("refusals_unpaid", "1")
def refusals_unpaid(world: World) -> None:
    """Broken bodies of every kind."""
    bodies = (b"{", b"", b"nonsense", b'{"a":', b"[]", b'"text"', b"17", b"null", b"{'a':1}")
    for raw in bodies:
        empty = not raw
        intent = {"odd": "body"} if empty else {"malformed_body": "1", "odd": "body"}
        heads = {"Content-Type": "application/json"}
        world.call("submit", raw=raw, headers=heads, intent=intent)


@scenario("empty_wallet", "1", ("role:empty", "balance"))
def empty_wallet(world: World) -> None:
    """An account without money tries every sample, then one of them again under a key."""
    world.call("balance", "empty")
    for sample in world.profile.samples:
        world.submit(sample.name, "empty")
    world.call("balance", "empty")
    key = world.fresh()
    if world.profile.have("idempotency") == "yes":
        world.submit(role="empty", key=key)
    if world.profile.have("list") == "yes":
        world.call("list", "empty")
    world.call("balance", "empty")
