"""How a camera was held: the EXIF orientation of a PNG, JPEG or WebP, read from its bytes.

Where a size is derived from a picture and where the picture is drawn, both ask here. Nothing is
decoded, and bytes that make no sense lie as they are.
"""

from __future__ import annotations

from collections.abc import Iterator

UPRIGHT = 1
# Of the eight, those that lay the picture on its side.
SIDEWAYS = frozenset({5, 6, 7, 8})
# More parts than any program writes; a hostile file could have millions.
PARTS_MAX = 1_000
_TAG = 0x0112
_WIDTHS = {1: 1, 3: 2, 4: 4}


def orientation(data: bytes) -> int:
    """1 to 8, as the first EXIF block of the file says; 1 without one."""
    for block in _exif_blocks(data):
        found = _of_tiff(block.removeprefix(b"Exif\0\0"))
        return found if 1 <= found <= 8 else UPRIGHT
    return UPRIGHT


def jpeg_segments(data: bytes) -> Iterator[tuple[int, int]]:
    """(marker, where its length stands) of each segment up to the picture itself."""
    at = 2
    for _ in range(PARTS_MAX):
        if at + 4 > len(data) or data[at] != 0xFF or data[at + 1] == 0xDA:
            return
        marker = data[at + 1]
        if marker == 0xFF:
            at += 1
        elif marker == 0x01 or 0xD0 <= marker <= 0xD8:
            at += 2
        else:
            yield marker, at + 2
            at += 2 + max(2, int.from_bytes(data[at + 2 : at + 4], "big"))


def _exif_blocks(data: bytes) -> Iterator[bytes]:
    if data.startswith(b"\xff\xd8"):
        for marker, at in jpeg_segments(data):
            block = data[at + 2 : at + int.from_bytes(data[at : at + 2], "big")]
            if marker == 0xE1 and block.startswith(b"Exif\0\0"):
                yield block
    elif data.startswith(b"\x89PNG\r\n\x1a\n"):
        yield from _chunks(data, 8, b"eXIf", size_first=True)
    elif data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        yield from _chunks(data, 12, b"EXIF", size_first=False)


def _chunks(data: bytes, at: int, wanted: bytes, *, size_first: bool) -> Iterator[bytes]:
    """The bodies of the chunks called ``wanted``: PNG's begin with the size, RIFF's with a name."""
    for _ in range(PARTS_MAX):
        head = data[at : at + 8]
        if len(head) < 8:
            return
        name, size = (head[4:], head[:4]) if size_first else (head[:4], head[4:])
        length = int.from_bytes(size, "big" if size_first else "little")
        if name == wanted:
            yield data[at + 8 : at + 8 + length]
        # Behind it PNG has a checksum, RIFF a byte that makes it even.
        at += 8 + length + (4 if size_first else length % 2)


def _of_tiff(block: bytes) -> int:
    if block[:4] not in (b"II*\0", b"MM\0*"):
        return 0

    def number(at: int, width: int) -> int:
        return int.from_bytes(block[at : at + width], "little" if block[:1] == b"I" else "big")

    at = number(4, 4)
    for entry in range(at + 2, min(at + 2 + 12 * number(at, 2), len(block) - 11), 12):
        if number(entry, 2) == _TAG and number(entry + 2, 2) in _WIDTHS:
            return number(entry + 8, _WIDTHS[number(entry + 2, 2)])
    return 0
