"""Colours: a palette drawn from a seed, and the way between RGB and the planes a video holds.

Pictures are kept as three 8-bit planes (BT.709, limited range, chroma at half size), because
that is what the encoder takes: a frame is then drawn without ever being converted.
Runs in the renderer's process only.
"""

from __future__ import annotations

import colorsys
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from bodydouble.core.chance import Draw

Floats: TypeAlias = NDArray[np.float32]
Bytes: TypeAlias = NDArray[np.uint8]
Rgb: TypeAlias = tuple[float, float, float]
Planes: TypeAlias = tuple[Image.Image, Image.Image, Image.Image]

# Rows are Y, U, V; columns R, G, B in 0..255 (BT.709, limited range).
_KR, _KB = 0.2126, 0.0722
_KG = 1 - _KR - _KB
_TO_YUV = np.array(
    [
        [_KR, _KG, _KB],
        [-_KR / (2 * (1 - _KB)), -_KG / (2 * (1 - _KB)), 0.5],
        [0.5, -_KG / (2 * (1 - _KR)), -_KB / (2 * (1 - _KR))],
    ],
    dtype=np.float32,
) * np.array([[219 / 255], [224 / 255], [224 / 255]], dtype=np.float32)
_OFFSET = np.array([16, 128, 128], dtype=np.float32)
_TO_RGB = np.linalg.inv(_TO_YUV).astype(np.float32)


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours that go together, each (r, g, b) in 0..255."""

    night: Rgb
    dusk: Rgb
    glow: Rgb
    lights: tuple[Rgb, Rgb, Rgb]
    accent: Rgb


def palette(draw: Draw) -> Palette:
    """A dark ground and warm-to-cool lights around one drawn hue."""
    hue = draw.uniform()
    side = draw.choice((-1, 1))
    return Palette(
        night=_rgb(hue, 0.62, 0.11),
        dusk=_rgb(hue + side * 0.09, 0.66, 0.30),
        glow=_rgb(hue + side * 0.20, 0.60, 0.46),
        lights=(
            _rgb(hue + side * 0.30, 0.50, 0.95),
            _rgb(hue + side * 0.45, 0.38, 1.0),
            _rgb(hue - side * 0.10, 0.55, 0.90),
        ),
        accent=_rgb(hue + side * 0.38, 0.58, 1.0),
    )


def yuv(rgb: Rgb) -> tuple[int, int, int]:
    """One colour as Y, U, V bytes."""
    y, u, v = (_TO_YUV @ np.array(rgb, dtype=np.float32) + _OFFSET).round().astype(int)
    return int(y), int(u), int(v)


def to_yuv(rgb: Floats) -> Bytes:
    """(rows, columns, 3) RGB in 0..255 to the same shape in Y, U, V bytes."""
    out = rgb @ _TO_YUV.T + _OFFSET
    coded: Bytes = np.clip(out + 0.5, 0, 255).astype(np.uint8)
    return coded


def planes_of(image: Image.Image) -> Planes:
    """The planes of an RGB image with even sides."""
    coded = to_yuv(np.asarray(image, dtype=np.float32))
    y, u, v = (Image.fromarray(np.ascontiguousarray(coded[..., i])) for i in range(3))
    return y, u.reduce(2), v.reduce(2)


def image_of(planes: Planes) -> Image.Image:
    """The RGB image of three planes."""
    y, u, v = planes
    full = [np.asarray(p.resize(y.size, Image.Resampling.BILINEAR)) for p in (u, v)]
    coded = np.stack([np.asarray(y), *full], axis=-1).astype(np.float32)
    rgb = (coded - _OFFSET) @ _TO_RGB.T
    return Image.fromarray(np.clip(rgb + 0.5, 0, 255).astype(np.uint8))


def _rgb(hue: float, saturation: float, value: float) -> Rgb:
    r, g, b = colorsys.hsv_to_rgb(hue % 1.0, saturation, value)
    return r * 255, g * 255, b * 255
