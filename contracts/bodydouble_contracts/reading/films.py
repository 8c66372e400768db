"""What a film is: length, size, frame rate and sound, from the boxes of an MP4 or from decoding it.

Decoding wants the library PyAV, which the extra `media` brings; without it the boxes have to do.
Bytes that are no MP4 have no facts. It refuses to say what a film should be.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass

CONTAINERS = frozenset({b"moov", b"trak", b"mdia", b"minf", b"stbl"})
MAX_BOXES = 10_000
MAX_FRAMES = 4_000


@dataclass(frozen=True, slots=True)
class Film:
    """Seconds, pixels, frames a second, and whether there is sound; None where it is not told."""

    seconds: float | None = None
    width: int | None = None
    height: int | None = None
    fps: float | None = None
    sound: bool | None = None


def boxes(data: bytes, start: int = 0, end: int = -1) -> Iterator[tuple[bytes, int, int]]:
    """Yield kind, beginning and end of the content of each box, those within containers, too."""
    at, stop = start, len(data) if end < 0 else end
    for _ in range(MAX_BOXES):
        if at + 8 > stop:
            return
        size, kind, head = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8], 8
        if size == 1:
            size, head = int.from_bytes(data[at + 8 : at + 16], "big"), 16
        size = size or stop - at
        if size < head or at + size > stop:
            return
        yield kind, at + head, at + size
        if kind in CONTAINERS:
            yield from boxes(data, at + head, at + size)
        at += size


def number(data: bytes, at: int, size: int = 4) -> int:
    """Return a number of so many bytes."""
    return int.from_bytes(data[at : at + size], "big")


def told(data: bytes) -> Film:
    """Return what the boxes of an MP4 say; a film in fragments says little."""
    sound = seconds = width = height = fps = None
    handler, frames, shown = b"", 0, 0
    scale = 0
    for kind, at, end in boxes(data):
        if kind == b"hdlr":
            handler = data[at + 8 : at + 12]
            sound = bool(sound) or handler == b"soun"
        elif kind == b"mdhd":
            scale = number(data, at + (20 if data[at] else 12))
        elif kind == b"mvhd":
            wide = bool(data[at])
            unit, length = (at + 20, at + 24) if wide else (at + 12, at + 16)
            whole = number(data, length, 8 if wide else 4)
            seconds = whole / number(data, unit) if whole and number(data, unit) else None
        elif kind == b"stsd" and handler == b"vide" and end - at > 44:
            width, height = number(data, at + 40, 2), number(data, at + 42, 2)
        elif kind == b"stts" and handler == b"vide":
            entries = range(at + 8, min(end, at + 8 + 8 * number(data, at + 4)), 8)
            frames = sum(number(data, one) for one in entries)
            shown = sum(number(data, one) * number(data, one + 4) for one in entries)
            fps = frames * scale / shown if shown else None
    return Film(seconds, width, height, fps, sound)


def decoded(data: bytes) -> Film | str | None:
    """Return what comes out of a film, why nothing does, or None where PyAV is not there."""
    try:
        import av
    except ImportError:
        return None
    try:
        with av.open(io.BytesIO(data), "r") as container:
            if not container.streams.video:
                return "no picture in it"
            sound = bool(container.streams.audio)
            times, size = [], (0, 0)
            for number_, frame in enumerate(container.decode(video=0)):
                if number_ == MAX_FRAMES:
                    return None
                size = (frame.width, frame.height)
                times.append(float(frame.time or 0))
    except (av.FFmpegError, ValueError, IndexError) as error:
        return f"not to be decoded: {error}"
    if len(times) < 2 or times[-1] <= times[0]:
        return f"{len(times)} frames come out of it"
    step = (times[-1] - times[0]) / (len(times) - 1)
    return Film(times[-1] - times[0] + step, *size, 1 / step, sound)
