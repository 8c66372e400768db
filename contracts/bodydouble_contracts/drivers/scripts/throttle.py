"""Scripts that ask too much: up to the limit, beyond it, and after the wait."""

from __future__ import annotations

from bodydouble_contracts.drivers.directed import scenario
from bodydouble_contracts.drivers.world import World
from bodydouble_contracts.history.numerals import whole

LIMITED = ("control", "limits")


@scenario("too_many_reads", "E", LIMITED)
def too_many_reads(world: World) -> None:
    """A key with a small limit reads until refused, waits as told, reads again."""
    beyond(world, submitting=False)


@scenario("too_many_submits", "E", LIMITED)
def too_many_submits(world: World) -> None:
    """A key with a small limit submits until refused; the refusals cost nothing."""
    beyond(world, submitting=True)


def beyond(world: World, submitting: bool) -> None:
    """Ask until refused, see what the refusal did, wait exactly as told, ask again."""
    role, wait = "limited", 0
    for turn in range(5):
        for number in range(int(world.profile.roles[role].key["rate_limit"]) + 3):
            if number == 2 and turn:
                world.advance(turn * 7)  # refused at the beginning of a window, and well within it
            if submitting:
                world.call("balance")
                call = world.submit(role=role)
                world.call("balance")
            else:
                call = world.call("read", role, job=unknown(world))
            if call.status == 429:
                told = whole(call.header("retry-after"))
                wait = 60 if told is None else max(told, 0)
        if world.profile.have("list") == "yes":
            world.call("list")
        world.advance(min(wait, 600) or 60)
        if submitting:
            world.submit(role=role)
        else:
            world.call("read", role, job=unknown(world))


def unknown(world: World) -> str:
    """Return an id nobody was given."""
    return str(world.profile.section("unknown_ids").get("job", "x"))


@scenario("default_limit", "E", ("control", "limits", "limit_headers"))
def default_limit(world: World) -> None:
    """An ordinary key asks more often than documented within one instant."""
    count = int(world.profile.section("limits").get("requests", 60))
    role = "plain" if "plain" in world.profile.roles else "main"
    for _ in range(min(count, 200) + 3):
        world.call("balance", role)
    world.advance(world.profile.section("limits").get("window_s", 60))
    world.call("balance", role)
