"""Requests as they leave: JSON, and the form that carries a small picture to a media host.

It makes them and refuses to send them.
"""

from __future__ import annotations

import json
import struct
import zlib
from dataclasses import replace
from typing import Any

from bodydouble_contracts.history.exchanges import Request, raw_target
from bodydouble_contracts.reading.calls import Call
from bodydouble_contracts.reading.links import target_of

Json = Any
SIDE = 320
BOUNDARY = "bodydouble-contracts-form"


def encode(data: Json) -> bytes:
    """Return JSON bytes, with text left as it is and lone surrogates escaped."""
    try:
        return json.dumps(data, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return json.dumps(data).encode()


def as_sent(request: Request) -> Request:
    """Return a request as every wire carries it, so that what is recorded is what was sent: every
    byte of its path, and no blanks round a header."""
    heads = tuple((name, value.strip(" \t")) for name, value in request.headers)
    return replace(request, target=raw_target(request.target), headers=heads)


def form_of(made: Call, form: dict[str, str]) -> Request:
    """Return the request that sends the file which an operation announced."""
    fields: Json = made.at(form["fields"]) if "fields" in form else {}
    try:
        given = json.loads(fields) if isinstance(fields, str) else fields
    except ValueError:
        given = None
    # An announcement that is no form, as nonsense is, announces no fields.
    body = multipart(given if isinstance(given, dict) else {}, form.get("file", "file"), picture())
    heads = (("Content-Type", f"multipart/form-data; boundary={BOUNDARY}"),)
    return Request("POST", target_of(str(made.at(form["url"]))), "nobody", heads, body)


def multipart(fields: dict[str, str], name: str, data: bytes) -> bytes:
    """Return a form of texts and one file (RFC 7578)."""
    lines: list[bytes] = []
    for key, value in fields.items():
        named = f'Content-Disposition: form-data; name="{key}"'
        lines += [f"--{BOUNDARY}".encode(), named.encode(), b"", str(value).encode()]
    told = f'Content-Disposition: form-data; name="{name}"; filename="picture.png"'
    lines += [f"--{BOUNDARY}".encode(), told.encode(), b"Content-Type: image/png", b"", data]
    return b"\r\n".join([*lines, f"--{BOUNDARY}--".encode(), b""])


def picture() -> bytes:
    """Return a small PNG: a grey square with a pattern, so that it is no few bytes."""
    rows = b"".join(
        b"\0" + bytes((x * y * 7 + x ^ y) & 255 for x in range(SIDE)) for y in range(SIDE)
    )
    head = struct.pack(">IIBBBBB", SIDE, SIDE, 8, 0, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(rows, 1)), (b"IEND", b""))
    chunks = (
        struct.pack(">I", len(d)) + k + d + struct.pack(">I", zlib.crc32(k + d)) for k, d in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)
