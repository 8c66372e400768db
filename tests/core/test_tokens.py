"""A token is read as RFC 7519 has it, and only the secret that signed it proves it.

The example is the standard's own (RFC 7515, A.1): it was made by nobody here.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest

from bodydouble.core.signatures.tokens import TOKEN_CHARS_MAX, read_hs256

HEADER = {"alg": "HS256", "typ": "JWT"}
RFC = (
    "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9"
    ".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
    ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
)


def coded(value: Any) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def token(claims: Any, header: Any = HEADER, secret: str = "hush") -> str:
    signed = f"{coded(header)}.{coded(claims)}"
    code = hmac.new(secret.encode(), signed.encode(), hashlib.sha256).digest()
    return f"{signed}.{coded(code)}"


def test_the_standards_example_is_read() -> None:
    found = read_hs256(RFC)
    assert found is not None
    assert (found.text("iss"), found.instant_us("exp")) == ("joe", 1300819380 * 1_000_000)
    assert not found.proves("joe")


def test_only_the_secret_that_signed_proves() -> None:
    found = read_hs256(token({"iss": "me"}))
    assert found is not None
    assert [found.proves(secret) for secret in ("hush", "Hush", "", "\ud800")] == [
        True,
        False,
        False,
        False,
    ]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "..",
        "a.b.c",
        "a.b",
        token([1]),
        token("text"),
        token({"iss": "me"}, header=[]),
        token({"iss": "me"}, header={"alg": "none"}),
        token({"iss": "me"}, header={"alg": "HS512"}),
        token({"iss": "me"}) + "é",
        token({"iss": "me"}) + ".more",
        token({"iss": "me"}).replace(".", " ."),
        f"{coded(HEADER)}.{coded(b'[' * 6000)}.x",
        token({"iss": "x" * TOKEN_CHARS_MAX}),
    ],
)
def test_what_is_no_such_token_is_none(text: str) -> None:
    assert read_hs256(text) is None


@pytest.mark.parametrize("value", [True, "1", [], 1e300, 10**30, float("nan")])
def test_an_instant_that_is_none_is_no_instant(value: Any) -> None:
    found = read_hs256(token({"exp": value}))
    assert found is not None
    with pytest.raises(ValueError, match="exp"):
        found.instant_us("exp")


def test_an_instant_may_have_a_fraction_or_be_left_out() -> None:
    found = read_hs256(token({"exp": 1.5, "nbf": None}))
    assert found is not None
    assert [found.instant_us(name) for name in ("exp", "nbf", "iat")] == [1_500_000, None, None]
