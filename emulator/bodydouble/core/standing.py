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
    """All of it for one vendor: quirks by their short name, the rest by ids that never change.

    ``wire`` lists by operation, and there by one of the ``sources``, what the document has: ``.``
    is the operation, ``query page`` or ``body model`` what a request carries, ``202`` a
    status, ``202 header X`` a header, ``202 data.id`` a member. ValueError for an unknown source,
    or a point that stands twice.
    """

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    quirks: Mapping[str, Known] = field(default_factory=dict)
    assumptions: Mapping[str, Known] = field(default_factory=dict)
    overruled: Mapping[str, Overruled] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()
    sources: Mapping[str, Known] = field(default_factory=dict)
    wire: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for operation, known in self.wire.items():
            seen: set[str] = set()
            for source, points in known.items():
                if source not in self.sources:
                    raise ValueError(f"wire.{operation}.{source}: no source is called so")
                for point in points:
                    if point in seen:
                        raise ValueError(f"wire.{operation}: {point!r} stands twice")
                    seen.add(point)

    def counts(self) -> Counter[Level]:
        """How many of the points that are written down are known how well."""
        found = Counter(one.standing for one in (*self.quirks.values(), *self.assumptions.values()))
        return found + self.wire_counts()

    def wire_counts(self, operation: str = "") -> Counter[Level]:
        """How many points of the wire, or of one operation of it, are known how well."""
        found: Counter[Level] = Counter()
        for name, known in self.wire.items():
            for source, points in known.items() if operation in ("", name) else ():
                found[self.sources[source].standing] += len(points)
        return found

    def quirk(self, short: str) -> Known:
        """What is known of one quirk, and of one that nobody has described that nobody has."""
        return self.quirks.get(short, UNDESCRIBED)


UNDESCRIBED = Known("not described", Level.ASSUMPTION, basis="not in standing.yaml")
