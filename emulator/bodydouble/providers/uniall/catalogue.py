"""UniAll's Kling v3 models and prices, read from `catalogue.json`.

The four ids are documented; sizes (V13) and prices are not: the prices are another host's for the
same models (U6).
"""

from __future__ import annotations

from functools import cache

from bodydouble.core.provider import ModelRow
from bodydouble.providers.newapi import catalogue


@cache
def rows() -> dict[str, catalogue.Row]:
    """The catalogue by model id."""
    assert __package__ is not None
    return catalogue.load(__package__)


def for_people() -> list[ModelRow]:
    """The catalogue for people."""
    return catalogue.for_people(rows())
