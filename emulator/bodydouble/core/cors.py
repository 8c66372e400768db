"""Which web pages may read answers, and in what headers a vendor says so.

A page is known by its ``Origin``. Pages of this machine may read, others where the tester says so.
It knows header values, not who sends them.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from bodydouble.core.addresses import is_loopback

Headers = tuple[tuple[bytes, bytes], ...]


@dataclass(frozen=True, slots=True)
class Cors:
    """What a vendor adds to every answer a page may read, and to a preflight besides.

    Names are in lower case. The values are those that a real new-api sent (measured, 2026-08); no
    other vendor documents its own, so they are everybody's until a vendor's are known.
    """

    headers: Headers = (
        (b"access-control-allow-origin", b"*"),
        (b"access-control-allow-credentials", b"true"),
    )
    preflight: Headers = (
        (b"access-control-allow-headers", b"*"),
        (b"access-control-allow-methods", b"GET,POST,PUT,DELETE,OPTIONS"),
        (b"access-control-max-age", b"43200"),
    )
    preflight_status: int = 204


CORS = Cors()


@dataclass(frozen=True, slots=True)
class Origins:
    """The policy. ``allowed`` are origins as browsers write them, or ``*`` for every page."""

    allowed: tuple[str, ...] = ()

    def may_read(self, origin: str) -> bool:
        """Whether a page of ``origin`` may read answers."""
        return "*" in self.allowed or self.trusts(origin)

    def trusts(self, origin: str) -> bool:
        """Whether ``origin`` is this machine's, or allowed by name: `*` names nobody."""
        if origin in self.allowed and origin != "*":
            return True
        try:
            parts = urlsplit(origin)
            return parts.scheme in ("http", "https") and is_loopback(parts.hostname or "")
        except ValueError:
            return False
