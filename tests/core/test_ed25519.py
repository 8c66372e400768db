"""ED25519 with published keys: what signs against a library that knows nothing of ours."""

from __future__ import annotations

from base64 import urlsafe_b64decode
from hashlib import sha256
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from bodydouble.core.clock import SECOND_US
from bodydouble.core.signatures.ed25519 import key_pair, signed_lines
from bodydouble.core.webhooks import Delivery, Headers, Webhook
from bodydouble.web.webhooks import ed25519

PAIR = key_pair("toy")
BODY = b'{"id":1}'
AT_US = 1_800_000_000 * SECOND_US
WEBHOOK = Webhook("1", "toy/main", 1, "https://example.com/", "somebody", (), 0)
DELIVERY = Delivery("7", "toy/main", 1, "1", "ended", "event", BODY, 0)

# RFC 8032, section 7.1, test 2.
PRIVATE = bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")
PUBLIC = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
CODE = (
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
    "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
)


def lines(webhook: Webhook, delivery: Delivery, at_us: int) -> Headers:
    return (("x-who", webhook.secret), ("x-when", str(at_us // SECOND_US)))


FAMILY = signed_lines(PAIR, "x-code", lines)


@pytest.fixture(autouse=True)
def arithmetic(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bodydouble.core.signatures.ed25519.arithmetic", lambda: ed25519)


def published() -> Ed25519PublicKey:
    key: dict[str, Any] = PAIR.jwks()["keys"][0]
    assert (key["kty"], key["crv"]) == ("OKP", "Ed25519")
    return Ed25519PublicKey.from_public_bytes(urlsafe_b64decode(key["x"] + "="))


def test_the_arithmetic_is_that_of_the_rfc() -> None:
    assert ed25519.public(PRIVATE).hex() == PUBLIC
    assert ed25519.sign(PRIVATE, b"\x72").hex() == CODE
    assert ed25519.verified(bytes.fromhex(PUBLIC), b"\x72", bytes.fromhex(CODE))
    assert not ed25519.verified(bytes.fromhex(PUBLIC), b"\x73", bytes.fromhex(CODE))


def test_whoever_has_the_published_key_proves_a_delivery_by_it() -> None:
    headers = dict(FAMILY.headers(WEBHOOK, DELIVERY, AT_US))
    digest = sha256(BODY).hexdigest()
    message = f"somebody\n1800000000\n{digest}".encode()
    code = bytes.fromhex(headers["x-code"])
    published().verify(code, message)
    with pytest.raises(InvalidSignature):
        published().verify(code, message.replace(b"somebody", b"anybody"))


def test_our_own_verifier_takes_what_is_signed_and_nothing_else() -> None:
    headers = dict(FAMILY.headers(WEBHOOK, DELIVERY, AT_US))
    verify = FAMILY.verify
    assert verify is not None
    assert verify("", headers, BODY)
    assert not verify("", headers, BODY + b" ")
    for name in headers:
        assert not verify("", {**headers, name: "1800000001"}, BODY), name
        assert not verify("", {one: value for one, value in headers.items() if one != name}, BODY)


def test_a_vendors_pair_is_the_same_everywhere_and_anothers_is_another() -> None:
    assert key_pair("toy") == PAIR
    assert key_pair("other").private != PAIR.private
    assert key_pair("other").name != PAIR.name
