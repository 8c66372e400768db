"""The sender's half of each family, and the family put together with what a receiver does.

A family is a function from what differs between vendors to a `Signature`: a new one is a function
here, or a module beside this one where it needs keys of its own. No vendor is known here.
"""

from __future__ import annotations

import hmac
from base64 import b64decode, b64encode
from binascii import Error
from collections.abc import Callable, Mapping
from hashlib import sha256

from bodydouble.core.chance import Draw
from bodydouble.core.clock import SECOND_US
from bodydouble.core.signatures import receiving
from bodydouble.core.webhooks import Delivery, Headers, Signature, Webhook

PREFIX = "whsec_"


def standard_webhooks(
    message_id: Callable[[Delivery], str] = lambda delivery: delivery.event_id,
) -> Signature:
    """Standard Webhooks 1.0: HMAC-SHA256 of ``id.timestamp.body``, base64, in three headers.

    The key is what a secret says in base64 after `PREFIX`, and while two of them are good there are
    two signatures; ``message_id`` is a delivery's id, the same at each attempt. Source:
    github.com/standard-webhooks, spec/standard-webhooks.md.
    """

    def headers(webhook: Webhook, delivery: Delivery, at_us: int) -> Headers:
        id, at_s = message_id(delivery), at_us // SECOND_US
        signed = f"{id}.{at_s}.".encode() + delivery.body
        codes = [
            "v1," + b64encode(hmac.digest(key_of(secret), signed, "sha256")).decode()
            for secret in webhook.secrets(at_us)
        ]
        return (
            ("webhook-id", id),
            ("webhook-timestamp", str(at_s)),
            ("webhook-signature", " ".join(codes)),
        )

    return Signature(headers, receiving.standard_webhooks)


def standard_secret(draw: Draw) -> str:
    """A fresh secret of that family: 32 bytes, of which it asks for 24 to 64."""
    return PREFIX + b64encode(draw.take(32)).decode()


def key_of(secret: str) -> bytes:
    """The key that a secret writes in base64; what is none is taken as it stands."""
    try:
        return b64decode(secret.removeprefix(PREFIX), validate=True)
    except (Error, ValueError):
        return secret.encode()


def timed_hex(header: str) -> Signature:
    """``t=…,v1=…`` in one header: HMAC-SHA256 of ``t.body`` in hex under the secret as shown."""

    def headers(webhook: Webhook, delivery: Delivery, at_us: int) -> Headers:
        at_s = at_us // SECOND_US
        signed = f"{at_s}.".encode() + delivery.body
        code = hmac.new(webhook.secret.encode(), signed, sha256).hexdigest()
        return ((header, f"t={at_s},v1={code}"),)

    return Signature(headers, receiving.timed_hex(header))


def own_or_standing(own: Signature, standing: Signature) -> Signature:
    """``own`` at an address that a submission named for its job, ``standing`` at any other."""

    def headers(webhook: Webhook, delivery: Delivery, at_us: int) -> Headers:
        family = own if webhook.id.startswith("job:") else standing
        return family.headers(webhook, delivery, at_us)

    def verify(secret: str, headers: Mapping[str, str], body: bytes) -> bool:
        families = [one.verify for one in (own, standing) if one.verify is not None]
        return any(one(secret, headers, body) for one in families)

    return Signature(headers, verify)


def bearer() -> Signature:
    """The receiver's own secret comes back as a bearer, where it has one; no byte is signed."""

    def headers(webhook: Webhook, delivery: Delivery, at_us: int) -> Headers:
        return (("authorization", f"Bearer {webhook.secret}"),) if webhook.secret else ()

    return Signature(headers, receiving.bearer)
