"""How well what a vendor is served with is known: disputed points, guesses, and what is left out.

Only for people: nothing here changes an answer, so it is read when somebody asks and not before.
Where it is written is not known here; a provider hands over the function that reads it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar


class Level(StrEnum):
    """How well one thing is known, best first."""

    SEED = "seed"
    """A page the project was given at its start says so."""
    PAGE = "page"
    """Another page of the vendor's says so."""
    CLIENT = "client"
    """A client of the vendor's does so."""
    OBSERVED = "observed"
    """Somebody saw the vendor, or the program it runs, do so."""
    ORPHAN = "orphan"
    """A page that the vendor's own documentation no longer leads to says so."""
    ASSUMPTION = "assumption"
    """Nobody says so."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is served in one point, and how well that is known.

    ``source`` is where it is written, with its ``date`` where the page has one; ``basis`` says why
    it is assumed this way where nobody writes it. ValueError if the one that is needed is missing.
    """

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    about: str
    standing: Level
    source: str = ""
    date: str = ""
    basis: str = ""

    def __post_init__(self) -> None:
        if not self.about:
            raise ValueError("about is empty: say what is served")
        if self.standing is Level.ASSUMPTION and not (self.basis or self.source):
            raise ValueError("an assumption needs a basis: say why it is assumed")
        if self.standing is not Level.ASSUMPTION and not self.source:
            raise ValueError(f"standing {self.standing} needs a source: say where it is written")


@dataclass(frozen=True, slots=True)
class Overruled:
    """A statement of a page the project was given that is not served by default.

    ``says`` the statement, ``by`` what outranks it, ``served`` what is done in its place; ``quirk``
    is the short name of the quirk that serves it after all, empty where the page itself outranks it
    by its examples.
    """

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    says: str
    by: str
    served: str
    quirk: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """All of it for one vendor: quirks by their short name, the rest by ids that never change."""

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    quirks: Mapping[str, Known] = field(default_factory=dict)
    assumptions: Mapping[str, Known] = field(default_factory=dict)
    overruled: Mapping[str, Overruled] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()

    def counts(self) -> Counter[Level]:
        """How many of the points that are written down are known how well."""
        return Counter(one.standing for one in (*self.quirks.values(), *self.assumptions.values()))

    def quirk(self, short: str) -> Known:
        """What is known of one quirk, and of one that nobody has described that nobody has."""
        return self.quirks.get(short, UNDESCRIBED)


UNDESCRIBED = Known("not described", Level.ASSUMPTION, basis="not in standing.yaml")
