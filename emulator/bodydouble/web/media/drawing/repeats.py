"""Frames that show the last one again, as slices in which every macroblock is skipped.

A skipped macroblock of a P slice is the same place of the latest reference picture, where nothing
around it moves (ITU-T H.264, 7.3.4 and 8.4.1.1), and has nothing to filter at its edges (8.7.2.1).
Such a slice is the encoder's own, of a picture that does not change; it says nothing of what is
shown. Ours is only `frame_num`: each of these pictures is a reference, too, and is counted (7.4.3).
Runs in the renderer's process only.
"""

from __future__ import annotations

from fractions import Fraction

import av
import numpy as np

# first_mb_in_slice 0, slice_type 5 (all P), pic_parameter_set_id 0, then frame_num in 4 bits, which
# end in the next byte (7.3.3). So x264 writes it with one reference frame: a start code comes
# first, and behind the number stand three flags that are 0, and slice_qp_delta 0 in one bit.
_SLICE, _NUMBERS = 0b1001_1010, 16
_AT = 5


def numbered(packet: bytes, number: int) -> bytes:
    """The P slice in ``packet``, a frame in Annex B, with ``number`` modulo 16 as `frame_num`.

    ValueError for a slice that begins otherwise.
    """
    known = packet[:4] == b"\0\0\0\1" and packet[4] & 31 == 1 and packet[_AT] & 0xFE == _SLICE
    # With those bits never 0, the numbering makes no start code, and needs no byte against one.
    if not known or packet[_AT + 1] & 0x1F == 0:
        raise ValueError(f"this x264 begins a slice with {packet[:8].hex()}")
    number %= _NUMBERS
    first, second = _SLICE | number >> 3, (number & 7) << 5 | packet[_AT + 1] & 0x1F
    return packet[:_AT] + bytes((first, second)) + packet[_AT + 2 :]


def repeats(size: tuple[int, int], options: dict[str, str]) -> list[bytes]:
    """The frame of ``size`` that shows the last one again, for an encoder with ``options``.

    It is there with each number that a frame may have.
    """
    coder = av.CodecContext.create("libx264", "w")
    coder.width, coder.height = size
    coder.pix_fmt, coder.options = "yuv420p", options
    coder.framerate, coder.time_base = Fraction(1), Fraction(1)
    # As for a container whose index holds the parameter sets.
    coder.flags |= av.codec.context.Flags.global_header
    frame = av.VideoFrame(*size, "yuv420p")
    for plane in frame.planes:
        np.frombuffer(plane, np.uint8)[:] = 128  # type: ignore[call-overload]
    packets = []
    for place in range(2):
        frame.pts = place
        packets += coder.encode(frame)
    packets += coder.encode(None)
    return [numbered(bytes(packets[1]), number) for number in range(_NUMBERS)]
