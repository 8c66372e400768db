"""Ark's video models, read from `catalogue.json`: frames by resolution and ratio, and prices.

A video costs its tokens, the pixels of all its pictures / 1024, at so many yuan a million. Source:
volcengine.com/docs/82379/1544106, by way of LiteLLM's price map (2.x, 2026-11), and the example of
82379/1521309; of the older models third parties' tables. The smallest unit is a millionth of a
yuan.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any

from bodydouble.core.money.amounts import Currency
from bodydouble.core.provider import ModelRow

MONEY = Currency("CNY", 1_000_000, 6)
FPS = 24


@dataclass(frozen=True, slots=True)
class Row:
    """One model. ``rates`` are yuan a million tokens by resolution, ``seconds`` least and most.

    ``kinds`` are the roles of what it takes beside words; ``counted`` takes a number of frames;
    where it ``follows_frame`` a ratio beside a first frame is refused. ``silent``
    is the rate without sound, ``with_video`` that with a video to begin with.
    """

    model: str
    aliases: list[str]
    rates: dict[str, str]
    seconds: tuple[int, int]
    frames: str
    kinds: list[str]
    default: str
    known: str
    auto: bool = False
    sound: bool = False
    flex: bool = False
    draft: bool = False
    counted: bool = False
    follows_frame: bool = False
    silent: str = ""
    with_video: str = ""

    def frame(self, resolution: str, ratio: str) -> tuple[int, int]:
        """Width and height in pixels."""
        width, height = _told()["frames"][self.frames][resolution][ratio]
        return width, height

    def price(self, count: int, order: tuple[str, bool, bool, bool]) -> int:
        """What so many tokens cost, in the smallest unit, a part of it left out.

        ``order`` is the resolution, whether there is sound, whether it begins with a video, and
        whether it is of the flexible tier, which costs half.
        """
        resolution, audio, video, flex = order
        text = self.rates[resolution]
        if self.silent and not audio:
            text = self.silent
        if video and self.with_video:
            text = self.with_video
        # A yuan a million tokens is a unit a token.
        return int(Decimal(text) * count / (2 if flex else 1))


def tokens(width: int, height: int, pictures: int) -> int:
    """The tokens of so many pictures, whole ones."""
    return width * height * pictures // 1024


@cache
def _told() -> Any:
    assert __package__ is not None
    return json.loads(files(__package__).joinpath("catalogue.json").read_text(encoding="utf-8"))


@cache
def rows() -> dict[str, Row]:
    """The models by id and by their other ids, in the order listed."""
    found: dict[str, Row] = {}
    for told in _told()["models"]:
        row = Row(**told)
        found |= dict.fromkeys((row.model, *row.aliases), row)
    return found


def for_people() -> list[ModelRow]:
    """The catalogue for people."""
    return [
        ModelRow(
            model=name,
            makes="video with sound" if row.sound else "video",
            takes=f"text, {', '.join(row.kinds)}; {row.seconds[0]} to {row.seconds[1]} s",
            price=", ".join(f"{rate} CNY at {size}" for size, rate in row.rates.items())
            + " a million tokens",
            known=row.known == "documented",
        )
        for name, row in rows().items()
    ]
