"""Runway's models, prices and tiers, read from `catalogue.json`; amounts are whole credits.

Source: the pricing and tiers pages (2026-08), the surcharges of other formats the types of runwayml
5.24.0. The least charge of Aleph 2 is somebody's report.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from bodydouble.core.money.amounts import Currency
from bodydouble.core.provider import ModelRow

MONEY = Currency("credits", 1, 0)
# How the address of an uploaded file begins.
UPLOADED = "runway://"


@dataclass(frozen=True, slots=True)
class Row:
    """One model. ``per_second`` and, without sound, ``silent`` are credits; ``least`` a video's."""

    model: str
    per_second: int
    takes: str
    seconds: str
    known: str
    silent: int = 0
    least: int = 0

    def price(self, seconds: int, audio: bool, surcharge: int) -> int:
        """What ``seconds`` of video cost, in credits; ``surcharge`` is its format's, per second."""
        rate = self.silent if self.silent and not audio else self.per_second
        return max(self.least, (rate + surcharge) * seconds)


@dataclass(frozen=True, slots=True)
class Tier:
    """What an organization may do: videos at once and in 24 hours of each model, and a month."""

    concurrent: int
    daily: int
    monthly_credits: int


@cache
def _told() -> Any:
    assert __package__ is not None
    return json.loads(files(__package__).joinpath("catalogue.json").read_text(encoding="utf-8"))


@cache
def rows() -> dict[str, Row]:
    """The models by id, in the order listed."""
    return {row["model"]: Row(**row) for row in _told()["models"]}


@cache
def tier(number: int) -> Tier:
    """The tier called 1 to 5."""
    return Tier(**_told()["tiers"][number - 1])


def surcharge(format: str, pixels: int) -> int:
    """What a second costs more in another format than MP4."""
    told = _told()
    small, large = told["formats"].get(format, told["deep_format"])
    return int(large if pixels > told["deep_above_pixels"] else small)


def for_people() -> list[ModelRow]:
    """The catalogue for people."""
    return [
        ModelRow(
            model=row.model,
            makes="video with sound" if row.silent else "video",
            takes=f"{row.takes}; {row.seconds} s",
            price=f"{row.per_second} credits per second"
            + (f", {row.silent} without sound" if row.silent else ""),
            known=row.known == "documented",
        )
        for row in rows().values()
    ]
