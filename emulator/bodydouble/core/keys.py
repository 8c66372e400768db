"""API keys: which sandbox, account and rights a secret stands for.

Stored under a digest, so no store and no log ever holds a usable secret, but for what proves a
claim. What a well-formed key looks like, and what a bad one is answered with, is the vendor's.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import blake2b

from bodydouble.core.caches import remembered


@dataclass(frozen=True, slots=True)
class Key:
    """``scopes`` None means all of them; ``rate_limit`` replaces the vendor's per-minute number.

    ``expires_at_us`` is virtual; ``spending_limit`` is in the vendor's smallest unit; the end of
    each job is sent to ``callback_url``, if the key has one, with ``callback_secret``, which signs
    what goes to a job's own address, too. Whoever uses a key with a ``proof`` shows no secret and
    must have proved that one: see `Claim`.
    """

    id: str
    sandbox: str
    provider: str
    account: str
    hint: str
    scopes: tuple[str, ...] | None = None
    revoked: bool = False
    expires_at_us: int | None = None
    spending_limit: int | None = None
    rate_limit: int | None = None
    test: bool = False
    callback_url: str = ""
    callback_secret: str = ""
    proof: str = ""

    def may(self, scope: str) -> bool:
        """Whether the key carries ``scope``."""
        return not scope or self.scopes is None or scope in self.scopes


@dataclass(frozen=True, slots=True)
class Claim:
    """A credential that names a key and proves its secret without showing it: a signed token.

    ``proves`` tells whether a secret made it. It is good from ``from_us`` until before
    ``until_us``, in Unix microseconds (None: no such bound). Whoever signs has a clock of its own,
    which does not follow the sandbox's: so both are read off real time, unless the quirk called
    ``clock`` in full says ``sandbox``.
    """

    proves: Callable[[str], bool]
    from_us: int | None = None
    until_us: int | None = None
    clock: str = ""


@remembered(4096)
def digest_if(shape: re.Pattern[str], secret: str) -> str | None:
    """The digest of a secret that is formed like ``shape``; None if it is not."""
    return digest(secret) if shape.fullmatch(secret) else None


@remembered(4096)
def digest(secret: str) -> str:
    """The name under which a secret is kept."""
    return blake2b(secret.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def masked(secret: str) -> str:
    """What may be shown of a secret: enough to recognise it, too little to use it."""
    return secret[:8] + "…" if len(secret) > 12 else "…"


_BY_KEY = "k"


def opened_by(digest: str) -> str:
    """The sandbox that a key opens which nobody issued."""
    return f"{_BY_KEY}{digest[:24]}"


def self_opened(id: str) -> bool:
    """Whether a sandbox was opened by a key that nobody issued."""
    return id.startswith(_BY_KEY)
