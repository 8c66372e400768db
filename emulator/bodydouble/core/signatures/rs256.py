"""RSA with published keys (RFC 7515, 7517, RS256): the signature of a delivery is a JSON Web Token.

As with ED25519 there is one pair for each vendor, drawn from the vendor's name, which proves
nothing to anybody but a test. Its arithmetic is that of whole numbers, so no library is asked.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from math import gcd
from typing import Any

from bodydouble.core.chance import Draw
from bodydouble.core.webhooks import Delivery, Headers, Signature, Webhook

_EXPONENT = 65_537
_PRIME_BYTES = 128
_SIGNED_BYTES = 2 * _PRIME_BYTES
# What PKCS #1 v1.5 writes before a SHA-256 digest (RFC 8017, 9.2).
_SHA256 = bytes.fromhex("3031300d060960864801650304020105000420")


@dataclass(frozen=True, slots=True)
class RsaPair:
    """A pair of 2,048 bits and the name under which its public half is published."""

    modulus: int
    private: int
    name: str

    def jwks(self) -> dict[str, Any]:
        """The key set that holds the public half."""
        shown = {"n": _coded(_bytes(self.modulus)), "e": _coded(_EXPONENT.to_bytes(3, "big"))}
        kind = {"kty": "RSA", "use": "sig", "alg": "RS256"}
        return {"keys": [{**kind, "kid": self.name, **shown}]}

    def token(self, claims: Mapping[str, Any]) -> str:
        """A token that says ``claims``."""
        head = {"alg": "RS256", "kid": self.name, "typ": "JWT"}
        said = ".".join([_coded(json.dumps(part).encode()) for part in (head, dict(claims))])
        signature = pow(_padded(said.encode()), self.private, self.modulus)
        return f"{said}.{_coded(_bytes(signature))}"

    def read(self, token: str) -> Any:
        """What a token says if this pair signed it, else None."""
        said, _, signature = token.rpartition(".")
        try:
            given = int.from_bytes(_decoded(signature), "big")
            if pow(given, _EXPONENT, self.modulus) != _padded(said.encode()):
                return None
            return json.loads(_decoded(said.partition(".")[2]))
        except (ValueError, Error):
            return None


@cache
def rsa_pair(vendor: str) -> RsaPair:
    """The pair of a vendor; made with the first signature, which takes half a second."""
    draw = Draw(0, "published RSA key", vendor)
    name = draw.text(40)
    first, second = _prime(draw), _prime(draw)
    private = pow(_EXPONENT, -1, (first - 1) * (second - 1))
    return RsaPair(first * second, private, name)


@cache
def _small() -> int:
    """The product of the odd primes below 4,000."""
    product = 1
    for number in range(3, 4000, 2):
        if gcd(product, number) == 1:
            product *= number
    return product


def _prime(draw: Draw) -> int:
    """A number that is prime but for a chance that nobody will meet."""
    while True:
        drawn = int.from_bytes(draw.take(64) + draw.take(64), "big")
        # The two highest bits, so that the product has all of its own; and odd.
        number = drawn | 3 << (8 * _PRIME_BYTES - 2) | 1
        likely = gcd(number, _small()) == 1 and pow(2, number - 1, number) == 1
        if likely and gcd(number - 1, _EXPONENT) == 1 and pow(3, number - 1, number) == 1:
            return number


def _padded(message: bytes) -> int:
    digest = _SHA256 + sha256(message).digest()
    filling = b"\xff" * (_SIGNED_BYTES - len(digest) - 3)
    return int.from_bytes(b"\x00\x01" + filling + b"\x00" + digest, "big")


def _bytes(number: int) -> bytes:
    return number.to_bytes(_SIGNED_BYTES, "big")


def _coded(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def _decoded(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def signed_token(
    vendor: str, header: str, claims: Callable[[Webhook, Delivery, int], Mapping[str, Any]]
) -> Signature:
    """A token under ``header``, whose claims are ``claims`` and every member of the body.

    Nothing is secret between the two sides, so a receiver's secret is not asked.
    """

    def headers(webhook: Webhook, delivery: Delivery, at_us: int) -> Headers:
        said = {**json.loads(delivery.body), **claims(webhook, delivery, at_us)}
        return ((header, rsa_pair(vendor).token(said)),)

    def verify(secret: str, headers: Mapping[str, str], body: bytes) -> bool:
        said = rsa_pair(vendor).read(headers.get(header, ""))
        try:
            told = json.loads(body)
        except (ValueError, RecursionError):
            return False
        both = isinstance(said, dict) and isinstance(told, dict)
        return both and {name: said.get(name) for name in told} == told

    return Signature(headers, verify)
