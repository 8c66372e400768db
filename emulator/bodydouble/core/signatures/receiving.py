"""The receiver's half of each family: is what came the vendor's?

Read off the families' own pages anew: it shares no line with `signing`, so that a wrong signature
cannot be wrong twice the same way. How old a signature may be is not asked: time is virtual.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping


def standard_webhooks(secret: str, headers: Mapping[str, str], body: bytes) -> bool:
    """One of the ``v1`` signatures in ``webhook-signature``, which are set apart by blanks."""
    shown = secret[len("whsec_") :] if secret.startswith("whsec_") else secret
    try:
        key = base64.b64decode(shown, validate=True)
    except ValueError:
        key = secret.encode()
    named = [headers.get(name, "") for name in ("webhook-id", "webhook-timestamp")]
    message = b".".join([*(name.encode() for name in named), body])
    right = base64.b64encode(hmac.new(key, message, hashlib.sha256).digest())
    given = headers.get("webhook-signature", "").split(" ")
    return any(
        hmac.compare_digest(code.encode(), right)
        for version, _, code in (one.partition(",") for one in given)
        if version == "v1"
    )


def timed_hex(header: str) -> Callable[[str, Mapping[str, str], bytes], bool]:
    """``t=…,v1=…`` under ``header`` (lower case) is the HMAC of ``t.`` and the exact bytes."""

    def verify(secret: str, headers: Mapping[str, str], body: bytes) -> bool:
        parts = dict(
            part.strip().partition("=")[::2] for part in headers.get(header, "").split(",")
        )
        message = parts.get("t", "").encode() + b"." + body
        right = hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()
        return hmac.compare_digest(right.encode(), parts.get("v1", "").encode())

    return verify


def bearer(secret: str, headers: Mapping[str, str], body: bytes) -> bool:
    """The secret itself stands in ``authorization``."""
    right = f"Bearer {secret}".encode()
    return hmac.compare_digest(right, headers.get("authorization", "").encode())
