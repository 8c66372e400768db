"""Secrets taken out of what is kept, printed or exported: by value, and headers by name, too.

A value is looked for as it is, percent-encoded and in base64. It knows no vendor, and of a secret
that nobody told it only what the name of a header gives away.
"""

from __future__ import annotations

from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from bodydouble.core.caches import remembered

HIDDEN = "..."
SHORTEST = 6
"""Anything shorter would be found in other text."""
# The last headers of so many clients are remembered, where they are no longer than usual.
_SEEN_MAX = 1024
_SEEN_BYTES_MAX = 2048
Headers = tuple[tuple[bytes, bytes], ...]
_seen: dict[str, tuple[Headers, Headers]] = {}
_TELLING = (b"authorization", b"api-key", b"apikey", b"token", b"secret", b"password", b"cookie")
_TELLING_ALSO = frozenset((b"x-key", b"key", b"auth", b"x-auth"))


# Asked of every header of every request, of which there are few names.
@remembered(1024)
def is_secret(name: bytes) -> bool:
    """Whether a header, its name in lower case, carries a credential."""
    return name in _TELLING_ALSO or any(part in name for part in _TELLING)


@remembered(1024)
def forms(secret: str) -> tuple[str, ...]:
    """What a secret looks like in a text, the longest first; nothing if it is too short."""
    if len(secret) < SHORTEST:
        return ()
    raw = secret.encode("utf-8", "surrogatepass")
    coded = {coder(raw).rstrip(b"=").decode() for coder in (b64encode, urlsafe_b64encode)}
    plain = {secret, quote(secret, safe="", errors="replace"), raw.decode("latin-1")}
    return tuple(sorted(plain | coded, key=len, reverse=True))


@remembered(1024)
def raw_forms(secret: str) -> tuple[bytes, ...]:
    """What a secret looks like in bytes."""
    return tuple(form.encode("utf-8", "surrogatepass") for form in forms(secret))


def hide(text: str, secret: str) -> str:
    """``text`` without the secret."""
    for form in forms(secret):
        if form in text:
            text = text.replace(form, HIDDEN)
    return text


def hide_bytes(data: bytes, secret: str) -> bytes:
    """``data`` without the secret."""
    if data:
        for form in raw_forms(secret):
            if form in data:
                data = data.replace(form, HIDDEN.encode())
    return data


def hide_values(headers: tuple[tuple[str, str], ...], secret: str) -> tuple[tuple[str, str], ...]:
    """Headers of a reply without the secret in any value, as a hint may repeat it."""
    found = [form for form in forms(secret) if any(form in value for _, value in headers)]
    return tuple((name, hide(value, secret)) for name, value in headers) if found else headers


def mask_headers(headers: Headers, secret: str = "") -> Headers:
    """Headers with every credential replaced by three dots, after its scheme if it has one."""
    # Whoever polls sends the same headers again and again.
    seen = _seen.get(secret)
    if seen is not None and seen[0] == headers:
        return seen[1]
    raw = secret.encode("utf-8", "surrogatepass") if len(secret) >= SHORTEST else b"\0"
    masked = tuple(
        [
            (header[0], _masked(header[1]))
            if is_secret(header[0])
            else (header[0], hide_bytes(header[1], secret))
            if raw in header[1]
            else header
            for header in headers
        ]
    )
    if sum([len(name) + len(value) for name, value in headers]) <= _SEEN_BYTES_MAX:
        if len(_seen) >= _SEEN_MAX:
            _seen.clear()
        _seen[secret] = headers, masked
    return masked


def _masked(value: bytes) -> bytes:
    scheme, space, _ = value.partition(b" ")
    # A key that was sent without a scheme, or with a space in it, is no scheme.
    return scheme + b" ..." if space and scheme.isalpha() and len(scheme) <= 10 else b"..."


def hidden(value: Any, secrets: Iterable[str]) -> Any:
    """A JSON value without any of ``secrets``, in texts and in the names of members."""
    if isinstance(value, str):
        for secret in secrets:
            value = hide(value, secret)
        return value
    if isinstance(value, dict):
        return {hidden(name, secrets): hidden(one, secrets) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [hidden(one, secrets) for one in value]
    return value
