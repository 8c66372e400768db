"""A soft chord drawn from the seed, as the sound of a video that was asked to have sound.

Samples are a function of (seed, instant), so any stretch can be computed alone.
Runs in the renderer's process only.
"""

from __future__ import annotations

from math import pi

import numpy as np

from bodydouble.core.chance import Draw
from bodydouble.web.media.drawing.colour import Floats

RATE_HZ = 48_000
_SCALE = (0, 3, 5, 7, 10)
_FADE_S = 0.25
_LOUDNESS = 0.22


class Tone:
    """The chord of ``seed`` over ``duration_ms``."""

    __slots__ = ("_duration_s", "_voices")

    def __init__(self, seed: int, duration_ms: int) -> None:
        draw = Draw(seed, "tone")
        root = 110.0 * 2 ** (draw.choice(_SCALE) / 12)
        steps = (0, 7, 12 + draw.choice(_SCALE), 19)
        self._voices = [
            (root * 2 ** (step / 12), 0.15 + 0.35 * draw.uniform(), 2 * pi * draw.uniform())
            for step in steps
        ]
        self._duration_s = duration_ms / 1000

    def samples(self, start: int, count: int) -> Floats:
        """Samples ``start`` to ``start + count`` in -1..1, shape (1, count)."""
        t = (start + np.arange(count)) / RATE_HZ
        sound = np.zeros(count)
        for loudness, (pitch_hz, sway_hz, phase) in zip(
            (1, 0.6, 0.4, 0.25), self._voices, strict=True
        ):
            swell = 0.6 + 0.4 * np.sin(2 * pi * sway_hz * t + phase)
            sound += loudness * swell * np.sin(2 * pi * pitch_hz * t + phase)
        fade = np.clip(np.minimum(t, self._duration_s - t) / _FADE_S, 0, 1)
        return (sound * fade * (_LOUDNESS / 2.25)).astype(np.float32)[None, :]
