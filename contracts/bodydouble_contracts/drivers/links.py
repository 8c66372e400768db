"""The script that opens a job's links again and again, over sockets: a file is drawn by an app
that waits, which the fast driver in process cannot.

One small job per vendor: somebody has to draw its video. It refuses to judge what came.
"""

from __future__ import annotations

from collections.abc import Iterator

from bodydouble_contracts.drivers.hosted import over_sockets
from bodydouble_contracts.drivers.link_opening import open_link
from bodydouble_contracts.drivers.moves import follow, job_of
from bodydouble_contracts.drivers.sandboxes import open_session
from bodydouble_contracts.drivers.session import Session
from bodydouble_contracts.history.exchanges import History
from bodydouble_contracts.reading.calls import Call
from bodydouble_contracts.reading.links import DAY_S, lifetime_s, shows_links
from bodydouble_contracts.targets.target import Target
from bodydouble_contracts.vendors.profile import Profile

START = "bytes=0-63"
LATER = "bytes=64-127"
SOON, SOON_S = 8, 300
"""Times a link is opened again within its first hour, and the seconds between."""
AGES_DAYS = (1, 3, 7, 14, 30, 60, 90, 180, 270, 365, 730)
"""Days after which a link without an end is opened again."""


def play_links(target: Target, profile: Profile, seed: int) -> Iterator[History]:
    """Yield the history of one job whose links are opened, where the judge has a session."""
    if not shows_links(profile) or not profile.section("control").get("prefix"):
        return
    with over_sockets(target) as (served, _):
        session = open_session(served, profile, driver="hosted", scenario="links", seed=seed)
        try:
            links_open(session)
        finally:
            session.close()
        yield session.history()


def links_open(session: Session) -> None:
    """A small job, its links opened whole, in parts, by HEAD, and again as they age."""
    # The smallest video the vendor sells: somebody has to draw it.
    done = follow(session, job_of(small(session)))
    open_link(session, done)
    for _ in range(2):
        open_link(session, follow(session, job_of(small(session))))
    open_link(session, done, method="HEAD")
    open_link(session, done, part=START)
    open_link(session, done, part=LATER)
    open_link(session, done, name="poster")
    for _ in range(SOON):
        session.advance(SOON_S)
        open_link(session, done, part=START)
    age_s = SOON * SOON_S
    for later_s in moments(session.profile):
        session.advance(later_s - age_s)
        open_link(session, done, part=START)
        age_s = later_s


def small(session: Session) -> Call:
    """Order the smallest video."""
    rule = session.profile.section("links")
    if "body" not in rule:
        return session.submit()
    operation = rule.get("op", session.profile.sample().op)
    return session.call(operation, body=session.filled(rule["body"]))


def moments(profile: Profile) -> list[int]:
    """Return the ages in seconds at which links are opened again, if their life is documented."""
    life_s = lifetime_s(profile)
    if life_s is None:
        return []
    least_s, most_s = life_s
    if least_s == float("inf"):
        return [days * DAY_S for days in AGES_DAYS]
    # A life of an hour has had its halves looked at already.
    before = [int(least_s * share / 4) for share in (2, 3) if least_s * share / 4 > SOON * SOON_S]
    return before + [int(most_s * share / 4) for share in (5, 6, 8)]
