"""Text that any client may have sent, made safe to draw: folded, bounded, wrapped.

Pillow's built-in font is used, so every machine draws the same pixels; it covers ASCII and little
more. Accents fold to their letters, everything else the font lacks becomes a dot, and text that
would be mostly dots says how long it was instead. Never raises, whatever the text.
Runs in the renderer's process only.
"""

from __future__ import annotations

import unicodedata
from functools import cache

from PIL import ImageFont

# Enough for the picture; what follows is not looked at.
TEXT_MAX = 600
_FOLDED = str.maketrans(
    {
        "ß": "ss", "æ": "ae", "Æ": "Ae", "ø": "o", "Ø": "O", "œ": "oe", "Œ": "Oe", "ł": "l",
        "Ł": "L", "đ": "d", "Đ": "D", "ı": "i", "þ": "th", "Þ": "Th", "ð": "d",
        "–": "-", "—": "-", "−": "-", "×": "x", "→": "->", "←": "<-", "€": "EUR ", "•": "·",
        "，": ", ", "。": ". ", "、": ", ", "：": ": ", "！": "! ", "？": "? ",
    }
)  # fmt: skip
_MISSING = "·"


@cache
def font(size: int) -> ImageFont.FreeTypeFont:
    """The built-in font, ``size`` pixels high, laid out letter by letter from left to right."""
    built_in = ImageFont.load_default(max(size, 6))
    if not isinstance(built_in, ImageFont.FreeTypeFont):
        raise RuntimeError("Pillow was built without FreeType, which draws the text: reinstall it")
    # The simple layout engine: no shaping code runs over text that strangers sent.
    return built_in.font_variant(layout_engine=ImageFont.Layout.BASIC)


def legible(text: str) -> str:
    """``text`` in characters the font has, on one line."""
    folded = unicodedata.normalize("NFKD", text[:TEXT_MAX].translate(_FOLDED))
    kept = [_letter(sign) for sign in folded[:TEXT_MAX]]
    shown = " ".join("".join(kept).split())
    missing = shown.count(_MISSING)
    if missing > 8 and missing > len(shown) // 2:
        return f"[{len(text)} characters in a script this picture cannot show]"
    return shown


def fitted(text: str, size: int, width: float) -> str:
    """``text`` cut to ``width`` pixels, ending in dots if it was longer; maybe empty."""
    face = font(size)
    if face.getlength(text) <= width:
        return text
    while text and face.getlength(text + "...") > width:
        text = text[:-1]
    return text.rstrip() + "..." if text else ""


def wrapped(text: str, size: int, width: float, lines_max: int) -> list[str]:
    """``text`` broken into at most ``lines_max`` lines of ``width`` pixels."""
    face, lines, line = font(size), list[str](), ""
    words = text.split()
    for place, word in enumerate(words):
        longer = f"{line} {word}".strip()
        if face.getlength(longer) <= width:
            line = longer
            continue
        if len(lines) + 1 >= lines_max:
            return [*lines, fitted(" ".join([line, *words[place:]]).strip(), size, width)]
        if line:
            lines.append(line)
        line = fitted(word, size, width)
    return [*lines, line] if line else lines


def _letter(sign: str) -> str:
    if sign.isspace():
        return " "
    if unicodedata.category(sign) in {"Cc", "Cf", "Cs", "Co", "Cn", "Mn", "Me"}:
        # Controls, directions, surrogates, joiners and the accents that folding split off.
        return ""
    return sign if _drawable(sign) else _MISSING


@cache
def _unknown() -> bytes:
    return bytes(font(24).getmask("\uffff"))


@cache
def _drawable(sign: str) -> bool:
    return bytes(font(24).getmask(sign)) != _unknown()
