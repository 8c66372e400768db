"""Frame sizes: from the names vendors give them (``1080p``, ``16:9``) to pixels.

Only arithmetic; which names a vendor knows is the vendor's.
"""

from __future__ import annotations

from functools import lru_cache

LONG_SIDE_MAX = 3840
DEFAULT_FPS = 24


@lru_cache(maxsize=256)
def frame_size(aspect_ratio: str, short_side: int) -> tuple[int, int]:
    """Even width and height for ``"16:9"`` with this short side, shrunk to fit 3840 pixels."""
    across, down = (int(part) for part in aspect_ratio.split(":"))
    longest = short_side * max(across, down) / min(across, down)
    scale = min(1.0, LONG_SIDE_MAX / longest)
    short, long = _even(short_side * scale), _even(longest * scale)
    return (long, short) if across >= down else (short, long)


def _even(value: float) -> int:
    return int(value / 2 + 0.5) * 2
