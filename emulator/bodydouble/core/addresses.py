"""Where webhooks may be sent: public https addresses, this machine, and what was allowed by name.

A tester's emulator must not become a way into the network it stands in, so an address is judged
when it is saved and the machine behind it again whenever something is sent. Resolving names is
done elsewhere; this file only judges.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

URL_CHARACTERS_MAX = 2048
_NAT64 = IPv6Network("64:ff9b::/96")
_LOOPBACK_NAMES = ("localhost", "localhost.localdomain")


@dataclass(frozen=True, slots=True)
class Target:
    """An address taken apart once, so that what is judged is what is connected to."""

    scheme: str
    host: str
    port: int
    path: str
    authority: str


@dataclass(frozen=True, slots=True)
class Targets:
    """The policy. ``allowed`` are host names, addresses or CIDR ranges that may be sent to, too."""

    allowed: tuple[str, ...] = ()

    def read(self, url: str) -> Target:
        """The address taken apart; ValueError that says why nothing may be sent there."""
        target = _parsed(url)
        trusted = self.trusts(target.host)
        if target.scheme != "https" and not trusted:
            raise ValueError("it must be an https address (http is for this machine alone)")
        literal = _literal(target.host)
        if literal is not None:
            if not self.permits(target.host, target.host):
                raise ValueError("it must be a public address")
        elif "." not in target.host and not trusted:
            raise ValueError("it must be a public host name")
        return target

    def trusts(self, host: str) -> bool:
        """Whether ``host`` is this machine, or is allowed as it is written."""
        if host in _LOOPBACK_NAMES or host in self.allowed:
            return True
        literal = _literal(host)
        return literal is not None and (literal.is_loopback or self._listed(literal))

    def permits(self, host: str, address: str) -> bool:
        """Whether ``address``, which ``host`` resolved to, may be connected to."""
        literal = _literal(address)
        if literal is None or literal.is_multicast:
            return False
        if host in self.allowed or literal.is_loopback or self._listed(literal):
            return True
        return literal.is_global

    def _listed(self, literal: IPv4Address | IPv6Address) -> bool:
        return any(_holds(text, literal) for text in self.allowed)


def _holds(text: str, literal: IPv4Address | IPv6Address) -> bool:
    try:
        return literal in ip_network(text, strict=False)
    except ValueError:
        return False  # a host name, which is compared as it is written


def is_literal(host: str) -> bool:
    """Whether ``host`` is an address and no name."""
    return _literal(host) is not None


def _literal(text: str) -> IPv4Address | IPv6Address | None:
    """The machine an address means: IPv4 in IPv6 clothes counts as IPv4. None for a name."""
    try:
        found = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    if isinstance(found, IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour
        if inner is None and found in _NAT64:
            inner = IPv4Address(int(found) & 0xFFFFFFFF)
        return inner or found
    return found


def _parsed(url: str) -> Target:
    if len(url) > URL_CHARACTERS_MAX:
        raise ValueError(f"it must have at most {URL_CHARACTERS_MAX} characters")
    if not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        raise ValueError("it must be written in printable ASCII without spaces or backslashes")
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https"):
        raise ValueError("it must be an https address")
    if parts.username is not None or parts.password is not None:
        raise ValueError("it must not carry a user name or password")
    host = (parts.hostname or "").rstrip(".")
    if not host:
        raise ValueError("it must name a host")
    port = parts.port or (443 if parts.scheme == "https" else 80)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, host, port, path, parts.netloc)
