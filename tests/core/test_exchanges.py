"""The request log never holds a usable secret."""

import pytest

from bodydouble.core.evidence.masking import mask_headers
from bodydouble.core.keys import digest, masked

SECRET = b"sqk_live_0123456789abcdef"


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (b"Bearer " + SECRET, b"Bearer ..."),
        (b"Basic " + SECRET, b"Basic ..."),
        (b"Bearer  " + SECRET, b"Bearer ..."),
        (SECRET, b"..."),
        (SECRET + b" x", b"..."),
        (b"Bearer", b"..."),
        (b"", b"..."),
        (b"\xff\xfe " + SECRET, b"..."),
        (b"averylongschemeindeed " + SECRET, b"..."),
    ],
)
def test_a_credential_is_masked_and_at_most_its_scheme_is_kept(value: bytes, kept: bytes) -> None:
    assert mask_headers(((b"authorization", value),)) == ((b"authorization", kept),)


@pytest.mark.parametrize(
    "name",
    [
        b"authorization",
        b"proxy-authorization",
        b"x-api-key",
        b"api-key",
        b"xi-api-key",
        b"x-goog-api-key",
        b"x-auth-token",
        b"x-access-token",
        b"x-bodydouble-token",
        b"x-amz-security-token",
        b"x-client-secret",
        b"cookie",
        b"set-cookie",
    ],
)
def test_no_header_that_carries_secrets_keeps_one(name: bytes) -> None:
    for value in (SECRET, b"Bearer " + SECRET, b"session=" + SECRET + b"; a=b"):
        ((_, kept),) = mask_headers(((name, value),))
        assert SECRET not in kept
        assert SECRET[:8] not in kept


def test_other_headers_stay_as_they_are_in_their_order() -> None:
    headers = ((b"host", b"x"), (b"x-a", b"\xff"), (b"x-a", b"2"))
    assert mask_headers(headers) == headers


@pytest.mark.parametrize("secret", ["", "short", "sqk_live_abc", "sqk_live_0123456789abcdef"])
def test_what_is_shown_of_a_key_cannot_be_used(secret: str) -> None:
    shown = masked(secret).rstrip("…")
    assert len(shown) <= 8
    assert len(shown) < len(secret) or not shown


def test_a_key_is_kept_under_a_digest_that_does_not_change() -> None:
    assert digest("sqk_live_0123456789abcdef") == "301fb0611e443df37045ca9d6fd4dc60"
    assert digest("\ud800") != digest("\ud801")
