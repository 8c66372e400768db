"""A gateway's model list and prices as data: one row for each model id a vendor sells.

It prices by call or by second of video, in quota units, and knows no vendor.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Literal

from bodydouble.core.money.amounts import rounded
from bodydouble.core.provider import ModelRow
from bodydouble.providers.newapi.conventions import MONEY


@dataclass(frozen=True, slots=True)
class Row:
    """One model. ``units`` is its price in quota units ``per`` call or second of video.

    ``kind`` is the upstream's family (``kling``, ``veo``, …); ``short_side`` is in pixels.
    ``known`` is about the id, ``priced`` about the price: ``documented`` or ``assumed``. ``stock``
    tells whether the stock wire has a channel for it.
    """

    model: str
    kind: Literal["kling", "veo", "seedance", "grok"]
    short_side: int
    audio: bool
    default_s: int
    units: int
    per: Literal["call", "second"]
    known: str
    priced: str
    takes: str
    stock: bool = True

    def price(self, seconds: float) -> int:
        """What ``seconds`` of video cost, in quota units."""
        if self.per == "call":
            return self.units
        return rounded(Decimal(self.units) * Decimal(str(seconds)))


@cache
def load(package: str) -> dict[str, Row]:
    """The rows of ``catalogue.json`` in ``package``, by model id, in the order listed."""
    text = files(package).joinpath("catalogue.json").read_text(encoding="utf-8")
    return {row["model"]: Row(**row) for row in json.loads(text)}


def for_people(rows: Mapping[str, Row]) -> list[ModelRow]:
    """The catalogue for people."""
    return [
        ModelRow(
            model=row.model,
            makes="video with sound" if row.audio else "video",
            takes=row.takes,
            price=f"{MONEY.text(row.units)} USD per {row.per} ({row.priced})",
            known=row.known == "documented",
        )
        for row in rows.values()
    ]
