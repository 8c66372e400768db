"""Colours: a palette drawn from a seed, and one colour as a video holds it.

Runs in the renderer's process only.
"""

from __future__ import annotations

import colorsys
from dataclasses import dataclass
from typing import TypeAlias

from bodydouble.core.chance import Draw

Rgb: TypeAlias = tuple[float, float, float]

# BT.709, limited range.
_KR, _KB = 0.2126, 0.0722
_KG = 1 - _KR - _KB


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
    r, g, b = rgb
    luma = _KR * r + _KG * g + _KB * b
    u, v = (b - luma) / (2 * (1 - _KB)), (r - luma) / (2 * (1 - _KR))
    return (
        round(16 + luma * 219 / 255),
        round(128 + u * 224 / 255),
        round(128 + v * 224 / 255),
    )


def _rgb(hue: float, saturation: float, value: float) -> Rgb:
    r, g, b = colorsys.hsv_to_rgb(hue % 1.0, saturation, value)
    return r * 255, g * 255, b * 255
