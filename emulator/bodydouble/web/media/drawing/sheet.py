"""Frames of a film in one picture: small, in rows, in the order in which they are shown.

Where a film has fewer frames than there are places, the last places stay dark. Runs in the
renderer's process only.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

import av
from PIL import Image

from bodydouble.core.media.plan import SHEET_COLUMNS, SHEET_FRAMES, SHEET_ROWS
from bodydouble.web.media.drawing.frames import image_of

_LONG_SIDE = 256


def sheet_of(frames: Iterable[av.VideoFrame], size: tuple[int, int]) -> Image.Image:
    """The sheet of frames of this size."""
    share = _LONG_SIDE / max(size)
    wide, tall = (max(1, round(side * share)) for side in size)
    sheet = Image.new("RGB", (wide * SHEET_COLUMNS, tall * SHEET_ROWS))
    for place, frame in enumerate(islice(frames, SHEET_FRAMES)):
        small = image_of(frame).resize((wide, tall), Image.Resampling.BILINEAR)
        sheet.paste(small, (place % SHEET_COLUMNS * wide, place // SHEET_COLUMNS * tall))
    return sheet
