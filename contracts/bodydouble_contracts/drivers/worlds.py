"""Opens worlds: a sandbox of its own where the profile declares a control plane."""

from __future__ import annotations

from bodydouble_contracts.drivers.world import Json, World
from bodydouble_contracts.targets.control import Powers
from bodydouble_contracts.targets.targets import Target
from bodydouble_contracts.vendors.profile import Profile


def open_world(
    target: Target,
    profile: Profile,
    *,
    driver: str = "directed",
    scenario: str = "",
    seed: int = 0,
    spec: dict[str, Json] | None = None,
) -> World:
    """Open a fresh world: a sandbox of its own where the profile declares a control plane."""
    control = profile.section("control")
    world = World(target, profile, driver, scenario, seed)
    if control.get("prefix"):
        provider = control.get("provider", profile.provider)
        accounts = control.get("accounts", "{account}")
        world.powers = Powers(target, control["prefix"], provider, accounts)
        world.sandbox = world.powers.create(seed, {**control.get("sandbox", {}), **(spec or {})})
        # A profile may want another main key than the sandbox's own, for one with a wider limit.
        if not profile.roles["main"].key:
            world.keys["main"] = world.sandbox.key
    return world
