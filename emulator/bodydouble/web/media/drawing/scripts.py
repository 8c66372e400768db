"""Lines in scripts that the built-in font lacks: shaped, in their order, with fonts of our own.

HarfBuzz joins and stacks the letters, the Unicode algorithm orders right-to-left runs, FreeType
draws. Everything is looked at in the renderer's process only, in lines of at most a few hundred
characters. It is loaded when such a text is first met, and refuses to fold or wrap anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import groupby
from pathlib import Path

import freetype
import uharfbuzz
from bidi.algorithm import get_display  # this one mirrors brackets, the package's other does not
from PIL import Image, ImageDraw, ImageFont

FONTS = Path(__file__).parents[1] / "fonts"
ARABIC, DEVANAGARI = "NotoSansArabic-Regular.ttf", "NotoSansDevanagari-Regular.ttf"
IDEOGRAPHS = "DroidSansFallbackFull.ttf"
# First and last code point of what each font is for; what a font lacks all the same is not its.
_FOR = (
    (ARABIC, ((0x0600, 0x06FF), (0x0750, 0x077F), (0xFB50, 0xFDFF), (0xFE70, 0xFEFC))),
    (DEVANAGARI, ((0x0900, 0x097F), (0x1CD0, 0x1CFF), (0xA8E0, 0xA8FF))),
    (
        IDEOGRAPHS,
        (
            *((0x1100, 0x11FF), (0x2E80, 0x303F), (0x3041, 0x31BF), (0x31F0, 0x33FF)),
            *((0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xAC00, 0xD7A3), (0xF900, 0xFAFF)),
            *((0xFF01, 0xFFEE),),
        ),
    ),
)
# Between letters of these scripts they say how to join; anywhere else they say nothing.
JOINERS = "\u200c\u200d"


@dataclass(frozen=True, slots=True)
class _Face:
    """One font as HarfBuzz and as FreeType know it."""

    shaping: uharfbuzz.Font
    drawing: freetype.Face
    units: int


@cache
def _face(name: str) -> _Face:
    face = uharfbuzz.Face(uharfbuzz.Blob.from_file_path(str(FONTS / name)))
    return _Face(uharfbuzz.Font(face), freetype.Face(str(FONTS / name)), face.upem)


@cache
def font_of(sign: str) -> str:
    """The file of the font that has ``sign``; empty where none of ours is for it."""
    for name, ranges in _FOR:
        if any(first <= ord(sign) <= last for first, last in ranges):
            return name if _face(name).drawing.get_char_index(sign) else ""
    return ""


def ideographic(sign: str) -> bool:
    """Whether a line may break beside ``sign`` although there is no blank."""
    return font_of(sign) == IDEOGRAPHS


def _runs(line: str) -> list[tuple[str, str]]:
    """The line from left to right as (font, text in reading order); no font is the built-in one."""
    shown = get_display(line)
    named: list[str] = []
    for sign in shown:
        near = named[-1] if named else ""
        named.append(near if sign in JOINERS else font_of(sign))
    out = []
    for name, group in groupby(zip(named, shown, strict=True), key=lambda pair: pair[0]):
        text = "".join(sign for _, sign in group)
        out.append((name, text[::-1] if name == ARABIC else text))
    return out


def _glyphs(name: str, text: str) -> tuple[list[tuple[int, int, int, int]], int]:
    """Each glyph of a run with its advance and its offsets, in the font's own units; and those."""
    face = _face(name)
    buffer = uharfbuzz.Buffer()
    buffer.add_str(text)
    buffer.guess_segment_properties()
    uharfbuzz.shape(face.shaping, buffer)
    pairs = zip(buffer.glyph_infos, buffer.glyph_positions, strict=True)
    return [(g.codepoint, p.x_advance, p.x_offset, p.y_offset) for g, p in pairs], face.units


def length(line: str, built_in: ImageFont.FreeTypeFont) -> float:
    """How wide ``line`` is in pixels."""
    wide = 0.0
    for name, text in _runs(line):
        if not name:
            wide += built_in.getlength(text)
            continue
        glyphs, units = _glyphs(name, text)
        wide += sum(advance for _, advance, _, _ in glyphs) * built_in.size / units
    return wide


def write(
    image: Image.Image,
    at: tuple[float, float],
    line: str,
    built_in: ImageFont.FreeTypeFont,
    fill: tuple[int, ...],
) -> None:
    """Draws ``line`` with its upper left corner at ``at``, as ImageDraw draws its text."""
    left, top = at
    base = top + built_in.getmetrics()[0]
    for name, text in _runs(line):
        if not name:
            ImageDraw.Draw(image).text((left, top), text, fill=fill, font=built_in)
            left += built_in.getlength(text)
            continue
        glyphs, units = _glyphs(name, text)
        scale = built_in.size / units
        face = _face(name).drawing
        face.set_pixel_sizes(0, round(built_in.size))
        for number, advance, right, up in glyphs:
            face.load_glyph(number, freetype.FT_LOAD_RENDER | freetype.FT_LOAD_NO_HINTING)
            bitmap, slot = face.glyph.bitmap, face.glyph
            if bitmap.width and bitmap.rows:
                mask = Image.frombytes(
                    "L", (bitmap.width, bitmap.rows), bytes(bitmap.buffer), "raw", "L", bitmap.pitch
                )
                corner = (
                    round(left + right * scale) + slot.bitmap_left,
                    round(base - up * scale) - slot.bitmap_top,
                )
                image.paste(fill, corner, mask)
            left += advance * scale
