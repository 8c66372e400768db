"""Scripts about idempotency keys: replays early and late, conflicts, near misses, lost replies."""

from __future__ import annotations

import json
from typing import Any

from bodydouble_contracts.drivers.directed import scenario
from bodydouble_contracts.drivers.interleave import at_once
from bodydouble_contracts.drivers.scripts.lifecycle import follow, job_of, look, try_cancel
from bodydouble_contracts.drivers.world import World
from bodydouble_contracts.vendors.profile import Role

KEYED = ("idempotency",)


def spellings(body: Any) -> list[bytes]:
    """Return the same JSON value in other spellings."""
    members = dict(reversed(list(body.items())))
    escaped = json.dumps(body).replace("a", "\\u0061", 1)
    out = [
        json.dumps(body).encode(),
        json.dumps(members).encode(),
        json.dumps(body, indent=2).encode(),
        b"  " + json.dumps(body, separators=(",", ":")).encode() + b"\n",
    ]
    if json.loads(escaped) == body:
        out.append(escaped.encode())
    return out


SCHEDULES = (
    [0, 1], [1, 0], [0, 0, 1], [1, 1, 0], [0, 1, 1], [1, 0, 0, 1],
    [0, 1, 1, 0], [0, 0, 1, 1, 0], [1, 1, 0, 0, 1], [0, 1, 0, 0, 1], [1], [0],
)  # fmt: skip
"""Orders in which two requests are stepped."""


@scenario("replay", "2", KEYED)
def replay(world: World) -> None:
    """The same key three times, in both header spellings, before and after the job has ended."""
    key = world.fresh()
    sample = world.profile.sample()
    world.call("balance")
    made = world.submit(key=key)
    for number in range(3):
        world.call("balance")
        heads = world.key_headers(key, number)
        world.call(sample.op, body=world.filled(sample.body), headers=heads)
        world.call("balance")
        look(world, job_of(made))
    follow(world, job_of(made))
    world.submit()  # what remains is less now: a replay still says what it said
    world.call("balance")
    world.submit(key=key)
    world.call("balance")
    look(world, job_of(made))


@scenario("replay_spelled", "2", KEYED)
def replay_spelled(world: World) -> None:
    """The same key with the same JSON in other spellings."""
    key = world.fresh()
    body = world.filled(world.profile.sample().body)
    world.call("balance")
    for raw in spellings(body):
        world.submit(key=key, raw=raw)
        world.call("balance")
    if world.profile.have("list") == "yes":
        world.call("list")


@scenario("conflict", "2", KEYED)
def conflict(world: World) -> None:
    """The same key with another body, at once and after the job has ended, then the first again."""
    key, other = world.fresh(), world.profile.samples[1]
    made = world.submit(key=key)
    world.call("balance")
    world.submit(other.name, key=key)
    text = world.profile.section("text").get("member", "prompt")
    body = dict(world.filled(world.profile.sample().body))
    if isinstance(body.get(text), str):
        world.submit(key=key, body={**body, text: body[text] + "."})
    for twin in world.profile.samples:
        if twin.body.get(text) == body.get(text) and twin.body != body:
            world.submit(twin.name, key=key)
    world.call("balance")
    world.submit(key=key)
    world.call("balance")
    follow(world, job_of(made))
    world.submit(other.name, key=key)
    world.call("balance")


@scenario("near_keys", "2", KEYED)
def near_keys(world: World) -> None:
    """Keys that differ only at the end, in case, or by one character."""
    length = int(world.profile.section("idempotency").get("max_length", 64)) - 1
    stem = (world.fresh("near") + "-" + "k" * length)[:length]
    world.call("balance")
    for key in (stem + "a", stem + "b", stem + "A", "ab", "AB", "abc", "ab."):
        world.submit(key=key, intent={"near_key": "1"})
        world.call("balance")


@scenario("key_of_two", "E", ("role:other", *KEYED))
def key_of_two(world: World) -> None:
    """Two accounts use the same key; each gets its own job, then its own replay."""
    for _ in range(6):
        key = world.fresh()
        for role in ("main", "other", "main", "other"):
            world.call("balance", role)
            made = world.submit(role=role, key=key)
            world.call("balance", role)
            look(world, job_of(made), role)


@scenario("key_lifetime", "E", ("control", *KEYED))
def key_lifetime(world: World) -> None:
    """A key just before and just after the end of its life."""
    life = int(world.profile.section("idempotency").get("lifetime_s", 0))
    for _ in range(2):
        key = world.fresh()
        world.submit(key=key)
        for share in (0.05, 0.45, 0.49):
            world.advance(life * share)
            world.call("balance")
            world.submit(key=key)
            world.call("balance")
        world.advance(life * 0.02)
        for _ in range(2):
            world.submit(key=key)
            world.call("balance")


