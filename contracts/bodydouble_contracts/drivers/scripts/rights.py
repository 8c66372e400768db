"""Scripts about who may do what: near misses of a key, scopes everywhere, others' belongings."""

from __future__ import annotations

from bodydouble_contracts.drivers.directed import scenario
from bodydouble_contracts.drivers.scripts.free import plain_reads, sample_body
from bodydouble_contracts.drivers.world import World
from bodydouble_contracts.reading.calls import NEAR_KEYS

OFTEN = 10
"""Times a thing is tried that must be seen often enough to be believed."""


@scenario("nearly_the_key", "1")
def nearly_the_key(world: World) -> None:
    """A good key with a letter more, another last letter, and in the other case."""
    unknown = world.profile.section("unknown_ids").get("job", "x")
    for role in NEAR_KEYS:
        world.call("read", role, job=unknown)
        for operation in plain_reads(world):
            if not operation.pattern.groupindex:
                world.call(operation.name, role)
        sample = world.profile.sample()
        world.call(sample.op, role, body=world.filled(sample.body))


@scenario("scopes_everywhere", "E", ("control", "scopes"))
def scopes_everywhere(world: World) -> None:
    """A key with few scopes asks every operation that needs another one."""
    ids = world.profile.section("unknown_ids")
    for role in world.profile.roles.values():
        for operation in world.profile.operations.values():
            lacking = role.scopes and operation.scope and operation.scope not in role.scopes
            if lacking and operation.does != "media":
                given = {p: ids.get(p, "x") for p in operation.pattern.groupindex}
                body = sample_body(world, operation)
                world.call(operation.name, role.name, body=body, parts=given)


@scenario("others_webhooks", "E", ("control", "role:other", "webhooks"))
def others_webhooks(world: World) -> None:
    """Another account tries to change, to try out and to delete a webhook."""
    hook = str(world.call("webhook_create").at("hook"))
    world.call("webhook_list", "other")
    for _ in range(OFTEN // 2):
        world.call("webhook_update", "other", hook=hook)
        world.call("webhook_remove", "other", hook=hook)
        world.call("webhook_update", hook=hook)
    world.call("webhook_remove", hook=hook)


@scenario("many_webhooks", "E", ("control", "webhooks"))
def many_webhooks(world: World) -> None:
    """As many webhooks as documented, and one more."""
    most = int(world.profile.section("webhooks").get("max_active", 0))
    for _ in range(most + 1 if most else 0):
        world.call("webhook_create")


@scenario("others_uploads", "E", ("control", "role:other"))
def others_uploads(world: World) -> None:
    """Another account asks for an uploaded picture."""
    for operation in world.profile.doing("upload"):
        image = str(world.call(operation.name).at("image"))
        for reading in world.profile.doing("upload_read"):
            world.call(reading.name, image=image)
            world.call(reading.name, "other", image=image)


@scenario("bare_cancel", "2", ("cancel",))
def bare_cancel(world: World) -> None:
    """A cancel without a body and without a content type."""
    made = world.submit()
    for _ in range(OFTEN):
        for operation in world.profile.doing("cancel"):
            intent = {"bare_cancel": "1"}
            world.call(operation.name, body=None, intent=intent, job=str(made.at("id")))
        world.call("read", job=str(made.at("id")))
