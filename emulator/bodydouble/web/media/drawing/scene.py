"""The background: a drifting gradient, two sweeping beams and floating discs, all from one seed.

The light is computed small and enlarged, since light has no edges; the discs are drawn at full
size. A scene is a function of (seed, instant) and remembers nothing between frames.
Runs in the renderer's process only.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import pi, sin

import numpy as np
from PIL import Image, ImageDraw

from bodydouble.core.chance import Draw
from bodydouble.web.media.drawing.colour import Floats, Palette, Planes, Rgb, palette, to_yuv, yuv

_SHRINK = 8
_FLOOR = 0.80
_DISCS = 9


@dataclass(frozen=True, slots=True)
class _Lamp:
    """A lamp above the upper edge at ``x``; all lengths in shares of the height."""

    x: float
    swing: float
    period_s: float
    phase: float
    spread: float
    colour: Rgb


@dataclass(frozen=True, slots=True)
class _Disc:
    """A disc that rises and sways; positions in shares of the frame, ``mask`` as drawn."""

    x: float
    y: float
    rise: float
    sway: float
    phase: float
    colour: tuple[int, int, int]
    masks: tuple[Image.Image, Image.Image]


class Scene:
    """What ``seed`` looks like at ``size`` (even sides)."""

    __slots__ = ("_discs", "_grid", "_lamps", "_phases", "palette", "size")

    def __init__(self, seed: object, size: tuple[int, int]) -> None:
        draw = Draw(0, "scene", seed)
        self.palette: Palette = palette(draw)
        self.size = size
        width, height = size
        columns, rows = max(4, width // _SHRINK), max(4, height // _SHRINK)
        x = (np.arange(columns, dtype=np.float32) + 0.5) / columns * (width / height)
        y = (np.arange(rows, dtype=np.float32) + 0.5) / rows
        self._grid: tuple[Floats, Floats] = (
            np.asarray(x[None, :], dtype=np.float32),
            np.asarray(y[:, None], dtype=np.float32),
        )
        self._phases = [2 * pi * draw.uniform() for _ in range(4)]
        self._lamps = [_lamp(draw, self.palette, i, width / height) for i in range(2)]
        self._discs = [_disc(draw, self.palette, min(size)) for _ in range(_DISCS)]

    def at(self, now_s: float) -> Planes:
        """The frame at ``now_s`` seconds."""
        width, height = self.size
        small = to_yuv(self._light(now_s))
        y, u, v = (Image.fromarray(np.ascontiguousarray(small[..., i])) for i in range(3))
        smooth = Image.Resampling.BICUBIC
        half = (width // 2, height // 2)
        planes = (y.resize(self.size, smooth), u.resize(half, smooth), v.resize(half, smooth))
        for disc in self._discs:
            self._place(planes, disc, now_s)
        return planes

    def _light(self, now_s: float) -> Floats:
        """The small frame without discs, (rows, columns, 3) in RGB 0..255."""
        x, y = self._grid
        a, b, c, d = self._phases
        drift = 0.5 + 0.5 * np.sin(1.7 * x + a + 0.35 * now_s) * np.cos(2.1 * y + b - 0.25 * now_s)
        cloud = 0.5 + 0.5 * np.sin(2.3 * (x - y) + c - 0.30 * now_s + 0.8 * sin(0.4 * now_s + d))
        ink = self.palette
        rgb = (
            _vector(ink.night)
            + (_vector(ink.dusk) - _vector(ink.night))
            * (0.25 + 0.75 * drift * (0.35 + 0.65 * y)).astype(np.float32)[..., None]
        )
        rgb += _vector(ink.glow) * (0.35 * cloud * drift).astype(np.float32)[..., None]
        for lamp in self._lamps:
            rgb += _vector(lamp.colour) * self._beam(lamp, now_s)[..., None]
        floor = np.clip((y - _FLOOR) * 9, 0, 1) * 0.35 + 0 * x
        return np.asarray(rgb * (1 - floor[..., None]), dtype=np.float32)

    def _beam(self, lamp: _Lamp, now_s: float) -> Floats:
        """How much of a lamp's light reaches each point, 0..1."""
        x, y = self._grid
        lean = lamp.swing * sin(2 * pi * now_s / lamp.period_s + lamp.phase)
        drop = y + 0.18
        across = (x - lamp.x - lean * drop) / (lamp.spread * drop)
        cone = np.exp(-(across**2) * 2.2) * (0.50 - 0.26 * y)
        cone *= np.clip((_FLOOR + 0.10 - y) * 8, 0, 1)
        # Where the cone meets the floor it leaves an ellipse.
        reach = lamp.spread * (_FLOOR + 0.26)
        middle = lamp.x + lean * (_FLOOR + 0.26)
        round_ = ((x - middle) / reach) ** 2 + ((y - _FLOOR - 0.08) / 0.07) ** 2
        pool = 0.55 * np.exp(-(round_**2))
        return np.asarray(cone + pool, dtype=np.float32)

    def _place(self, planes: Planes, disc: _Disc, now_s: float) -> None:
        width, height = self.size
        side = disc.masks[0].width
        # Discs travel over the frame and a margin, so that they enter and leave unseen.
        lap = height + side
        top = height - (disc.y * lap + disc.rise * height * now_s) % lap
        left = disc.x * width - side / 2 + disc.sway * side * sin(0.7 * now_s + disc.phase)
        # Even positions keep the half-size chroma under its luma.
        at = (round(left / 2), round(top / 2))
        y, u, v = disc.colour
        planes[0].paste(y, (2 * at[0], 2 * at[1]), disc.masks[0])
        planes[1].paste(u, at, disc.masks[1])
        planes[2].paste(v, at, disc.masks[1])


def _vector(rgb: Rgb) -> Floats:
    return np.array(rgb, dtype=np.float32)


def _lamp(draw: Draw, ink: Palette, index: int, aspect: float) -> _Lamp:
    return _Lamp(
        x=aspect * (0.28 + 0.44 * index + 0.10 * (draw.uniform() - 0.5)),
        swing=(0.25 + 0.25 * draw.uniform()) * min(1.0, aspect),
        period_s=4 + 3 * draw.uniform(),
        phase=2 * pi * draw.uniform(),
        spread=0.17 + 0.06 * draw.uniform(),
        colour=ink.lights[index],
    )


def _disc(draw: Draw, ink: Palette, side: int) -> _Disc:
    radius = max(2, round(side * (0.025 + 0.085 * draw.uniform() ** 2)))
    return _Disc(
        x=draw.uniform(),
        y=draw.uniform(),
        rise=0.05 + 0.12 * draw.uniform(),
        sway=0.4 + 0.6 * draw.uniform(),
        phase=2 * pi * draw.uniform(),
        colour=yuv(draw.choice((*ink.lights, ink.accent))),
        masks=_disc_masks(radius, strength=70 + draw.between(0, 60)),
    )


def _disc_masks(radius: int, strength: int) -> tuple[Image.Image, Image.Image]:
    """A disc with a brighter rim, for luma and at half size for chroma."""
    side = 2 * radius + 4
    side += side % 2
    # Drawn four times too large and reduced: smooth edges.
    big = Image.new("L", (side * 4, side * 4), 0)
    pen = ImageDraw.Draw(big)
    box = (8, 8, side * 4 - 9, side * 4 - 9)
    pen.ellipse(box, fill=strength // 2, outline=strength, width=max(4, radius // 3))
    mask = big.reduce(4)
    return mask, mask.reduce(2)
