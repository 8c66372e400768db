"""JSON Web Tokens that a client signs with a secret it shares with the vendor (RFC 7519, HS256).

A token is read once, and what it says is taken for granted only once its secret has been proved:
see `core.keys.Claim`. Which claims a vendor wants, and what it answers, is the vendor's.
"""

from __future__ import annotations

import hmac
import json
from base64 import urlsafe_b64decode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from math import isfinite
from typing import Any

from bodydouble.core.caches import remembered

TOKEN_CHARS_MAX = 8_192
_INSTANT_S_MAX = 10**12


@dataclass(frozen=True, slots=True)
class Token:
    """What a token says, and whether a secret signed it. ValueError where it is none."""

    claims: Mapping[str, Any]
    proves: Callable[[str], bool]

    def text(self, name: str) -> str:
        """A claim that is a text; empty where there is none."""
        value = self.claims.get(name)
        return value if isinstance(value, str) else ""

    def instant_us(self, name: str) -> int | None:
        """A claim that is an instant, in Unix microseconds; None where there is none.

        ValueError where it is something else.
        """
        value = self.claims.get(name)
        if value is None:
            return None
        # A fraction of a second is allowed; true and false are no numbers.
        if type(value) not in (int, float) or not isfinite(value) or abs(value) > _INSTANT_S_MAX:
            raise ValueError(f"{name} is no instant")
        return int(value * 1_000_000)


# A client sends the same token until it makes another.
@remembered(1024)
def read_hs256(text: str) -> Token | None:
    """The token that ``text`` is; None where it is none, or is signed in another way."""
    parts = text.split(".")
    if len(parts) != 3 or len(text) > TOKEN_CHARS_MAX:
        return None
    try:
        header, claims = (json.loads(_decoded(part)) for part in parts[:2])
        signature = _decoded(parts[2])
    except (ValueError, RecursionError):
        return None
    # What the token says of its own algorithm is only compared, never followed.
    if not isinstance(header, dict) or header.get("alg") != "HS256" or not isinstance(claims, dict):
        return None
    signed = f"{parts[0]}.{parts[1]}".encode("ascii")
    return Token(claims, partial(_signed_by, signed, signature))


def _decoded(part: str) -> bytes:
    # urlsafe_b64decode passes over what is no base64 and takes the other alphabet, too.
    if not part.isascii() or part.strip("=+/ \n") != part:
        raise ValueError("not base64url")
    return urlsafe_b64decode(part + "=" * (-len(part) % 4))


def _signed_by(signed: bytes, signature: bytes, secret: str) -> bool:
    made = hmac.digest(secret.encode("utf-8", "surrogatepass"), signed, "sha256")
    return hmac.compare_digest(made, signature)
