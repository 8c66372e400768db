"""SmartlyQ's models and prices, read from `catalogue.json`.

Two entries are documented, one is implied by a documented request, the rest is assumed (A18) or
synthetic, so that every branch of the parameters can be reached. Prices are invented (A20) and
calibrated on the one price point in the documents: kling-v2-1, 10 s, Professional: 0.2800.
Source: docs.smartlyq.com/api-reference/videos/list-video-models, OAS of 2026-08-05.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

from bodydouble.core.money.amounts import rounded
from bodydouble.core.provider import ModelRow

# The length of a clip from a model that lists none (A29 leaves it open).
USUAL_DURATION_S = 5
_FREE_DURATION_MAX_S = 60

_MODES = {"Professional": 2, "Pro": 2, "Fast": 2}
_RESOLUTIONS = {"360p": "0.5", "480p": "0.75", "540p": "0.75", "1080p": "2", "4k": "4"}
_SHORT_SIDES = {"4k": 2160}


@dataclass(frozen=True, slots=True)
class Entry:
    """One (model, type) pair; ``rate`` is in 1/10000 USD per second of video."""

    model: str
    type: str
    params: dict[str, Any]
    rate: int
    known: str

    def choices(self, name: str) -> list[Any]:
        """The allowed values of a listed parameter; empty where it does not apply."""
        found: list[Any] = self.params[name]
        return found

    def price(self, asked: dict[str, Any]) -> int:
        """What a request with these resolved parameters costs, in 1/10000 USD."""
        return _price(
            self.rate * asked["duration"],
            asked["mode"],
            asked["resolution"],
            asked["generate_audio"],
        )


@lru_cache(maxsize=1024)
def _price(base: int, mode: str | None, resolution: str | None, audio: bool) -> int:
    cost = Decimal(base) * _MODES.get(mode or "", 1)
    cost *= Decimal(_RESOLUTIONS.get(resolution or "", "1"))
    if audio:
        cost *= Decimal("1.5")
    return rounded(cost)


@cache
def entries() -> dict[tuple[str, str], Entry]:
    """The catalogue by (model, type), in the order it is listed."""
    text = files(__package__).joinpath("catalogue.json").read_text()
    return {(row["model"], row["type"]): Entry(**row) for row in json.loads(text)}


def duration_allowed(entry: Entry, duration: int) -> bool:
    """Whether this many seconds can be asked for; an empty list leaves it free within reason."""
    listed = entry.choices("duration")
    return duration in listed if listed else 1 <= duration <= _FREE_DURATION_MAX_S


def short_side(resolution: str | None) -> int:
    """Pixels of the short side; a model without resolutions makes 720p."""
    if not resolution:
        return 720
    return _SHORT_SIDES.get(resolution) or int(resolution.rstrip("p"))


def rows() -> list[ModelRow]:
    """The catalogue for people."""
    return [
        ModelRow(
            model=entry.model,
            makes=entry.type,
            takes=", ".join(
                f"{name} {'/'.join(map(str, values))}"
                for name, values in entry.params.items()
                if isinstance(values, list) and values
            ),
            price=f"{entry.rate / 10_000:.4f} USD per second and up (A20)",
            known=entry.known == "documented",
        )
        for entry in entries().values()
    ]
