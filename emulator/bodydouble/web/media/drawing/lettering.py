"""Text that any client may have sent, made safe to draw: folded, bounded, wrapped, written.

Pillow's built-in font is used, so every machine draws the same pixels; it covers ASCII and little
more. Arabic, Devanagari and what China, Japan and Korea write are drawn by `scripts`, with fonts
that come along. Accents fold to their letters, everything else becomes a dot, and text that would
be mostly dots says how long it was instead. Never raises, whatever the text. Runs in the
renderer's process only.
"""

from __future__ import annotations

import unicodedata
from functools import cache

from PIL import Image, ImageDraw, ImageFont

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
# Where a line of ideographs may not begin, so that it does not break before them.
_CLOSING = frozenset(
    "、。，．・：；？！）」』】〉》〕］｝ーぁぃぅぇぉっゃゅょァィゥェォッャュョ々…"
)


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
    whole = text[:TEXT_MAX]
    if plain(whole):
        folded = unicodedata.normalize("NFKD", whole.translate(_FOLDED))
        kept = [_letter(sign) for sign in folded[:TEXT_MAX]]
    else:
        kept = _mixed(unicodedata.normalize("NFC", whole))
    shown = " ".join("".join(kept).split())
    missing = shown.count(_MISSING)
    if missing > 8 and missing > len(shown) // 2:
        return f"[{len(text)} characters in a script this picture cannot show]"
    return shown


def plain(text: str) -> bool:
    """Whether no letter of ``text`` needs a font of our own, or shaping."""
    return text.isascii() or max(text) < "\u0600" or not any(map(_scripted, text))


def _scripted(sign: str) -> bool:
    from bodydouble.web.media.drawing.scripts import font_of

    return sign >= "\u0600" and bool(font_of(sign))


def _mixed(text: str) -> list[str]:
    """What is kept of a text in several scripts: ours as they are, the rest folded."""
    from bodydouble.web.media.drawing.scripts import JOINERS

    kept: list[str] = []
    near = False
    for sign in text:
        if _scripted(sign) or (sign in JOINERS and near):
            kept.append(sign)
            near = True
            continue
        near = False
        kept += map(_letter, unicodedata.normalize("NFKD", sign.translate(_FOLDED)))
    return kept


def length(text: str, size: int) -> float:
    """How wide a line of legible ``text`` is, in pixels."""
    if plain(text):
        return font(size).getlength(text)
    from bodydouble.web.media.drawing import scripts

    return scripts.length(text, font(size))


def write(
    image: Image.Image, at: tuple[float, float], text: str, size: int, fill: tuple[int, ...]
) -> None:
    """Draws a line of legible ``text`` with its upper left corner at ``at``."""
    if plain(text):
        ImageDraw.Draw(image).text(at, text, fill=fill, font=font(size))
        return
    from bodydouble.web.media.drawing import scripts

    scripts.write(image, at, text, font(size), fill)


def fitted(text: str, size: int, width: float) -> str:
    """``text`` cut to ``width`` pixels, ending in dots if it was longer; maybe empty."""
    if length(text, size) <= width:
        return text
    while text and length(text + "...", size) > width:
        text = text[:-1]
    return text.rstrip() + "..." if text else ""


def wrapped(text: str, size: int, width: float, lines_max: int) -> list[str]:
    """``text`` broken into at most ``lines_max`` lines of ``width`` pixels."""
    lines, line = list[str](), ""
    pieces = _pieces(text)
    for place, (gap, piece) in enumerate(pieces):
        longer = f"{line}{gap}{piece}" if line else piece
        if length(longer, size) <= width:
            line = longer
            continue
        if len(lines) + 1 >= lines_max:
            rest = "".join(gap + piece for gap, piece in pieces[place:])
            return [*lines, fitted((line + rest).strip(), size, width)]
        if line:
            lines.append(line)
        line = fitted(piece, size, width)
    return [*lines, line] if line else lines


def _pieces(text: str) -> list[tuple[str, str]]:
    """What must stay on one line, each with the blank before it, if there was one."""
    if plain(text):
        return [(" ", word) for word in text.split()]
    from bodydouble.web.media.drawing.scripts import ideographic

    out: list[tuple[str, str]] = []
    for word in text.split():
        start = 0
        for at in range(1, len(word) + 1):
            beside = at < len(word) and (ideographic(word[at]) or ideographic(word[at - 1]))
            if at == len(word) or (beside and word[at] not in _CLOSING):
                out.append(("" if start else " ", word[start:at]))
                start = at
    return out


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
