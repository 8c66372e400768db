"""Scripts about money: spending to the last unit, prices, refunds, estimates."""

from __future__ import annotations

from bodydouble_contracts.drivers.directed import scenario
from bodydouble_contracts.drivers.scripts.lifecycle import job_of, look, try_cancel
from bodydouble_contracts.drivers.world import World


@scenario("spend_to_the_end", "E", ("control", "balance"))
def spend_to_the_end(world: World) -> None:
    """A small purse, spent until the vendor says no, then topped up and spent again."""
    role = "poor" if "poor" in world.profile.roles else "empty"
    world.call("balance", role)
    for _ in range(12):
        made = world.submit(role=role)
        world.call("balance", role)
        if not made.ok:
            break
    amount = world.profile.section("provoke").get("top_up")
    if amount:
        account = world.profile.roles[role].account
        world.use("top_up", account=account, amount=amount)
        world.call("balance", role)
        world.submit(role=role)
        world.call("balance", role)


@scenario("estimates", "2", ("estimate",))
def estimates(world: World) -> None:
    """What an estimate names, and what the same job then costs, five times over."""
    for name, body in world.profile.section("estimates").items():
        for _ in range(5):
            world.call("estimate", body=body, intent={"estimate": name})
            world.call("balance")
            world.submit(name)
            world.call("balance")


@scenario("two_of_each", "3", ("balance",))
def two_of_each(world: World) -> None:
    """The same request twice, with the balance read around each."""
    for sample in world.profile.samples[:4]:
        for _ in range(2):
            world.call("balance")
            world.submit(sample.name)
            world.call("balance")


@scenario("two_accounts", "2", ("role:other", "balance"))
def two_accounts(world: World) -> None:
    """Two accounts spend in turn; each balance moves for its own spending only."""
    for role in ("main", "other"):
        world.call("balance", role)
    for role in ("main", "other", "other", "main"):
        made = world.submit(role=role)
        for reader in ("main", "other"):
            world.call("balance", reader)
        look(world, job_of(made), role)
        try_cancel(world, job_of(made), role)
        for reader in ("main", "other"):
            world.call("balance", reader)


@scenario("reads_are_free", "2", ("balance",))
def reads_are_free(world: World) -> None:
    """Thirty looks at one running job cost nothing."""
    made = world.submit()
    world.call("balance")
    for _ in range(15):
        world.call("read", job=job_of(made))
    world.call("balance")
