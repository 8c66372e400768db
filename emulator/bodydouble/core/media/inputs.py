"""Pictures inside a request: a web address or a data URI, checked as text and bytes alone.

An address is only looked at, never fetched; a data URI is decoded, bounded and must begin like a
PNG, JPEG or WebP file. What a vendor says about a bad one is the vendor's.
"""

from __future__ import annotations

import binascii
from base64 import b64decode
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from bodydouble.core.addresses import is_host
from bodydouble.core.media.plan import Picture
from bodydouble.core.media.sizes import picture_size
from bodydouble.core.media.uploads import BLOB_BYTES_MAX, Blob, blob

URL_CHARS_MAX = 4096
_NO_SPACES = dict.fromkeys(map(ord, "\t\n\f\r "))


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
        return parts.scheme in ("http", "https") and is_host(parts.hostname or "")
    except ValueError:
        return False


def _from_data(text: str) -> Given:
    head, comma, payload = text.partition(",")
    media_type, _, encoding = head[5:].lower().rpartition(";")
    if not comma or encoding.strip() != "base64" or not media_type.startswith("image/"):
        raise ValueError("a data URI of a picture begins with data:image/…;base64,")
    # Encoders of other languages break lines and leave the end off; so WHATWG's forgiving decode.
    payload = unquote(payload).translate(_NO_SPACES)
    if len(payload) * 3 // 4 > BLOB_BYTES_MAX + 2:
        raise ValueError(f"a picture has at most {BLOB_BYTES_MAX} bytes")
    try:
        data = b64decode(payload + "=" * (-len(payload) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("the data URI is not valid base64") from None
    return picture_of(data)


def picture_of(data: bytes) -> Given:
    """A picture that came as bytes. ValueError says what is wrong with it."""
    if len(data) > BLOB_BYTES_MAX:
        raise ValueError(f"a picture has at most {BLOB_BYTES_MAX} bytes")
    kind = picture_kind(data)
    if not kind:
        raise ValueError("not a PNG, JPEG or WebP picture")
    kept = blob(data)
    return Given(Picture("blob", kept.id), kept, kind, picture_size(data))


def picture_kind(data: bytes) -> str:
    """``png``, ``jpeg`` or ``webp`` by the first bytes; empty for anything else."""
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if data.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    return "webp" if data[:4] == b"RIFF" and data[8:12] == b"WEBP" else ""
