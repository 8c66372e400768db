"""Whether a delivery is what its vendor would have signed, read off the vendors' pages anew.

It shares no line with what signs, so that a wrong signature cannot be wrong twice the same way.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from hashlib import sha256


def smartlyq(secret: str, headers: Mapping[str, str], body: bytes) -> bool:
    """``X-SmartlyQ-Signature: t=…,v1=…`` is the HMAC-SHA256 of ``t``, a dot and the exact bytes.

    Source: docs.smartlyq.com/guides/webhooks.
    """
    parts = dict(
        part.strip().partition("=")[::2]
        for part in headers.get("x-smartlyq-signature", "").split(",")
    )
    message = parts.get("t", "").encode() + b"." + body
    right = hmac.new(secret.encode(), message, sha256).hexdigest()
    return hmac.compare_digest(right, parts.get("v1", ""))


def bearer(secret: str, headers: Mapping[str, str], body: bytes) -> bool:
    """The receiver's own secret comes back as a bearer; the body is not signed.

    Source: docs.leonardo.ai/docs/guide-to-the-webhook-callback-feature.
    """
    return hmac.compare_digest(f"Bearer {secret}", headers.get("authorization", ""))


VERIFIERS: dict[str, Callable[[str, Mapping[str, str], bytes], bool]] = {
    "smartlyq": smartlyq,
    "leonardo": bearer,
}