@scenario("refused_then_good", "2", KEYED)
def refused_then_good(world: World) -> None:
    """A key first used in refused requests, then in a good one."""
    for entry in world.profile.refusals[:8]:
        key = world.fresh()
        world.call("balance")
        heads = world.key_headers(key)
        world.call(
            entry.op, body=world.filled(entry.body), headers=heads, intent={"refusal": entry.name}
        )
        world.call("balance")
        world.submit(key=key, intent={"retry_refused": "1"})
        world.call("balance")


@scenario("poor_then_rich", "E", ("control", "balance", *KEYED))
def poor_then_rich(world: World) -> None:
    """A key refused for want of money works once there is some."""
    amount = world.profile.section("provoke").get("top_up")
    key = world.fresh()
    world.call("balance", "empty")
    world.submit(role="empty", key=key)
    world.call("balance", "empty")
    if amount:
        world.use("top_up", account=world.profile.roles["empty"].account, amount=amount)
        world.call("balance", "empty")
        world.submit(role="empty", key=key, intent={"retry_refused": "1"})
        world.call("balance", "empty")


@scenario("lost_reply", "E", ("control", *KEYED))
def lost_reply(world: World) -> None:
    """The reply to an accepted submission is lost; the client repeats it under its key."""
    world.call("balance")
    fault = world.profile.section("provoke").get("lost_reply")
    if not fault:
        return
    for _ in range(10):
        world.use("fault", **fault)
        key = world.fresh()
        world.submit(key=key)
        made = world.submit(key=key)
        world.call("balance")
        world.submit(key=key)
        world.call("balance")
        look(world, job_of(made))


@scenario("keyed_cancel", "2", ("cancel", *KEYED))
def keyed_cancel(world: World) -> None:
    """A keyed job is canceled; its key still means that job."""
    key = world.fresh()
    world.call("balance")
    made = world.submit(key=key)
    look(world, job_of(made))
    world.call("balance")
    try_cancel(world, job_of(made))
    look(world, job_of(made))
    world.call("balance")
    for wait in (0, 7200):
        world.advance(wait)
        world.submit(key=key)
        world.call("balance")
        look(world, job_of(made))


@scenario("replay_removed", "2", ("remove", *KEYED))
def replay_removed(world: World) -> None:
    """A key still means its job when what the job made was removed."""
    key = world.fresh()
    made = world.submit(key=key)
    done = follow(world, job_of(made))
    for operation in world.profile.doing("remove"):
        name = job_of(made) if operation.of == "job" else str(done.at("twin"))
        world.call(operation.name, parts={next(iter(operation.pattern.groupindex)): name})
    world.call("balance")
    world.submit(key=key)
    world.call("balance")


def may_submit(world: World, role: Role) -> bool:
    """Whether a role is another key of the main account, made to submit often."""
    scope = world.profile.operations[world.profile.sample().op].scope
    able = scope in role.scopes if role.scopes else int(role.key.get("rate_limit", 0)) > 1000
    return able and role.account == "main" and role.name != "main" and not role.dead


@scenario("many_keys", "E", ("control", *KEYED))
def many_keys(world: World) -> None:
    """A dozen keys, each used again when all have been used, by another API key, too."""
    keys = [world.fresh() for _ in range(12)]
    for key in keys:
        world.submit(key=key)
    siblings = [r.name for r in world.profile.roles.values() if may_submit(world, r)]
    for key in keys:
        world.call("balance")
        for role in ("main", *siblings):
            world.submit(role=role, key=key)
        world.call("balance")


@scenario("key_elsewhere", "E", ("control", "cancel", *KEYED))
def key_elsewhere(world: World) -> None:
    """The key of a submission, used at other endpoints."""
    if not world.profile.section("idempotency").get("every_write"):
        return
    other = world.submit()
    for _ in range(5):
        key = world.fresh()
        world.submit(key=key)
        for operation in world.profile.operations.values():
            if operation.does in ("cancel", "webhook_create"):
                heads = world.key_headers(key)
                given = {"job": job_of(other)} if operation.pattern.groupindex else {}
                world.call(operation.name, headers=heads, intent={"used_key": "1"}, parts=given)


@scenario("at_the_same_time", "E", ("control", *KEYED))
def at_the_same_time(world: World) -> None:
    """Two submissions under one key overlap, in several drawn orders."""
    for schedule in SCHEDULES:
        key = world.fresh()
        world.call("balance")
        at_once(world, [{"key": key}, {"key": key}], schedule)
        world.call("balance")
        if world.profile.have("list") == "yes":
            world.call("list")
