"""What a receiver of SmartlyQ's webhooks does: registers its address, and verifies what comes.

Read off the vendor's page anew: it shares no line with `events`, which signs, so that a wrong
signature cannot be wrong twice the same way.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from hashlib import sha256

from bodydouble.core.webhooks import Registration


def verify(secret: str, headers: Mapping[str, str], body: bytes) -> bool:
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


REGISTRATION = Registration(
    path="/webhooks",
    body=lambda url, events: {"url": url, "events": list(events)},
    secret=lambda answer: str(answer["data"]["secret"]),
    events=("job.completed", "job.failed"),
)
