"""Pictures inside a request: a web address or a data URI, checked as text and bytes alone.

An address is only looked at, never fetched; a data URI is decoded, bounded and must begin like a
PNG, JPEG or WebP file. What a vendor says about a bad one is the vendor's.
"""

from __future__ import annotations

import binascii
from base64 import b64decode
from dataclasses import dataclass
from urllib.parse import urlsplit

from understudy.core.media import Picture
from understudy.core.uploads import BLOB_BYTES_MAX, Blob, blob

URL_CHARS_MAX = 4096
# JPEG markers that open a frame and so hold its size; C4, C8 and CC are tables that look alike.
_JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


@dataclass(frozen=True, slots=True)
class Given:
    """A picture as it was given; ``blob`` and ``kind`` only where its bytes came along.

    ``kind`` is ``png``, ``jpeg`` or ``webp``; ``size`` is (width, height) where the head tells.
    """

    picture: Picture
    blob: Blob | None = None
    kind: str = ""
    size: tuple[int, int] | None = None


def read_picture(text: str) -> Given:
    """A picture given as text. ValueError says what is wrong with it, in words for people."""
    if text[:5].lower() == "data:":
        return _from_data(text)
    if not is_web_url(text):
        raise ValueError("neither an http(s) URL nor a base64 data URI")
    return Given(Picture("remote", text))


def is_web_url(text: str) -> bool:
    """Whether ``text`` reads as an absolute http or https address of bounded length."""
    if len(text) > URL_CHARS_MAX or any(letter <= " " for letter in text):
        return False
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return False


def _from_data(text: str) -> Given:
    head, comma, payload = text.partition(",")
    media_type, _, encoding = head[5:].lower().rpartition(";")
    if not comma or encoding.strip() != "base64" or not media_type.startswith("image/"):
        raise ValueError("a data URI of a picture begins with data:image/…;base64,")
    if len(payload) * 3 // 4 > BLOB_BYTES_MAX + 2:
        raise ValueError(f"a picture has at most {BLOB_BYTES_MAX} bytes")
    try:
        data = b64decode(payload, validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("the data URI is not valid base64") from None
    kind, size = sniff(data)
    if not kind:
        raise ValueError("the data URI holds no PNG, JPEG or WebP picture")
    kept = blob(data)
    return Given(Picture("blob", kept.id), kept, kind, size)


def sniff(data: bytes) -> tuple[str, tuple[int, int] | None]:
    """(``png`` | ``jpeg`` | ``webp`` | ``""``, its size where the first bytes tell it)."""
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        if data[12:16] != b"IHDR" or len(data) < 24:
            return "png", None
        return "png", (int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big"))
    if data.startswith(b"\xff\xd8\xff"):
        return "jpeg", _jpeg_size(data)
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "webp", None
    return "", None


def _jpeg_size(data: bytes) -> tuple[int, int] | None:
    at = 2
    while at + 9 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        if marker in _JPEG_FRAMES:
            height = int.from_bytes(data[at + 5 : at + 7], "big")
            return int.from_bytes(data[at + 7 : at + 9], "big"), height
        at += 2 + max(2, int.from_bytes(data[at + 2 : at + 4], "big"))
    return None
