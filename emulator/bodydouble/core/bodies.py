"""What kinds of body a provider reads, and content codings undone.

Whatever a provider does not read is refused, and what a coding unfolds to is bounded before it is
kept. Nothing here knows a vendor.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass

from bodydouble.core.errors import Cause, Refused

JSON = "application/json"
# The content codings that can be undone here.
CODINGS = ("gzip", "deflate")
BODY_BYTES_MAX = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Reads:
    """What kinds of body a provider reads.

    ``media_types`` are names without parameters; the empty one stands for a body that says none.
    ``codings`` are content codings, of `CODINGS`.
    """

    media_types: tuple[str, ...] = (JSON, "")
    codings: tuple[str, ...] = ()


JSON_ONLY = Reads()


def undone(body: bytes, content_encoding: str, codings: tuple[str, ...]) -> bytes:
    """The body without its content coding. Refused: CONTENT_TYPE, BAD_BODY, TOO_LARGE."""
    coding = content_encoding.strip().lower().removeprefix("x-")
    if coding in ("", "identity"):
        return body
    if coding not in codings:
        text = f"the content coding {coding[:40]!r} is not read here"
        raise Refused(Cause.CONTENT_TYPE, text, coding=coding[:40])
    try:
        return _unfolded(body, 31) if coding == "gzip" else _inflated(body)
    except zlib.error:
        raise Refused(Cause.BAD_BODY, f"the body is no {coding}") from None


def _inflated(body: bytes) -> bytes:
    try:
        return _unfolded(body, 15)
    except zlib.error:
        # Many clients leave out the two bytes that the coding's name promises.
        return _unfolded(body, -15)


def _unfolded(body: bytes, window_bits: int) -> bytes:
    unfolding = zlib.decompressobj(window_bits)
    whole = unfolding.decompress(body, BODY_BYTES_MAX + 1)
    if len(whole) > BODY_BYTES_MAX:
        raise Refused(Cause.TOO_LARGE, limit=BODY_BYTES_MAX)
    if not unfolding.eof or unfolding.unused_data:
        raise zlib.error("it breaks off, or something follows it")
    return whole
