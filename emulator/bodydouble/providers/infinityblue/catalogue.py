"""InfinityBlue's models and prices, read from `catalogue.json`.

The four ids are the seed page's examples; the page takes "any video model id" but its error table
refuses an unknown one. No price was found (U6): all are placeholders.
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
