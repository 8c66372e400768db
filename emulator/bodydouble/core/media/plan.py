"""The media plan: everything that decides the bytes of one job's video and poster, as data.

A plan says what is to be seen; its digest names the file, so one plan is one file for ever. It
never holds picture bytes, only references, and knows nothing of codecs, files or vendors.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from hashlib import blake2b
from typing import Literal

# Bounds on what the renderer is ever asked for; a provider refuses more in its vendor's words.
SIDE_MIN = 16
SIDE_MAX = 4096
PIXELS_MAX = 3840 * 2160
FPS_MAX = 60
DURATION_MAX_MS = 60_000
# Frames of a film in one picture: so many in a row, and so many rows.
SHEET_COLUMNS, SHEET_ROWS = 4, 4
SHEET_FRAMES = SHEET_COLUMNS * SHEET_ROWS

PictureKind = Literal["blob", "seeded", "remote"]


@dataclass(frozen=True, slots=True)
class Picture:
    """A still by reference.

    ``ref`` is the digest of uploaded bytes (``blob``), a seed that a picture is drawn from
    (``seeded``), or a URL that is not fetched unless allowed (``remote``).
    """

    kind: PictureKind
    ref: str


@dataclass(frozen=True, slots=True)
class MediaPlan:
    """One job's video. ``label`` is the job id as shown in the picture.

    Raises ValueError if a number is out of bounds. An odd side cannot be coded as yuv420p, which
    browsers need; `coded_size` is what the file will say.
    """

    width: int
    height: int
    fps: int
    duration_ms: int
    audio: bool
    seed: int
    prompt: str
    model: str
    label: str
    first_frame: Picture | None = None
    last_frame: Picture | None = None

    def __post_init__(self) -> None:
        """Checks the bounds."""
        _within("width", self.width, SIDE_MIN, SIDE_MAX)
        _within("height", self.height, SIDE_MIN, SIDE_MAX)
        _within("width x height", self.width * self.height, 1, PIXELS_MAX)
        _within("fps", self.fps, 1, FPS_MAX)
        _within("duration_ms", self.duration_ms, 1, DURATION_MAX_MS)

    @property
    def coded_size(self) -> tuple[int, int]:
        """Width and height of the file: as asked, with an odd side one pixel larger."""
        return even(self.width), even(self.height)

    @property
    def frame_count(self) -> int:
        """How many frames; the last one is shorter if the duration is no whole number of them."""
        return -(-self.duration_ms * self.fps // 1000)

    def digest(self) -> str:
        """32 hex digits over the canonical JSON of the plan; the same in every process."""
        # ASCII escapes, so that a lone surrogate in a prompt has bytes too.
        text = json.dumps(asdict(self), sort_keys=True, separators=(",", ":"), ensure_ascii=True)
        return blake2b(text.encode("ascii"), digest_size=16).hexdigest()


def even(side: int) -> int:
    """``side``, or the next larger even number."""
    return side + side % 2


def _within(name: str, value: int, low: int, high: int) -> None:
    if not low <= value <= high:
        raise ValueError(f"{name} of a video lies between {low} and {high}, not {value}")
