"""What is written over the picture: the word BODYDOUBLE, prompt, model, job id and time code.

All that stands still is drawn once and pasted into each frame; only the time code and the bar
below it change. It scales with the frame and leaves out what a tiny frame has no room for.
Runs in the renderer's process only.
"""

from __future__ import annotations

from PIL import Image, ImageDraw

from bodydouble.core.media.plan import MediaPlan
from bodydouble.web.media.drawing.colour import Rgb, yuv
from bodydouble.web.media.drawing.frames import WHITE, Planes, Sprite
from bodydouble.web.media.drawing.lettering import fitted, font, legible, wrapped, write

WORD = "BODYDOUBLE"
_DIGITS = "0123456789:."
_ROOM_FOR_TEXT = 120


class Card:
    """The card of ``plan``; ``accent`` colours the bar."""

    __slots__ = ("_bar", "_bar_yuv", "_code_at", "_duration_ms", "_glyphs", "_patches", "_size")

    def __init__(self, plan: MediaPlan, accent: Rgb) -> None:
        self._size = plan.coded_size
        width, height = self._size
        unit = min(width, height) / 100
        self._duration_ms = plan.duration_ms
        self._bar = max(2, round(unit * 0.9) // 2 * 2)
        self._bar_yuv = yuv(accent)
        self._glyphs = _glyphs(round(unit * 4.2))
        self._code_at: tuple[int, int] | None = None
        self._patches: list[tuple[Sprite, int, int]] = []
        if min(width, height) >= _ROOM_FOR_TEXT:
            long = sum(self._glyphs[sign].size[0] for sign in "00:00.000")
            self._code_at = (_even(width - unit * 5 - long), _even(unit * 4.6))
            ink = _ink(plan, accent, unit, code_left=self._code_at[0])
            self._patches = _patches(ink)

    def over(self, planes: Planes, now_ms: float) -> None:
        """Writes the card of the instant ``now_ms`` into ``planes``."""
        for sprite, left, top in self._patches:
            sprite.over(planes, left, top)
        self._write_code(planes, int(now_ms))
        self._fill_bar(planes, now_ms / self._duration_ms)

    def _write_code(self, planes: Planes, now_ms: int) -> None:
        if self._code_at is None:
            return
        left, top = self._code_at
        seconds, ms = divmod(now_ms, 1000)
        for sign in f"{seconds // 60:02d}:{seconds % 60:02d}.{ms:03d}":
            glyph = self._glyphs[sign]
            glyph.over(planes, left, top)
            left += glyph.size[0]

    def _fill_bar(self, planes: Planes, done: float) -> None:
        width, height = self._size
        right = max(2, round(width * done / 2) * 2)
        top = height - self._bar
        planes[0][top:, :right] = self._bar_yuv[0]
        for chroma, value in zip(planes[1:], self._bar_yuv[1:], strict=True):
            chroma[top // 2 :, : right // 2] = value


def _glyphs(size: int) -> dict[str, Sprite]:
    """Each sign of the time code; digits share one width, so that nothing jumps."""
    face = font(size)
    tall = _even(face.getbbox("0:")[3] + 5)
    found = {}
    for sign in _DIGITS:
        wide = face.getlength("0" if sign.isdigit() else sign)
        mask = Image.new("L", (_even(wide + (2 if sign.isdigit() else 4)), tall), 0)
        ImageDraw.Draw(mask).text((1, 0), sign, fill=255, font=face, stroke_width=0)
        found[sign] = Sprite(WHITE, mask)
    return found


def _even(length: float) -> int:
    return 2 * round(length / 2)


def _ink(plan: MediaPlan, accent: Rgb, unit: float, *, code_left: int) -> Image.Image:
    """The still part as one RGBA image of the frame's size."""
    width, height = plan.coded_size
    image = Image.new("RGBA", (width, height), (0, 0, 0, 0))
    pen = ImageDraw.Draw(image)
    margin, word_size = round(unit * 5), round(unit * 4.2)
    mark = _mark(round(unit * 5), accent)
    image.paste(mark, (margin, round(unit * 4.4)), mark)
    left = margin + unit * 8.4
    _spaced(pen, (left, unit * 4.6), word_size, unit * 0.7, code_left - left)
    foot_size, text_size = max(round(unit * 2.5), 8), max(round(unit * 4.4), 10)
    foot_top = height - round(unit * 4.6) - foot_size
    facts = f"{plan.width}x{plan.height}  {plan.fps} fps  seed {plan.seed}"
    foot = "   ·   ".join(filter(None, (legible(plan.model), legible(plan.label), facts)))
    room = width - 2 * margin
    told = fitted(foot, foot_size, room)
    write(image, (margin, foot_top), told, foot_size, (255, 255, 255, 190))
    lines = wrapped(legible(plan.prompt), text_size, min(room, unit * 120), 3)
    top = foot_top - unit * 2.4 - len(lines) * text_size * 1.28
    for line in lines:
        write(image, (margin, top), line, text_size, (255, 255, 255, 245))
        top += text_size * 1.28
    return image


def _mark(side: int, accent: Rgb) -> Image.Image:
    """The mark: two overlapping circles."""
    # Drawn four times too large and reduced: smooth edges.
    big, shift = side * 4, round(side * 1.52)
    image = Image.new("RGBA", (big + shift, big), (255, 255, 255, 0))
    pen = ImageDraw.Draw(image)
    r, g, b = (round(part) for part in accent)
    pen.ellipse((0, 0, big - 1, big - 1), fill=(r, g, b, 255))
    pen.ellipse((shift, 0, shift + big - 1, big - 1), outline=(255, 255, 255, 255), width=big // 11)
    return image.reduce(4)


def _spaced(
    pen: ImageDraw.ImageDraw, at: tuple[float, float], size: int, gap: float, room: float
) -> None:
    face, (left, top) = font(size), at
    if sum(face.getlength(sign) + gap for sign in WORD) > room:
        gap = 0
    for sign in WORD:
        pen.text((left, top), sign, fill=(255, 255, 255, 255), font=face, stroke_width=0)
        left += face.getlength(sign) + gap


def _patches(ink: Image.Image) -> list[tuple[Sprite, int, int]]:
    """What ``ink`` covers in its upper and in its lower half, with their corners."""
    width, height = ink.size
    found = []
    for upper, lower in ((0, height // 4 * 2), (height // 4 * 2, height)):
        box = ink.crop((0, upper, width, lower)).getchannel("A").getbbox()
        if box is not None:
            left, top = box[0] // 2 * 2, upper + box[1] // 2 * 2
            right, bottom = -(-box[2] // 2) * 2, upper - (-box[3] // 2) * 2
            part = ink.crop((left, top, right, bottom))
            sprite = Sprite(part.convert("RGB"), part.getchannel("A"))
            found.append((sprite, left, top))
    return found
