"""Links to files: which operations show them, how long they are said to live, what they ask for."""

from __future__ import annotations

import copy
from typing import Any
from urllib.parse import urlsplit

from bodydouble_contracts.history.pointers import put
from bodydouble_contracts.vendors.profile import Places, Profile

Json = Any

HOUR_S, DAY_S = 3_600, 86_400
SOCKETS = "links are opened over sockets only: serve the app and name its URL"


def shows_links(profile: Profile) -> int:
    """Return how many operations show a finished job's link."""
    return sum("result" in o.at for o in profile.doing("read", "job"))


def shown_links(profile: Profile) -> int:
    """Return how many looks at jobs show a result; a vendor may have it at a route alone."""
    looks = (one for one in profile.operations.values() if one.does != "result")
    return sum("result" in look.at for look in looks)


def shows_posters(profile: Profile) -> int:
    """Return how many operations show the link of a still picture."""
    return sum("poster" in o.at for o in profile.doing("read", "job"))


def lifetime_s(profile: Profile) -> tuple[float, float] | None:
    """Return the least and the most seconds that a link lives, infinity for one without an end,
    or None where the vendor says nothing."""
    told = profile.section("links").get("lifetime_s")
    if told is None:
        return None
    if told == "never":
        return float("inf"), float("inf")
    least, most = told if isinstance(told, list) else (told, told)
    return float(least), float(most)


def dated(profile: Profile) -> int:
    """Return 1 where the vendor says how long its links live."""
    return int(shows_links(profile) > 0 and lifetime_s(profile) is not None)


def signed_anew(profile: Profile) -> bool:
    """Whether every look shows a link with another signature."""
    return bool(profile.section("links").get("resigned"))


def unsigned(profile: Profile, places: dict[str, Places], doc: Json) -> Json:
    """Return what a look showed without the signatures of its links, where they are made anew."""
    if not signed_anew(profile):
        return doc
    out = copy.deepcopy(doc)
    for place in (p for name in ("result", "poster") for p in places.get(name, ())):
        link = place.read(out)
        if isinstance(link, str):
            put(out, place.pointer, link.partition("?")[0])
    return out


def target_of(link: str) -> str:
    """Return path and query of a link, as a request spells them."""
    parts = urlsplit(link)
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
