"""What clients call this server: its own address, what a proxy says, or what it was told to say.

A proxy is believed whole or not at all: scheme and host together make an address, one of them with
our other half makes one that leads nowhere. Only trusted peers are believed, by default those of
this machine. It knows headers, standard ones (RFC 7239) and customary ones.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from ipaddress import ip_address, ip_network

from starlette.types import Scope

from bodydouble.core.addresses import is_loopback
from bodydouble.core.caches import remembered

_SCHEMES = (
    b"x-forwarded-proto",
    b"x-forwarded-scheme",
    b"x-forwarded-protocol",
    b"x-url-scheme",
)
_SECURE = (b"x-forwarded-ssl", b"front-end-https")
_HOSTS = (b"x-forwarded-host", b"x-original-host")
_FORWARDING = frozenset((b"forwarded", b"x-forwarded-for", *_SCHEMES, *_SECURE, *_HOSTS))
_USUAL = {"http": "80", "https": "443"}
_PAIR = re.compile(r'([\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;,"]+))')
_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9_]([a-z0-9._-]*[a-z0-9])?)(?::(\d{1,5}))?")
_PREFIX = re.compile(r"(/[A-Za-z0-9._~-]+)+")

Named = Mapping[bytes, bytes]


class Proxies:
    """``trusted`` are addresses and ranges besides loopback; ``public_url`` outranks everybody."""

    def __init__(self, trusted: Iterable[str], public_url: str | None) -> None:
        self._trusted = tuple(ip_network(text, strict=False) for text in trusted)
        self._public_url = public_url

    def origin(self, scope: Scope, named: Named) -> str:
        """How clients reach this server: scheme and host, and where it stands below them."""
        if self._public_url is not None:
            return self._public_url
        if not _FORWARDING.isdisjoint(named) and self._trusts(scope):
            told = _forwarded(named) or _customary(scope, named)
            if told is not None:
                return told
        host = named.get(b"host")
        if host is not None:
            return _origin(scope["scheme"], host)
        return _origin(scope["scheme"], _bound(scope))

    def seen(self, scope: Scope, named: Named) -> Scope:
        """The scope with that origin in its state, and with the client that a proxy speaks for."""
        state = {**scope.get("state", {}), "origin": self.origin(scope, named)}
        seen = {**scope, "state": state}
        if not _FORWARDING.isdisjoint(named) and self._trusts(scope):
            client = self._client(named)
            if client:
                seen["client"] = (client, 0)
        return seen

    def _client(self, named: Named) -> str:
        """The last address on the way that is no trusted proxy's; empty where none is told."""
        chain = [pairs.get("for", "") for pairs in _elements(named)]
        if not chain:
            chain = named.get(b"x-forwarded-for", b"").decode("latin-1").split(",")
        addresses = [_address(text) for text in chain if text.strip()]
        for address in reversed(addresses):
            if not self._listed(address):
                return address
        return addresses[0] if addresses else ""

    def _trusts(self, scope: Scope) -> bool:
        # Who has no address speaks through a socket file, or in this process.
        client = scope.get("client")
        return client is None or self._listed(client[0])

    def _listed(self, host: str) -> bool:
        if is_loopback(host):
            return True
        try:
            address = ip_address(host)
        except ValueError:
            return False
        return any(address in network for network in self._trusted)


def _elements(named: Named) -> list[dict[str, str]]:
    """What each proxy says in ``Forwarded``, the client's own first."""
    text = named.get(b"forwarded", b"").decode("latin-1")
    return [
        {name.lower(): quoted or plain for name, quoted, plain in _PAIR.findall(element)}
        for element in re.findall(r'(?:[^,"]|"(?:[^"\\]|\\.)*")+', text)
    ]


def _forwarded(named: Named) -> str | None:
    first = (_elements(named) or [{}])[0]
    return _together(first.get("proto", ""), first.get("host", ""), named)


def _customary(scope: Scope, named: Named) -> str | None:
    scheme = next((_first(named, name) for name in _SCHEMES if name in named), "")
    if not scheme and any(_first(named, name).lower() == "on" for name in _SECURE):
        scheme = "https"
    host = next((_first(named, name) for name in _HOSTS if name in named), "")
    # A proxy that hands the client's Host on need not say it again.
    return _together(scheme, host or _handed_on(scope, named), named)


def _first(named: Named, name: bytes) -> str:
    return named.get(name, b"").decode("latin-1").partition(",")[0].strip()


def _handed_on(scope: Scope, named: Named) -> str:
    """The ``Host``, unless it is the address under which the proxy found us."""
    found = _HOST.fullmatch(_first(named, b"host").lower())
    server = scope.get("server")
    if found is None or not server or server[1] is None:
        return ""
    return "" if (found[3] or "80") == str(server[1]) else found[0]


def _together(scheme: str, host: str, named: Named) -> str | None:
    """The address these make, or None where a part is missing or is none."""
    scheme, found = scheme.lower(), _HOST.fullmatch(host.lower())
    port = (found[3] if found else None) or _first(named, b"x-forwarded-port")
    prefix = _first(named, b"x-forwarded-prefix").rstrip("/")
    if scheme not in _USUAL or found is None or (port and not _is_port(port)):
        return None
    if prefix and not _PREFIX.fullmatch(prefix):
        return None
    return f"{scheme}://{found[1]}{f':{port}' if port not in ('', _USUAL[scheme]) else ''}{prefix}"


def _is_port(text: str) -> bool:
    return text.isascii() and text.isdecimal() and 0 < int(text) < 65_536


def _address(text: str) -> str:
    """An address without its port and brackets."""
    text = text.strip().strip('"')
    if text.startswith("["):
        return text[1:].partition("]")[0]
    return text.partition(":")[0] if text.count(":") == 1 else text


def _bound(scope: Scope) -> bytes:
    server = scope.get("server")
    return f"{server[0]}:{server[1]}".encode() if server else b"localhost"


@remembered(256)
def _origin(scheme: str, host: bytes) -> str:
    return f"{scheme}://{host.decode('latin-1').lower()}"
