"""What answers at a link that a reply shows: the target itself, or a host that the profile lists.

It refuses every other host: a link is only what a reply says.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from urllib.parse import urlsplit

from bodydouble_contracts.reading.links import SOCKETS
from bodydouble_contracts.targets.target import Target
from bodydouble_contracts.vendors.profile import Profile


def listed(profile: Profile, link: str) -> bool:
    """Whether the profile lists the host of a link among those that may be opened."""
    try:
        parts = urlsplit(link)
        names = (parts.hostname or "", f"{parts.hostname}:{parts.port}")
    except ValueError:
        return False  # no address at all
    if parts.scheme not in ("http", "https") or not names[0]:
        return False
    hosts = profile.section("links").get("hosts", [])
    return any(fnmatchcase(name, host) for host in hosts for name in names)


def unreachable(base: str, link: str, profile: Profile) -> str:
    """Return why a link is not opened from a target's address, or an empty text."""
    ours, theirs = urlsplit(base), urlsplit(link)
    if "://" not in base:
        return SOCKETS
    if listed(profile, link):
        return ""
    if ours.path.strip("/"):
        return f"the target is a folder of {ours.netloc}, and its links may lie beside it"
    if (ours.scheme, ours.netloc) != (theirs.scheme, theirs.netloc):
        return (
            f"the link leads to {theirs.netloc or 'nowhere'}, and only {ours.netloc} is judged: "
            "links.hosts of the profile may list more"
        )
    return ""


@dataclass(slots=True)
class MediaHosts:
    """The hosts that links of one target lead to, each with one keep-alive connection pool."""

    target: Target
    profile: Profile
    opened: dict[str, Target] = field(default_factory=dict)

    def at(self, link: str) -> Target:
        """Return what answers at a link; the target, where the profile lists no other host."""
        if not listed(self.profile, link):
            return self.target
        parts = urlsplit(link)
        origin = f"{parts.scheme}://{parts.netloc}"
        if origin not in self.opened:
            from bodydouble_contracts.targets.http import Url

            self.opened[origin] = Url(origin)
        return self.opened[origin]

    def close(self) -> None:
        """Let go of the connections to other hosts."""
        for target in self.opened.values():
            target.close()
