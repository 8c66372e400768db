"""The background: a drifting gradient, two sweeping beams and floating discs, all from one seed.

The light is computed small and enlarged, since light has no edges; the discs are laid over it at
full size. A scene is a function of (seed, instant) and remembers nothing between frames.
Runs in the renderer's process only.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import pi

import av
import numpy as np
from PIL import Image, ImageDraw

from bodydouble.core.chance import Draw
from bodydouble.web.media.drawing.colour import Palette, Rgb, palette, yuv
from bodydouble.web.media.drawing.frames import Floats, Scaler, Sprite, fall, planes, shade, sine

# Cells of light along the shorter side; more show nothing more.
_CELLS = 68
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
    """A disc that rises and sways; positions in shares of the frame."""

    x: float
    y: float
    rise: float
    sway: float
    phase: float
    sprite: Sprite


class Scene:
    """What ``seed`` looks like at ``size`` (even sides); ``shaded`` where text is to stand."""

    __slots__ = ("_discs", "_grid", "_lamps", "_phases", "_scaler", "_shade", "palette", "size")

    def __init__(self, seed: object, size: tuple[int, int], *, shaded: bool = False) -> None:
        draw = Draw(0, "scene", seed)
        self.palette: Palette = palette(draw)
        self.size = size
        self._scaler = Scaler(size)
        width, height = size
        cell = max(4, min(size) / _CELLS)
        columns, rows = max(4, round(width / cell)), max(4, round(height / cell))
        self._grid: tuple[Floats, Floats] = (
            ((np.arange(columns) + 0.5) / columns * (width / height))[None, :],
            ((np.arange(rows) + 0.5) / rows)[:, None],
        )
        dark = [round(shade((row + 0.5) / rows), 4) if shaded else 0 for row in range(rows)]
        self._shade = 1 - np.array(dark)[:, None, None]
        self._phases = [2 * pi * draw.uniform() for _ in range(4)]
        self._lamps = [_lamp(draw, self.palette, i, width / height) for i in range(2)]
        self._discs = [_disc(draw, self.palette, min(size)) for _ in range(_DISCS)]

    def at(self, now_s: float) -> av.VideoFrame:
        """The frame at ``now_s`` seconds."""
        frame = self._scaler.frame(self._light(now_s))
        under = planes(frame)
        width, height = self.size
        for disc in self._discs:
            side = disc.sprite.size[0]
            # Discs travel over the frame and a margin, so that they enter and leave unseen.
            lap = height + side
            top = height - (disc.y * lap + disc.rise * height * now_s) % lap
            sway = disc.sway * side * float(sine(0.7 * now_s + disc.phase))
            left = disc.x * width - side / 2 + sway
            disc.sprite.over(under, 2 * round(left / 2), 2 * round(top / 2))
        return frame

    def _light(self, now_s: float) -> Floats:
        """The small frame without discs, (rows, columns, 3) in RGB 0..255."""
        x, y = self._grid
        a, b, c, d = self._phases
        quarter = pi / 2
        drift = 0.5 + 0.5 * sine(1.7 * x + a + 0.35 * now_s) * sine(
            2.1 * y + b - 0.25 * now_s + quarter
        )
        sway = 0.8 * float(sine(0.4 * now_s + d))
        cloud = 0.5 + 0.5 * sine(2.3 * (x - y) + c - 0.30 * now_s + sway)
        ink = self.palette
        night, dusk, glow = (np.array(rgb) for rgb in (ink.night, ink.dusk, ink.glow))
        light = night + (dusk - night) * (0.25 + 0.75 * drift * (0.35 + 0.65 * y))[..., None]
        light += glow * (0.35 * cloud * drift)[..., None]
        for lamp in self._lamps:
            light += np.array(lamp.colour) * self._beam(lamp, now_s)[..., None]
        floor = np.minimum(np.maximum((y - _FLOOR) * 9, 0), 1) * 0.35
        return np.asarray(light * (1 - floor[..., None]) * self._shade)

    def _beam(self, lamp: _Lamp, now_s: float) -> Floats:
        """How much of a lamp's light reaches each point, 0..1."""
        x, y = self._grid
        lean = lamp.swing * float(sine(2 * pi * now_s / lamp.period_s + lamp.phase))
        drop = y + 0.18
        across = (x - lamp.x - lean * drop) / (lamp.spread * drop)
        cone = fall(across * across * 2.2) * (0.50 - 0.26 * y)
        cone *= np.minimum(np.maximum((_FLOOR + 0.10 - y) * 8, 0), 1)
        # Where the cone meets the floor it leaves an ellipse.
        reach = lamp.spread * (_FLOOR + 0.26)
        wide, deep = (x - lamp.x - lean * (_FLOOR + 0.26)) / reach, (y - _FLOOR - 0.08) / 0.07
        round_ = wide * wide + deep * deep
        return cone + 0.55 * fall(round_ * round_)


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
        sprite=Sprite(
            yuv(draw.choice((*ink.lights, ink.accent))),
            _disc_mask(radius, strength=70 + draw.between(0, 60)),
        ),
    )


def _disc_mask(radius: int, strength: int) -> Image.Image:
    """A disc with a brighter rim."""
    side = 2 * radius + 4
    side += side % 2
    # Drawn four times too large and reduced: smooth edges.
    big = Image.new("L", (side * 4, side * 4), 0)
    pen = ImageDraw.Draw(big)
    box = (8, 8, side * 4 - 9, side * 4 - 9)
    pen.ellipse(box, fill=strength // 2, outline=strength, width=max(4, radius // 3))
    return big.reduce(4)
