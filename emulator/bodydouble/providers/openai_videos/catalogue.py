"""OpenAI's video models: sizes, prices by second and size, and requests a minute by tier.

Read from `catalogue.json`; the smallest unit is 0.0001 USD. Dated names are the same models.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from bodydouble.core.money.amounts import Currency
from bodydouble.core.provider import ModelRow

MONEY = Currency("USD", 10_000, 4)
DEFAULT_MODEL = "sora-2"
# What the reference lists; the guide knows longer and larger ones, too.
REFERENCE_SECONDS = ("4", "8", "12")
SECONDS = (*REFERENCE_SECONDS, "16", "20")
REFERENCE_SIZES = ("720x1280", "1280x720", "1024x1792", "1792x1024")


@dataclass(frozen=True, slots=True)
class Row:
    """One model: what a second costs by size, and how many requests a minute each tier has."""

    model: str
    aliases: tuple[str, ...]
    per_second: dict[str, str]
    per_minute: tuple[int, ...]
    known: str

    def price(self, seconds: int, size: str) -> int:
        """What so many seconds cost, in the smallest unit."""
        return MONEY.parse(self.per_second[size]) * seconds


@cache
def _told() -> Any:
    assert __package__ is not None
    return json.loads(files(__package__).joinpath("catalogue.json").read_text(encoding="utf-8"))


@cache
def rows() -> dict[str, Row]:
    """The models by each of their names."""
    found: dict[str, Row] = {}
    for told in _told()["models"]:
        row = Row(**{**told, "aliases": tuple(told["aliases"])})
        found |= dict.fromkeys((row.model, *row.aliases), row)
    return found


def for_people() -> list[ModelRow]:
    """The catalogue for people."""
    return [
        ModelRow(
            model=row.model,
            makes="video with sound",
            takes=f"prompt, first frame, characters; {', '.join(SECONDS)} s; "
            + ", ".join(row.per_second),
            price=" or ".join(sorted(set(row.per_second.values()))) + " USD per second, by size",
            known=row.known == "documented",
        )
        for name, row in rows().items()
        if name == row.model
    ]
