"""Each family of signatures: what signs against what verifies, and against a published example."""

from __future__ import annotations

import pytest

from bodydouble.core.chance import Draw
from bodydouble.core.clock import SECOND_US
from bodydouble.core.signatures.signing import (
    bearer,
    key_of,
    standard_secret,
    standard_webhooks,
    timed_hex,
)
from bodydouble.core.webhooks import UNSIGNED, Delivery, Signature, Webhook

# The reference vector of the Standard Webhooks specification's own tests.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
ID = "msg_p5jXN8AQM9LWM0D4loKWxJek"
AT_S = 1614265330
BODY = b'{"test": 2432232314}'
CODE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="

FAMILIES = {
    "standard_webhooks": standard_webhooks(),
    "timed_hex": timed_hex("x-vendor-signature"),
    "bearer": bearer(),
}


def webhook(secret: str = SECRET) -> Webhook:
    return Webhook("1", "p/main", 1, "https://example.com/", secret, (), 0)


def delivery(body: bytes = BODY) -> Delivery:
    return Delivery("1", "p/main", 1, "1", "ended", ID, body, 0)


def signed(family: Signature, secret: str = SECRET) -> dict[str, str]:
    return dict(family.headers(webhook(secret), delivery(), AT_S * SECOND_US + 7))


def test_standard_webhooks_signs_the_reference_vector() -> None:
    assert signed(standard_webhooks()) == {
        "webhook-id": ID,
        "webhook-timestamp": str(AT_S),
        "webhook-signature": CODE,
    }


def test_one_right_code_among_several_is_enough() -> None:
    family, headers = standard_webhooks(), signed(standard_webhooks())
    verify = family.verify
    assert verify is not None
    rotated = headers | {"webhook-signature": f"v1,AAAA v1a,BBBB {CODE}"}
    assert verify(SECRET, rotated, BODY)
    assert not verify(SECRET, headers | {"webhook-signature": CODE.replace("v1", "v2")}, BODY)


def test_the_vendor_says_what_a_deliverys_id_is() -> None:
    family = standard_webhooks(lambda delivery: f"wh_{delivery.event_id}")
    headers = signed(family)
    assert headers["webhook-id"] == f"wh_{ID}"
    assert family.verify is not None
    assert family.verify(SECRET, headers, BODY)


@pytest.mark.parametrize("name", FAMILIES)
def test_what_is_signed_verifies_and_nothing_else_does(name: str) -> None:
    family = FAMILIES[name]
    headers, verify = signed(family), family.verify
    assert verify is not None
    assert verify(SECRET, headers, BODY)
    assert not verify("whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", headers, BODY)
    for header in headers:
        assert not verify(SECRET, headers | {header: headers[header] + "0"}, BODY)
        assert not verify(SECRET, headers | {header: "é\x00"}, BODY)
        left = {name: value for name, value in headers.items() if name != header}
        assert not verify(SECRET, left, BODY)
    if name != "bearer":
        assert not verify(SECRET, headers, BODY + b" ")


@pytest.mark.parametrize("name", ["standard_webhooks", "timed_hex"])
def test_a_secret_of_another_shape_signs_too(name: str) -> None:
    family = FAMILIES[name]
    assert family.verify is not None
    for secret in ("callback-secret", "whsec_", "whsec_no base64", "whsec_é"):
        assert family.verify(secret, signed(family, secret), BODY)


def test_a_fresh_secret_holds_32_bytes() -> None:
    secret = standard_secret(Draw(1, "webhook"))
    assert secret.startswith("whsec_")
    assert len(key_of(secret)) == 32
    assert secret == standard_secret(Draw(1, "webhook"))


def test_a_bearer_is_sent_only_where_there_is_a_secret() -> None:
    assert signed(bearer(), "") == {}


def test_the_unsigned_prove_nothing() -> None:
    assert UNSIGNED.headers(webhook(), delivery(), 0) == ()
    assert UNSIGNED.verify is None
