"""A profile as it holds elsewhere: beyond the judge's machine, where it has no control plane, or
where a recording was made without the prefix; and the hash that tells two profiles apart.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from bodydouble_contracts.history.exchanges import Exchange
from bodydouble_contracts.vendors.parts import Failing
from bodydouble_contracts.vendors.profile import Profile

DEAD = ("revoked", "expired")


def from_outside(profile: Profile) -> Profile:
    """Return the profile as it holds beyond the judge's own machine: no mount, no control plane."""
    return replace(without_control(profile), mount="")


def known_of(profile: Profile, hosts: Iterable[str], failing: Any) -> Profile:
    """Return the profile with hosts whose links may be opened, and a body that makes a job fail."""
    links = profile.section("links")
    opened = [*links.get("hosts", []), *hosts]
    extra = {**profile.extra, **({"links": {**links, "hosts": opened}} if opened else {})}
    if failing is None:
        return replace(profile, extra=extra)
    given = Failing("given", profile.sample().op, failing, source="given by the caller")
    return replace(profile, extra=extra, failing=(*profile.failing, given))


def without_control(profile: Profile) -> Profile:
    """Return the profile without what the judge would arrange in a sandbox of its own: a control
    plane, and keys with wider or narrower limits than the vendor's. What is dead stays dead: its
    key may come from the environment."""
    extra = {k: v for k, v in profile.extra.items() if k != "control"}
    dead = {n: {k: v for k, v in r.key.items() if k in DEAD} for n, r in profile.roles.items()}
    roles = {n: replace(r, key=dead[n]) for n, r in profile.roles.items()}
    return replace(profile, extra=extra, roles=roles)


def mounted_like(profile: Profile, exchanges: Iterable[Exchange]) -> Profile:
    """Return the profile without its mount where the traffic was recorded without one."""
    mounted = any(x.request.path.startswith(profile.mount + "/") for x in exchanges)
    return profile if mounted or not profile.mount else replace(profile, mount="")


def profile_hash(profile: Profile) -> str:
    """Return twelve hex digits over what the profile says of operations, prices and requests."""
    facts = (
        sorted((o.name, o.does, o.method, o.path, o.ok) for o in profile.operations.values()),
        sorted((s.name, json.dumps(s.body, sort_keys=True), s.price) for s in profile.samples),
        json.dumps(profile.section("prices"), sort_keys=True, default=str),
        sorted(profile.states.items()),
        sorted((h.name, h.value) for h in profile.headers),
    )
    return hashlib.sha256(repr(facts).encode()).hexdigest()[:12]
