"""ED25519 with published keys: a vendor signs with a key of its own, and shows the public half.

Whoever receives fetches a key set (JWKS, RFC 7517 and 8037) without a key of its own, and proves a
delivery by it. So there is one pair for each vendor, the same in every sandbox, process and run: it
is drawn from the vendor's name, and proves nothing to anybody but a test. The arithmetic is a
library's, which the web package brings along and loads with the first signature.
"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from typing import Any, Protocol

from bodydouble.core.chance import Draw
from bodydouble.core.webhooks import Delivery, Headers, Signature, Webhook


class Arithmetic(Protocol):
    """What is asked of the library; keys are of 32 bytes, signatures of 64."""

    def public(self, private: bytes, /) -> bytes:
        """The public half."""
        ...

    def sign(self, private: bytes, message: bytes, /) -> bytes:
        """A signature."""
        ...

    def verified(self, public: bytes, message: bytes, signature: bytes, /) -> bool:
        """Whether a signature is right."""
        ...


def _missing() -> Arithmetic:
    raise LookupError("the web package brings the arithmetic of ED25519")


# The web package replaces this.
arithmetic: Callable[[], Arithmetic] = _missing


@dataclass(frozen=True, slots=True)
class KeyPair:
    """A pair and the name under which its public half is published."""

    private: bytes
    name: str

    @property
    def public(self) -> bytes:
        """The public half."""
        return _public(self.private)

    def jwks(self) -> dict[str, Any]:
        """The key set that holds it."""
        shown = urlsafe_b64encode(self.public).rstrip(b"=").decode()
        key = {"kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA"}
        return {"keys": [{**key, "kid": self.name, "x": shown}]}


def key_pair(vendor: str) -> KeyPair:
    """The pair of a vendor."""
    draw = Draw(0, "published key", vendor)
    return KeyPair(draw.take(32), draw.uuid4())


@cache
def _public(private: bytes) -> bytes:
    return arithmetic().public(private)


def signed_lines(
    pair: KeyPair, header: str, lines: Callable[[Webhook, Delivery, int], Headers]
) -> Signature:
    """Hex under ``header`` of what signs the values of ``lines`` and the body's SHA-256, by line.

    Nothing is secret between the two sides, so a receiver's secret is not asked.
    """

    def headers(webhook: Webhook, delivery: Delivery, at_us: int) -> Headers:
        told = lines(webhook, delivery, at_us)
        message = "\n".join([*(value for _, value in told), sha256(delivery.body).hexdigest()])
        code = arithmetic().sign(pair.private, message.encode())
        return (*told, (header, code.hex()))

    def verify(secret: str, headers: Mapping[str, str], body: bytes) -> bool:
        # Names alone, in their order, are taken from what signs.
        told = b"".join([headers.get(name, "").encode() + b"\n" for name in names])
        try:
            code = bytes.fromhex(headers.get(header, ""))
        except ValueError:
            return False
        return arithmetic().verified(pair.public, told + sha256(body).hexdigest().encode(), code)

    names = [name for name, _ in lines(_NOTHING, _EMPTY, 0)]
    return Signature(headers, verify)


_NOTHING = Webhook("", "", 0, "", "", (), 0)
_EMPTY = Delivery("", "", 0, "", "", "", b"", 0)
