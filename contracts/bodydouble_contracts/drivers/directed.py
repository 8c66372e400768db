"""Directed scenarios: short scripts, each a walk a careful tester would take by hand.

Each says which capabilities it needs and how far it goes (its tier). They act through a session
and leave the judging to the contracts, which read every reply of every scenario.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Iterator
from functools import cache

from bodydouble_contracts.drivers.sandboxes import open_session
from bodydouble_contracts.drivers.scenario import ENTERED, Scenario
from bodydouble_contracts.history.exchanges import History
from bodydouble_contracts.targets.target import Target
from bodydouble_contracts.vendors.parts import Role
from bodydouble_contracts.vendors.profile import Profile

MODULES = (
    *("free", "rights", "lifecycle", "money", "keys", "lists", "odd_input", "throttle", "many"),
    *("strangers", "long_lists"),
)


@cache
def scenarios() -> tuple[Scenario, ...]:
    """Return all scripts, in one order whoever imported which of them first."""
    for module in MODULES:
        importlib.import_module(f"bodydouble_contracts.drivers.scripts.{module}")
    room = {name: place for place, name in enumerate(MODULES)}
    return tuple(sorted(ENTERED.values(), key=lambda s: room[s.play.__module__.split(".")[-1]]))


def fits(script: Scenario, profile: Profile, tier: str = "E") -> bool:
    """Whether a vendor can do what a script needs, within a tier."""
    if not all(arranged(need, profile) for need in script.needs):
        return False
    needs = [need.split("|") for need in script.needs if need != "control"]
    lacking = [names for names in needs if all(profile.have(n) == "no" for n in names)]
    return not lacking and "0123E".index(script.tier) <= "0123E".index(tier)


def arranged(need: str, profile: Profile) -> bool:
    """Whether the run can have what is not the vendor's to give: a control plane, a role's key,
    an account of which it is known that it has no money."""
    controlled = bool(profile.section("control").get("prefix"))
    word, _, name = need.partition(":")
    if word == "broke":  # a run that made the account knows, others read what it has
        return controlled or profile.have("balance") == "yes"
    if word != "role":
        return controlled or word != "control"
    found = [r for r in profile.roles.values() if meant(r, name)]
    return any(controlled or os.environ.get(r.env) for r in found)


def meant(role: Role, name: str) -> bool:
    """Whether a role is the one that a script needs: by name, or any dead or scoped one."""
    return {"a dead one": role.dead, "a scoped one": bool(role.scopes)}.get(name, role.name == name)


def play_all(
    target: Target, profile: Profile, *, seed: int = 0, tier: str = "E", only: str = ""
) -> Iterator[History]:
    """Play every fitting script in a session of its own and yield what was recorded."""
    for script in scenarios():
        if fits(script, profile, tier) and only in script.name:
            yield play(script, target, profile, seed)


def play(script: Scenario, target: Target, profile: Profile, seed: int = 0) -> History:
    """Play one script and return its history."""
    session = open_session(
        target, profile, scenario=script.name, seed=seed, spec=dict(script.spec) or None
    )
    try:
        script.play(session)
    finally:
        session.close()
    return session.history()
