"""Content codings by libraries: br and zstd of requests undone, replies folded as gzip.

Libraries are loaded when somebody first sends what needs them. What is worth folding is decided
here; which codings are read is a provider's word.
"""

from __future__ import annotations

import zlib

from bodydouble.core import bodies

# What fits into a packet gains nothing.
WORTH_BYTES = 1_400
# What HTTP allows a zstd body to demand: 8 MiB (RFC 9659).
_WINDOW_LOG_MAX = 23


def _unbrotlied(body: bytes, most: int) -> bytes:
    import brotli

    one = brotli.Decompressor()
    try:
        whole = b""
        data = body
        while len(whole) <= most:
            part = one.process(data, output_buffer_limit=most + 1 - len(whole))
            whole, data = whole + part, b""
            if one.can_accept_more_data() or one.is_finished():
                break
    except brotli.error as error:
        raise ValueError(str(error)) from None
    if len(whole) <= most and not one.is_finished():
        raise ValueError("it breaks off")
    return whole


def _unzstandarded(body: bytes, most: int) -> bytes:
    try:
        from compression import zstd
    except ImportError:  # before Python 3.14
        from backports import zstd

    limits = {zstd.DecompressionParameter.window_log_max: _WINDOW_LOG_MAX}
    one = zstd.ZstdDecompressor(options=limits)
    try:
        whole: bytes = one.decompress(body, most + 1)
    except zstd.ZstdError as error:
        raise ValueError(str(error)) from None
    if len(whole) <= most and (not one.eof or one.unused_data):
        raise ValueError("it breaks off, or something follows it")
    return whole


bodies.unfolding |= {"br": _unbrotlied, "zstd": _unzstandarded}


def asks_for_gzip(accept_encoding: bytes) -> bool:
    """Whether whoever sent this header takes gzip."""
    wanted: dict[str, float] = {}
    for part in accept_encoding.decode("latin-1").lower().split(","):
        name, _, rest = part.partition(";")
        weight = rest.partition("q=")[2].strip()
        try:
            wanted[name.strip().removeprefix("x-")] = float(weight) if weight else 1.0
        except ValueError:
            continue
    return wanted.get("gzip", wanted.get("*", 0.0)) > 0


def folded(body: bytes) -> bytes:
    """The body as gzip, quickly rather than small; equal bodies stay equal."""
    one = zlib.compressobj(1, wbits=31)
    return one.compress(body) + one.flush()
