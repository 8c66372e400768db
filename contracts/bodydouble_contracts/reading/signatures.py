"""What a profile says of signatures: the parts of one that came, and the code that would be right.

Families differ in data alone: which headers are signed beside the body, how a secret becomes a key
and how the code is written. Those who judge and those who forge ask here.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from typing import Any

Spec = Mapping[str, Any]
Header = Callable[[str], str | None]


def parts(spec: Spec, header: Header) -> dict[str, str] | None:
    """Return what a delivery's signature is made of; None where it has another form.

    ``header`` gives a delivery's header by name: those the message names are parts, too, and
    ``t`` is the one of the time where it has a header of its own.
    """
    if not spec:
        return None
    found = re.fullmatch(spec["pattern"], header(spec["header"]) or "")
    if not found:
        return None
    named = {name: header(name) or "" for name in headers_signed(spec)}
    time = {"t": named[spec["time"]]} if spec.get("time") in named else {}
    return named | time | found.groupdict()


def headers_signed(spec: Spec) -> list[str]:
    """Return the headers that are signed with the body."""
    return [n for n in re.findall(r"\{([^}]+)\}", spec.get("message", "")) if "-" in n]


def code(spec: Spec, secret: str, told: Mapping[str, str], body: bytes) -> str:
    """Return the right code of a delivery whose signature has the parts ``told``."""
    head, _, tail = spec["message"].partition("{body}")
    message = head.format(**told).encode() + body + tail.encode()
    mac = hmac.new(_key(spec, secret), message, hashlib.sha256)
    return b64encode(mac.digest()).decode() if spec.get("mac") == "base64" else mac.hexdigest()


def _key(spec: Spec, secret: str) -> bytes:
    if "key_after" not in spec:
        return secret.encode()
    try:
        return b64decode(secret.removeprefix(spec["key_after"]), validate=True)
    except ValueError:
        return secret.encode()
