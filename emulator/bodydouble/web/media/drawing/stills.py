"""Pictures that a video starts from or ends with: opened with limits, cropped, slowly zoomed.

The bytes come from strangers. Whatever they are, the result is a picture: what cannot be read
becomes a card that says so. Nothing is fetched here; a picture is a file, a seed or a note.
Runs in the renderer's process only.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import numpy as np
from PIL import Image, ImageDraw, ImageOps, UnidentifiedImageError

from bodydouble.core.media.orientation import orientation
from bodydouble.web.media.drawing.card import WORD
from bodydouble.web.media.drawing.frames import Scaler, Shade, image_of, planes
from bodydouble.web.media.drawing.lettering import font, legible, length, wrapped, write
from bodydouble.web.media.drawing.scene import Scene

# An image of this many pixels takes 160 MB to open; a larger one is not opened.
PIXELS_MAX = 40_000_000
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF")
ZOOM = 1.14
# Between these shares of the running time the first picture fades into the last.
_FADE_FROM, _FADE_TO = 0.45, 0.95

Image.MAX_IMAGE_PIXELS = PIXELS_MAX


@dataclass(frozen=True, slots=True)
class Still:
    """Where a picture comes from: a file, else a seed, else nothing but the ``note`` why."""

    path: str = ""
    seed: str = ""
    note: str = ""


def still_of(data: Any) -> Still | None:
    """The still of one JSON value of an order."""
    return None if data is None else Still(**data)


def opened(still: Still, size: tuple[int, int]) -> Image.Image:
    """The RGB picture cropped to fill ``size`` (even sides). Never raises for bad bytes."""
    if still.path:
        try:
            return _read(still.path, size)
        except Exception as error:  # The decoders raise a great many types for bad bytes.
            return placeholder(f"unreadable picture: {_reason(error)}", size)
    if still.seed:
        return image_of(Scene(still.seed, size).at(1.0))
    return placeholder(still.note, size)


def placeholder(note: str, size: tuple[int, int]) -> Image.Image:
    """A card that says in words why there is no picture."""
    image = image_of(Scene(note, size).at(0.0)).point(lambda value: value // 2)
    pen, unit = ImageDraw.Draw(image), min(size) / 100
    inset = round(unit * 14)
    # Clear of the prompt that is written over the lower third.
    upper, lower = size[1] * 0.22, size[1] * 0.62
    box = (inset, upper, size[0] - inset, lower)
    pen.rectangle(box, outline=(255, 255, 255), width=max(1, round(unit * 0.4)))
    text_size = max(8, round(unit * 4.6))
    lines = wrapped(legible(note), text_size, max(1, size[0] - 2.6 * inset), 3)
    top = (upper + lower) / 2 - len(lines) * text_size * 0.64
    for line in lines:
        left = (size[0] - length(line, text_size)) / 2
        write(image, (left, top), line, text_size, (255, 255, 255))
        top += text_size * 1.28
    return image


def signed(image: Image.Image) -> Image.Image:
    """A lone picture with the word that says who drew it."""
    unit = min(image.size) / 100
    face = font(max(8, round(unit * 2.6)))
    at = (round(unit * 4), image.height - round(unit * 7))
    ImageDraw.Draw(image).text(at, f"{WORD}  ·  generated picture", fill=(255,) * 3, font=face)
    return image


class Zoom:
    """A slow zoom into ``first`` that fades into ``last`` where there is one, shaded for text."""

    __slots__ = ("_first", "_last", "_shade", "_size")

    def __init__(self, first: Image.Image, last: Image.Image | None) -> None:
        self._size = first.size
        self._first = _layers(first)
        self._last = _layers(last) if last is not None else None
        self._shade = Shade(first.height)

    def at(self, done: float) -> av.VideoFrame:
        """The frame when the share ``done`` (0..1) of the running time is over."""
        shown = _closer(self._first, done)
        if self._last is not None and done > _FADE_FROM:
            share = min(1.0, (done - _FADE_FROM) / (_FADE_TO - _FADE_FROM))
            share = share * share * (3 - 2 * share)
            # The last picture arrives zoomed in and comes to rest exactly as given.
            arriving = _closer(self._last, max(0.0, 1 - done / _FADE_TO))
            shown = [Image.blend(a, b, share) for a, b in zip(shown, arriving, strict=True)]
        frame = av.VideoFrame(*self._size, "yuv420p")
        under = planes(frame)
        for plane, layer in zip(under, shown, strict=True):
            plane[...] = np.asarray(layer)
        self._shade.over(under)
        return frame


def _layers(image: Image.Image) -> list[Image.Image]:
    return [Image.fromarray(plane) for plane in planes(Scaler(image.size).frame_of(image))]


def _closer(layers: list[Image.Image], done: float) -> list[Image.Image]:
    zoom = 1 + (ZOOM - 1) * done
    return [_middle(layer, zoom) for layer in layers]


def _middle(plane: Image.Image, zoom: float) -> Image.Image:
    width, height = plane.size
    dx, dy = (width - width / zoom) / 2, (height - height / zoom) / 2
    box = (dx, dy, width - dx, height - dy)
    return plane.resize(plane.size, Image.Resampling.BILINEAR, box=box)


def _read(path: str, size: tuple[int, int]) -> Image.Image:
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        with Image.open(path, formats=_FORMATS) as image:
            if image.width * image.height > PIXELS_MAX:
                raise ValueError(f"{image.width}x{image.height} pixels are too many")
            image.draft("RGB", size)
            # Asked where sizes are derived, too, so that both are turned or neither is.
            turn = _TURNS.get(orientation(Path(path).read_bytes()))
            turned = image.transpose(turn) if turn is not None else image
            return ImageOps.fit(_flat(turned), size, Image.Resampling.LANCZOS)


def _flat(image: Image.Image) -> Image.Image:
    """RGB, with anything transparent laid on dark grey."""
    if image.mode in {"RGBA", "LA", "PA"} or "transparency" in image.info:
        clear = image.convert("RGBA")
        ground = Image.new("RGBA", clear.size, (24, 24, 28, 255))
        return Image.alpha_composite(ground, clear).convert("RGB")
    return image.convert("RGB")


def _reason(error: Exception) -> str:
    if isinstance(error, UnidentifiedImageError):
        return "not a JPEG, PNG, WebP, GIF, BMP or TIFF"
    if isinstance(error, Image.DecompressionBombError | Image.DecompressionBombWarning):
        return "it has too many pixels"
    return str(error)[:120] or type(error).__name__
