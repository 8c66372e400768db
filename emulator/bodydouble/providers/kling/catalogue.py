"""Kling's models and prices by route, read from `catalogue.json`; a unit of a pack is the money.

The older API names a resolution by its mode, the newer one by itself: a row is keyed by the latter.
Source: the price list as of 2026-09-20, in units a second; what a clip of 5 s costs, divided.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from bodydouble.core.money.amounts import Currency
from bodydouble.core.provider import ModelRow

MONEY = Currency("units", 100, 2)
TIERS = {"std": "720p", "pro": "1080p", "4k": "4k"}
SHORT_SIDES = {"720p": 720, "1080p": 1080, "4k": 2160}
PROMPT_MAX = 2500
# The routes of the newer API are called as those of the older one where they are spelled alike.
PATH_ROUTES = {
    "text-to-video": "text-to-video",
    "image-to-video": "image-to-video",
    "omni-video": "omni-video-path",
    "motion-control": "motion-control-path",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One model on some routes. ``rates`` are units a second by resolution: silent, with sound.

    ``contents`` are the inputs that the newer API takes. It may last ``seconds`` (none: as long as
    a given video); ``voice`` and ``video`` cost so much more a second where there is one.
    """

    model: str
    routes: list[str]
    seconds: list[int]
    rates: dict[str, list[str]]
    voice: str = "0"
    video: str = "0"
    always_sounds: bool = False
    prompt_max: int = PROMPT_MAX
    contents: tuple[str, ...] = ()

    def sounds(self, tier: str) -> bool:
        """Whether a film of this resolution may be asked to have sound."""
        return len(self.rates[tier]) > 1

    def price(
        self, seconds: int, tier: str, *, sound: bool, voice: bool = False, video: bool = False
    ) -> int:
        """What a film costs, in hundredths of a unit."""
        rates = self.rates[tier]
        rate = MONEY.parse(rates[1] if sound and len(rates) > 1 else rates[0])
        rate += MONEY.parse(self.voice) * voice + MONEY.parse(self.video) * video
        return rate * seconds


@cache
def rows() -> dict[tuple[str, str], Row]:
    """The catalogue by route and model, in the order listed."""
    assert __package__ is not None
    text = files(__package__).joinpath("catalogue.json").read_text(encoding="utf-8")
    listed = [Row(**row) for row in json.loads(text)["rows"]]
    return {(route, row.model): row for row in listed for route in row.routes}


def units(amount: int) -> str:
    """An amount as replies have it: ``2.4``, ``3``."""
    whole, rest = divmod(abs(amount), 100)
    sign = "-" * (amount < 0)
    return f"{sign}{whole}.{rest:02d}".rstrip("0") if rest else f"{sign}{whole}"


def for_people() -> list[ModelRow]:
    """The catalogue for people."""
    return [
        ModelRow(
            model=row.model,
            makes="video with sound" if row.always_sounds else "video",
            takes=f"{', '.join(row.routes)}; {_seconds(row)}",
            price="; ".join(f"{tier} {' or '.join(rates)}" for tier, rates in row.rates.items())
            + " units per second",
            known=True,
        )
        for row in {id(row): row for row in rows().values()}.values()
    ]


def _seconds(row: Row) -> str:
    if not row.seconds:
        return "as long as the video"
    dense = len(row.seconds) > 2
    return f"{row.seconds[0]} {'to' if dense else 'or'} {row.seconds[-1]} s"
