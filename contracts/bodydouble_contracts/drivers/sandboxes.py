"""Opens sessions: a sandbox of its own where the profile declares a control plane."""

from __future__ import annotations

from bodydouble_contracts.drivers.session import Json, Session
from bodydouble_contracts.targets.control import ControlPlane
from bodydouble_contracts.targets.target import Target
from bodydouble_contracts.vendors.profile import Profile


def open_session(
    target: Target,
    profile: Profile,
    *,
    driver: str = "directed",
    scenario: str = "",
    seed: int = 0,
    spec: dict[str, Json] | None = None,
) -> Session:
    """Open a fresh session: a sandbox of its own where the profile declares a control plane."""
    control = profile.section("control")
    session = Session(target, profile, driver, scenario, seed)
    if control.get("prefix"):
        provider = control.get("provider", profile.provider)
        accounts = control.get("accounts", "{account}")
        session.control = ControlPlane(target, control["prefix"], provider, accounts)
        session.sandbox = session.control.create(
            seed, {**control.get("sandbox", {}), **(spec or {})}
        )
        # A profile may want another main key than the sandbox's own, for one with a wider limit.
        if not profile.roles["main"].key:
            session.keys["main"] = session.sandbox.key
    return session
