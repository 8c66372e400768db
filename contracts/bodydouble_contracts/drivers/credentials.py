"""Whose request it is: the headers of a role's key, of a bad key, and of none.

It is handed the keys and keeps none of them.
"""

from __future__ import annotations

from collections.abc import Callable

from bodydouble_contracts.history.exchanges import Headers
from bodydouble_contracts.reading.calls import NEAR_KEYS, near_key
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
