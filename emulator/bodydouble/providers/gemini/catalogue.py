"""Gemini's video models: seconds, resolutions and prices a second, from `catalogue.json`.

The smallest unit is 0.0001 USD. A model is asked for by one of two APIs: as an interaction (Omni),
or as a long-running prediction (Veo).
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
FPS = 24
INTERACTIONS, PREDICT = "interactions", "predict"
# The short and the long side of a film.
SIDES = {"360p": (360, 640), "720p": (720, 1280), "1080p": (1080, 1920), "4k": (2160, 3840)}
METHODS = {INTERACTIONS: "createInteraction", PREDICT: "predictLongRunning"}


@dataclass(frozen=True, slots=True)
class Row:
    """One model: how long a film may be in seconds, and what one costs by resolution."""

    model: str
    title: str
    version: str
    api: str
    seconds: tuple[int, ...]
    usual: int
    per_second: dict[str, str]
    per_minute: int
    known: str
    dated: str

    def price(self, seconds: int, resolution: str) -> int:
        """What a film costs, in the smallest unit."""
        return MONEY.parse(self.per_second[resolution]) * seconds


def size(resolution: str, ratio: str) -> tuple[int, int]:
    """Width and height in pixels."""
    short, long = SIDES[resolution]
    return (short, long) if ratio == "9:16" else (long, short)


@cache
def rows() -> dict[str, Row]:
    """The models by name, in the order listed."""
    assert __package__ is not None
    text = files(__package__).joinpath("catalogue.json").read_text(encoding="utf-8")
    told: Any = json.loads(text)["models"]
    return {one["model"]: Row(**{**one, "seconds": tuple(one["seconds"])}) for one in told}


def for_people() -> list[ModelRow]:
    """The catalogue for people."""
    return [
        ModelRow(
            model=row.model,
            makes="video with sound",
            takes=f"{', '.join(map(str, row.seconds))} s; {', '.join(row.per_second)}",
            price=", ".join(f"{tier} ${rate}" for tier, rate in row.per_second.items())
            + f" per second ({row.dated})",
            known=row.known == "documented",
        )
        for row in rows().values()
    ]
