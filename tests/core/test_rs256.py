"""Tokens by published RSA keys: what signs against a library that knows nothing of ours."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from hashlib import sha256
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers
from cryptography.hazmat.primitives.hashes import SHA256

from bodydouble.core.clock import SECOND_US
from bodydouble.core.signatures.rs256 import rsa_pair, signed_token
from bodydouble.core.signatures.signing import own_or_standing, standard_webhooks
from bodydouble.core.webhooks import Delivery, Webhook

AT_US = 1_800_000_000 * SECOND_US
BODY = b'{"type":"ended","data":{"id":"1"}}'
OWN = Webhook("job:1", "callbacks:toy/main", 1, "https://example.com/own", "", (), 0)
STANDING = Webhook("1", "toy/main", 1, "https://example.com/", "whsec_c2VjcmV0", ("ended",), 0)
DELIVERY = Delivery("7", "toy/main", 1, "1", "ended", "event", BODY, 0)


def claims(webhook: Webhook, delivery: Delivery, at_us: int) -> dict[str, Any]:
    return {"aud": webhook.url, "iat": at_us // SECOND_US}


FAMILY = signed_token("toy", "x-token", claims)
BOTH = own_or_standing(FAMILY, standard_webhooks())


def decoded(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def proved(token: str, keys: Any) -> Any:
    """What a token says, proved by the published key that it names."""
    head, said, signature = token.split(".")
    name = json.loads(decoded(head))
    assert (name["alg"], name["typ"]) == ("RS256", "JWT")
    (key,) = [one for one in keys["keys"] if one["kid"] == name["kid"]]
    numbers = [int.from_bytes(decoded(key[part]), "big") for part in ("e", "n")]
    public = RSAPublicNumbers(*numbers).public_key()
    assert public.key_size == 2048
    public.verify(decoded(signature), f"{head}.{said}".encode(), PKCS1v15(), SHA256())
    return json.loads(decoded(said))


def test_whoever_has_the_published_key_proves_a_token_by_it() -> None:
    ((header, token),) = FAMILY.headers(OWN, DELIVERY, AT_US)
    told = proved(token, rsa_pair("toy").jwks())
    assert header == "x-token"
    assert told == {**json.loads(BODY), "aud": OWN.url, "iat": 1_800_000_000}


def test_a_token_of_another_pair_or_with_another_word_proves_nothing() -> None:
    ((_, token),) = FAMILY.headers(OWN, DELIVERY, AT_US)
    stranger = {"keys": [{**rsa_pair("other").jwks()["keys"][0], "kid": rsa_pair("toy").name}]}
    with pytest.raises(InvalidSignature):
        proved(token, stranger)
    head, said, signature = token.split(".")
    altered = f"{head}.{said[:-2]}{'A' if said[-2] != 'A' else 'B'}{said[-1]}.{signature}"
    with pytest.raises(InvalidSignature):
        proved(altered, rsa_pair("toy").jwks())
    assert rsa_pair("toy").read(altered) is None
    assert rsa_pair("toy").read(token) is not None


@pytest.mark.parametrize("token", ["", "a", "a.b", "a.b.c", "..", "a.b.c.d", "é.é.é"])
def test_what_is_no_token_says_nothing(token: str) -> None:
    assert rsa_pair("toy").read(token) is None


def test_a_receiver_takes_the_body_that_was_signed_and_no_other() -> None:
    assert FAMILY.verify is not None
    headers = dict(FAMILY.headers(OWN, DELIVERY, AT_US))
    assert FAMILY.verify("", headers, BODY)
    assert not FAMILY.verify("", headers, BODY.replace(b"1", b"2"))
    assert not FAMILY.verify("", headers, b"[]")
    assert not FAMILY.verify("", {}, BODY)


def test_a_vendors_pair_is_the_same_in_every_run() -> None:
    pair = rsa_pair("toy")
    assert pair.name == "91fc25585d03812ddcb0ad9b772974b834843a96"
    assert sha256(str(pair.modulus).encode()).hexdigest()[:16] == "c5e82a57de93bec0"
    assert pair != rsa_pair("other")


def test_an_address_of_a_job_and_a_standing_one_are_told_apart() -> None:
    own = dict(BOTH.headers(OWN, DELIVERY, AT_US))
    standing = dict(BOTH.headers(STANDING, DELIVERY, AT_US))
    assert set(own) == {"x-token"}
    assert set(standing) == {"webhook-id", "webhook-timestamp", "webhook-signature"}
    assert BOTH.verify is not None
    assert BOTH.verify("", own, BODY)
    assert BOTH.verify(STANDING.secret, standing, BODY)
    assert not BOTH.verify("whsec_b3RoZXI=", standing, BODY)
    assert not BOTH.verify(STANDING.secret, standing, BODY + b" ")
