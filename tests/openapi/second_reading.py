"""Draws what a second reader compares with the vendors' own texts, and prints it with its sources.

Four points of the wire and two quirks or assumptions of each vendor, from sorted lists and with a
seed that was written down before anything was drawn: `python -m tests.openapi.second_reading`.
What was found is in `docs/second-reading.md`. The draw follows `standing.yaml`, so a later one may
draw others; what a source says is not known here.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from bodydouble.core.standing import Known, Standing
from bodydouble.providers import load
from tests.openapi.reading import VENDORS

SEED = "second reading 2026-11"
POINTS, OTHERS = 4, 2


@dataclass(frozen=True, slots=True, order=True)
class Claim:
    """One point of one vendor: where it stands in `standing.yaml`, and what it is called there."""

    vendor: str
    section: str
    """An operation of ``wire``, or ``quirks`` or ``assumptions``."""
    point: str
    key: str
    """The source's key in ``wire``; nothing for the others, which have their source themselves."""

    @property
    def known(self) -> Known:
        """What the file says of it."""
        standing = load(self.vendor).standing()
        if self.key:
            return standing.sources[self.key]
        sections = {"quirks": standing.quirks, "assumptions": standing.assumptions}
        return sections[self.section][self.point]


def of_wire(vendor: str, standing: Standing) -> list[Claim]:
    """Every point of the wire of a vendor, sorted."""
    return sorted(
        Claim(vendor, operation, point, key)
        for operation, known in standing.wire.items()
        for key, listed in known.items()
        for point in listed
    )


def others(vendor: str, standing: Standing) -> list[Claim]:
    """Every quirk and assumption of a vendor, sorted."""
    sections = {"quirks": standing.quirks, "assumptions": standing.assumptions}
    return sorted(Claim(vendor, name, id, "") for name, one in sections.items() for id in one)


def drawn() -> list[Claim]:
    """The claims to read, vendor by vendor in the order of their names."""
    random = Random(SEED)
    found = []
    for vendor in VENDORS:
        standing = load(vendor).standing()
        found += sorted(random.sample(of_wire(vendor, standing), POINTS))
        found += sorted(random.sample(others(vendor, standing), OTHERS))
    return found


def lines() -> Iterator[str]:
    """Each claim in two lines: what it is, and how it is known."""
    for one in drawn():
        known = one.known
        yield f"{one.vendor}: {one.section}: {one.point}"
        yield f"    {one.key} {known.standing}, {known.source or known.basis}, {known.date or '-'}"


if __name__ == "__main__":
    sys.stdout.writelines(f"{line}\n" for line in lines())
