"""Whose request it is: the headers of a role's key, of a bad key, and of none.

It is handed the keys, keeps none of them, and takes them out of what is kept.
"""

from __future__ import annotations

import os
from collections.abc import Callable

from bodydouble_contracts.history.exchanges import Headers, Reply
from bodydouble_contracts.reading.calls import NEAR_KEYS, near_key
from bodydouble_contracts.targets.target import TargetError
from bodydouble_contracts.vendors.parts import Role
from bodydouble_contracts.vendors.profile import Profile


def credentials(profile: Profile, role: str, key: Callable[[str], str]) -> Headers:
    """Return the headers that make a request come from a role."""
    rule = profile.section("key")
    name, scheme = rule.get("header", "Authorization"), rule.get("scheme", "Bearer")
    if role in ("nobody", "control"):
        return ()
    if role == "malformed":
        value = rule.get("malformed", "not-a-key")
    elif role == "unissued":
        value = rule["unissued"]
    elif role in NEAR_KEYS:
        value = near_key(key("main"), role)
    elif role == "scheme":
        scheme, value = rule.get("wrong_scheme", "Basic"), key("main")
    else:
        value = key(role)
    return ((name, f"{scheme} {value}".strip()),)


def key_in_environment(role: Role) -> str:
    """Return a role's key from its variable. Raises TargetError that names it."""
    found = os.environ.get(role.env)
    if not found:
        raise TargetError(f"the role {role.name} needs a key: set {role.env}")
    return found


def masked(reply: Reply, keys: dict[str, str]) -> Reply:
    """Replace every key that a reply shows by `<key:role>`."""
    body = reply.body
    for role, key in keys.items():
        if key.encode() in body:
            body = body.replace(key.encode(), f"<key:{role}>".encode())
    return reply if body is reply.body else Reply(reply.status, reply.headers, body, reply.cut)
