"""Frames as the encoder takes them, and what is laid over them.

A frame is three 8-bit planes (BT.709, limited range, chroma at half size). FFmpeg's scaler makes
frames of pictures and of light, in its bit-exact mode; what is laid over is integers, and what is
computed takes its sines from tables: the same bytes on every processor, whatever its instructions.
Runs in the renderer's process only.
"""

from __future__ import annotations

from math import exp, pi, sin
from typing import TypeAlias

import av
import numpy as np
from av.video.reformatter import ColorRange, Colorspace, Interpolation, VideoReformatter
from numpy.typing import NDArray
from PIL import Image

from bodydouble.web.media.drawing.colour import yuv

Floats: TypeAlias = NDArray[np.float64]
Bytes: TypeAlias = NDArray[np.uint8]
Words: TypeAlias = NDArray[np.uint16]
Planes: TypeAlias = tuple[Bytes, Bytes, Bytes]

_SMOOTH = (
    Interpolation.BICUBIC
    | Interpolation.ACCURATE_RND
    | Interpolation.BITEXACT
    | Interpolation.FULL_CHR_H_INP
)
_BT709, _LIMITED = Colorspace.ITU709, ColorRange.MPEG
# Rounded, so that no last bit of a processor's own sine is in them.
_TURN = 8192
_SINES = np.array([round(sin(2 * pi * step / _TURN), 6) for step in range(_TURN)])
_PER_UNIT = 512
_FALL = np.array([round(exp(-step / _PER_UNIT), 6) for step in range(16 * _PER_UNIT)])
_FALL[-1] = 0


def sine(radians: Floats | float) -> Floats:
    """The sine of each of ``radians``, which lie above -6,000."""
    steps = np.asarray(radians) * (_TURN / (2 * pi)) + _TURN * 1024
    found: Floats = _SINES[steps.astype(np.int64) & (_TURN - 1)]
    return found


def fall(depths: Floats) -> Floats:
    """``e ** -depth`` for each of ``depths``, which are not negative; 0 from 16 on."""
    found: Floats = _FALL[np.minimum(depths * _PER_UNIT, len(_FALL) - 1).astype(np.int64)]
    return found


class Scaler:
    """Makes frames of one size; remembers how."""

    __slots__ = ("_reformatter", "size")

    def __init__(self, size: tuple[int, int]) -> None:
        self.size = size
        self._reformatter = VideoReformatter()

    def frame(self, light: Floats) -> av.VideoFrame:
        """The frame of ``light``, (rows, columns, 3) in RGB 0..255, enlarged smoothly."""
        words = (np.minimum(np.maximum(light, 0), 255) * 256).astype(np.uint16)
        return self._scaled(av.VideoFrame.from_ndarray(words, format="rgb48le"))

    def frame_of(self, image: Image.Image) -> av.VideoFrame:
        """The frame of an RGB image."""
        return self._scaled(av.VideoFrame.from_ndarray(np.asarray(image), format="rgb24"))

    def _scaled(self, frame: av.VideoFrame) -> av.VideoFrame:
        return self._reformatter.reformat(
            frame,
            *self.size,
            format="yuv420p",
            dst_colorspace=_BT709,
            dst_color_range=_LIMITED,
            interpolation=_SMOOTH,
            threads=1,
        )


def image_of(frame: av.VideoFrame) -> Image.Image:
    """The RGB image of a frame."""
    shown = VideoReformatter().reformat(
        frame,
        format="rgb24",
        src_colorspace=_BT709,
        src_color_range=_LIMITED,
        interpolation=_SMOOTH,
        threads=1,
    )
    return Image.fromarray(shown.to_ndarray())


def planes(frame: av.VideoFrame) -> Planes:
    """The frame's own bytes, to be written to."""
    y, u, v = (
        np.frombuffer(one, np.uint8).reshape(-1, one.line_size)[:, : one.width]  # type: ignore[call-overload]
        for one in frame.planes
    )
    return y, u, v


class Sprite:
    """Something that is laid over frames at even positions: a colour or a picture, and a mask."""

    __slots__ = ("_parts", "size")

    def __init__(self, ink: tuple[int, int, int] | Image.Image, mask: Image.Image) -> None:
        """``mask`` has even sides; ``ink`` is a colour in Y, U, V, or an RGB image as large."""
        self.size = mask.size
        half = mask.reduce(2)
        values = planes(Scaler(mask.size).frame_of(ink)) if isinstance(ink, Image.Image) else ink
        masks = (mask, half, half)
        self._parts = [_premultiplied(values[one], masks[one]) for one in range(3)]

    def over(self, under: Planes, left: int, top: int) -> None:
        """Lays it over the planes with its corner at an even place, which may lie outside."""
        for place, (plane, (kept, added)) in enumerate(zip(under, self._parts, strict=True)):
            x, y = (left // 2, top // 2) if place else (left, top)
            rows, columns = kept.shape
            up, down = max(0, -y), min(rows, plane.shape[0] - y)
            near, far = max(0, -x), min(columns, plane.shape[1] - x)
            if up < down and near < far:
                region = plane[y + up : y + down, x + near : x + far]
                _lay(region, kept[up:down, near:far], added[up:down, near:far])


class Shade:
    """Black that thickens towards the upper and lower edge, so that any picture carries text."""

    __slots__ = ("_parts",)

    def __init__(self, height: int) -> None:
        self._parts = []
        for rows, black in zip((height, height // 2, height // 2), (16, 128, 128), strict=True):
            dark = np.array([round(shade((row + 0.5) / rows) * 256) for row in range(rows)])
            for part in (slice(0, rows // 5), slice(rows * 3 // 5, rows)):
                mask = dark[part, None].astype(np.uint16)
                self._parts.append((part, 256 - mask, mask * black + 128))

    def over(self, under: Planes) -> None:
        """Darkens the planes."""
        for plane, places in zip(under, (0, 2, 4), strict=True):
            for rows, kept, added in self._parts[places : places + 2]:
                _lay(plane[rows], kept, added)


def shade(down: float) -> float:
    """How dark the shade is, 0..1, at the share ``down`` of the height."""
    low, high = max(0.0, (down - 0.6) / 0.4), max(0.0, (0.2 - down) / 0.2)
    return float(low**1.4 * 165 + high * 110) / 255


def _premultiplied(value: int | Bytes, mask: Image.Image) -> tuple[Words, Words]:
    """What is kept of a frame, in 256ths, and what is added to it, in 256ths with a half."""
    alpha = np.asarray(mask).astype(np.uint16)
    alpha += alpha >> 7
    return 256 - alpha, alpha * np.asarray(value, np.uint16) + 128


def _lay(region: Bytes, kept: Words, added: Words) -> None:
    blend = region * kept
    blend += added
    blend >>= 8
    region[...] = blend


WHITE = yuv((255, 255, 255))
