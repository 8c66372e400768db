"""Which addresses may be connected to: public ones, for webhooks this machine and allowed ones.

A tester's emulator must not become a way into the network it stands in, so an address is judged
when it is saved and the machine behind it again whenever something is sent or fetched. Resolving
names is done elsewhere; this file only judges.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from urllib.parse import urlsplit

URL_CHARACTERS_MAX = 2048
_NAME = re.compile(r"\w[\w.-]*")
_LOOPBACK_NAMES = ("localhost", "localhost.localdomain")
# All that IANA has given to the internet's machines (ipv6-address-space), and what of it is none
# of theirs, or hides an IPv4 address that a gateway would connect to (6to4, Teredo):
# iana-ipv6-special-registry and iana-ipv4-special-registry, where the standard library lags behind.
_UNICAST = IPv6Network("2000::/3")
_SPECIAL = tuple(map(IPv6Network, ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")))
_RELAYS = IPv4Network("192.88.99.0/24")
# Names that no public server answers to (RFC 6761, 6762, 8375 and ICANN's reserved ones).
_PRIVATE_ENDS = (".localhost", ".localdomain", ".local", ".internal", ".lan", ".home.arpa", ".test")


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
    """The policy. ``allowed`` are host names, addresses or CIDR ranges that may be sent to, too.

    ``loopback`` tells whether this machine may: only where nobody else can ask for it.
    """

    allowed: tuple[str, ...] = ()
    loopback: bool = True

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
        elif not trusted and ("." not in target.host or self._private(target.host)):
            raise ValueError("it must be a public host name")
        return target

    def trusts(self, host: str) -> bool:
        """Whether ``host`` is this machine, or is allowed as it is written."""
        if host in self.allowed or (self.loopback and host in _LOOPBACK_NAMES):
            return True
        literal = _literal(host)
        return literal is not None and self._allows(literal)

    def permits(self, host: str, address: str) -> bool:
        """Whether ``address``, which ``host`` resolved to, may be connected to."""
        literal = _literal(address)
        if literal is None or literal.is_multicast:
            return False
        return host in self.allowed or self._allows(literal) or is_public(literal)

    def _private(self, host: str) -> bool:
        return not self.loopback and host.lower().endswith(_PRIVATE_ENDS)

    def _allows(self, literal: IPv4Address | IPv6Address) -> bool:
        mine = self.loopback and literal.is_loopback
        return mine or any(_holds(text, literal) for text in self.allowed)


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether ``address`` is a machine that anybody on the internet could mean."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return is_public(address.ipv4_mapped)
        return address in _UNICAST and not any(address in network for network in _SPECIAL)
    unusual = address.is_multicast or address.is_reserved or address in _RELAYS
    return address.is_global and not unusual


def is_loopback(host: str) -> bool:
    """Whether a host name or address means this machine and nobody else."""
    name = host.strip("[]").lower()
    if name in _LOOPBACK_NAMES or name.endswith(".localhost"):
        return True
    literal = _literal(name)
    return literal is not None and literal.is_loopback


# For whoever must not reach this machine, or what was allowed to others, through us.
PUBLIC = Targets(loopback=False)


def _holds(text: str, literal: IPv4Address | IPv6Address) -> bool:
    try:
        return literal in ip_network(text, strict=False)
    except ValueError:
        return False  # a host name, which is compared as it is written


def is_host(text: str) -> bool:
    """Whether ``text`` can be the name or the address of a machine."""
    return _NAME.fullmatch(text) is not None or _literal(text) is not None


def is_literal(host: str) -> bool:
    """Whether ``host`` is an address and no name."""
    return _literal(host) is not None


def _literal(text: str) -> IPv4Address | IPv6Address | None:
    """The machine an address means: IPv4 mapped into IPv6 is IPv4. None for a name."""
    try:
        found = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found


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
    if not is_host(host):
        raise ValueError("it must name a host")
    port = parts.port or (443 if parts.scheme == "https" else 80)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, host, port, path, parts.netloc)
