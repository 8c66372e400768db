"""Links to files: which operations show them, how long they are said to live, what they ask for."""

from __future__ import annotations

from urllib.parse import urlsplit

from bodydouble_contracts.vendors.profile import Profile

HOUR_S, DAY_S = 3_600, 86_400
SOCKETS = "links are opened over sockets only: serve the app and name its URL"


def shows_links(profile: Profile) -> int:
    """Return how many operations show a finished job's link."""
    return sum("result" in o.at for o in profile.doing("read", "job"))


def shows_posters(profile: Profile) -> int:
    """Return how many operations show the link of a still picture."""
    return sum("poster" in o.at for o in profile.doing("read", "job"))


def lifetime_s(profile: Profile) -> float | None:
    """Return how long the vendor says a link lives: seconds, infinity, or None for no word."""
    told = profile.section("links").get("lifetime_s")
    return None if told is None else float("inf") if told == "never" else float(told)


def dated(profile: Profile) -> int:
    """Return 1 where the vendor says how long its links live."""
    return int(shows_links(profile) > 0 and lifetime_s(profile) is not None)


def target_of(link: str) -> str:
    """Return path and query of a link, as a request spells them."""
    parts = urlsplit(link)
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
