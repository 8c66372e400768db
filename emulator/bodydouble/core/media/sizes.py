"""Width and height of a PNG, JPEG or WebP as it is looked at, read from its first bytes.

Enough to know how a picture lies, without a picture library and without decoding anything.
Bytes that are none of the three have no size.
"""

from __future__ import annotations

from bodydouble.core.media.orientation import SIDEWAYS, jpeg_segments, orientation

SIDE_MAX = 65_535


def picture_size(data: bytes) -> tuple[int, int] | None:
    """(width, height) in pixels, as a viewer turns it; None if this is no picture we know."""
    if data.startswith(b"\x89PNG\r\n\x1a\n") and data[12:16] == b"IHDR":
        size = _big(data[16:20]), _big(data[20:24])
    elif data.startswith(b"\xff\xd8"):
        size = _jpeg(data)
    elif data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        size = _webp(data)
    else:
        return None
    if not all(0 < side <= SIDE_MAX for side in size):
        return None
    return size[::-1] if orientation(data) in SIDEWAYS else size


def _big(data: bytes) -> int:
    return int.from_bytes(data, "big")


def _little(data: bytes) -> int:
    return int.from_bytes(data, "little")


def _jpeg(data: bytes) -> tuple[int, int]:
    """From the frame header, which stands behind any number of other segments."""
    for marker, at in jpeg_segments(data):
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            return _big(data[at + 5 : at + 7]), _big(data[at + 3 : at + 5])
    return 0, 0


def _webp(data: bytes) -> tuple[int, int]:
    kind = data[12:16]
    if len(data) < 30:
        return 0, 0
    if kind == b"VP8X":
        return _little(data[24:27]) + 1, _little(data[27:30]) + 1
    if kind == b"VP8L":
        bits = _little(data[21:25])
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8 ":
        return _little(data[26:28]) & 0x3FFF, _little(data[28:30]) & 0x3FFF
    return 0, 0
