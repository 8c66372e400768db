"""Who asks: an API key as the bearer, or a token that an access key's secret signed.

The older API takes both, the newer one keys alone. Source: get-started/authentication; which code a
bad token has, get-started/error-codes. Observed: the newer API's 1002 to every token.
"""

from __future__ import annotations

import re
from hashlib import blake2b

from bodydouble.core.chance import Draw
from bodydouble.core.errors import Cause, Refused
from bodydouble.core.keys import Claim
from bodydouble.core.provider_kit import bearer_key
from bodydouble.core.signatures.tokens import Token, read_hs256
from bodydouble.core.wire import Call

# Shown keys begin with api-key-kling-; any other text of that length opens a sandbox, too.
KEY_SHAPE = re.compile(r"[A-Za-z0-9_-]{20,128}")
_ACCESS_KEY = re.compile(r"[A-Za-z0-9_-]{8,64}")
_OLDER = ("/v1/", "/account/")
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


def mint_key(draw: Draw) -> str:
    """A fresh API key, shaped like those that the console shows."""
    return f"api-key-kling-{draw.text(43, _ALPHABET)}"


def key_pair(secret: str) -> tuple[str, str]:
    """The access key and the secret key of the account that an API key opens."""
    if not secret:
        return "", ""
    return _letters(b"access", secret, "A"), _letters(b"secret", secret)


def _letters(purpose: bytes, secret: str, first: str = "") -> str:
    raw = blake2b(secret.encode(), digest_size=32, person=purpose).digest()
    return first + "".join(_ALPHABET[byte % 62] for byte in raw[len(first) :])


def credential(call: Call) -> str:
    """`Provider.credential`. Refused: NO_KEY, MALFORMED_KEY."""
    found = bearer_key(call)
    if not found:
        raise Refused(Cause.NO_KEY)
    if "." not in found:
        return found
    token = read_hs256(found) if call.path.startswith(_OLDER) else None
    if token is None:
        raise Refused(Cause.MALFORMED_KEY)
    call.claim, name = _claim(token)
    return name


def _claim(token: Token) -> tuple[Claim, str]:
    """The claim of a token, and the access key that it names. Refused: MALFORMED_KEY."""
    name = token.text("iss")
    try:
        since_us, until_us = token.instant_us("nbf"), token.instant_us("exp")
    except ValueError:
        raise Refused(Cause.MALFORMED_KEY) from None
    if until_us is None or not _ACCESS_KEY.fullmatch(name):
        raise Refused(Cause.MALFORMED_KEY)
    return Claim(token.proves, since_us, until_us, clock="kling.token_clock"), name
