"""What kinds of body a provider reads, and content codings undone.

Whatever a provider does not read is refused, and what a coding unfolds to is bounded before it is
kept. Nothing here knows a vendor.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass

from bodydouble.core.errors import Cause, Refused

JSON = "application/json"
# The content codings that can be undone here.
CODINGS = ("gzip", "deflate", "br", "zstd")
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
    """The body without its content codings. Refused: CONTENT_TYPE, BAD_BODY, TOO_LARGE."""
    # The last was put on last; whoever puts on more than two means no good.
    for name in reversed(content_encoding.split(",", 2)):
        coding = name.strip().lower().removeprefix("x-")
        if coding in ("", "identity"):
            continue
        if coding not in codings:
            text = f"the content coding {coding[:40]!r} is not read here"
            raise Refused(Cause.CONTENT_TYPE, text, coding=coding[:40])
        try:
            body = unfolding[coding](body, BODY_BYTES_MAX)
        except ValueError:
            raise Refused(Cause.BAD_BODY, f"the body is no {coding}") from None
        if len(body) > BODY_BYTES_MAX:
            raise Refused(Cause.TOO_LARGE, limit=BODY_BYTES_MAX)
    return body


def _unzipped(body: bytes, most: int) -> bytes:
    return _unfolded(body, most, 31)


def _inflated(body: bytes, most: int) -> bytes:
    try:
        return _unfolded(body, most, 15)
    except ValueError:
        # Many clients leave out the two bytes that the coding's name promises.
        return _unfolded(body, most, -15)


def _unfolded(body: bytes, most: int, window_bits: int) -> bytes:
    one = zlib.decompressobj(window_bits)
    try:
        whole = one.decompress(body, most + 1)
    except zlib.error as error:
        raise ValueError(str(error)) from None
    if len(whole) <= most and (not one.eof or one.unused_data):
        raise ValueError("it breaks off, or something follows it")
    return whole


Unfold = Callable[[bytes, int], bytes]
# From a body to what it unfolds to; of one larger than that many bytes, at least one byte more, and
# never much more. ValueError for a body that is not whole. The web package adds those that the
# standard library lacks.
unfolding: dict[str, Unfold] = {"gzip": _unzipped, "deflate": _inflated}
