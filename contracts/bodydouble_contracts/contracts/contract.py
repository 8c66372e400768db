"""What a contract is: a sentence with id, level, source, needs, tier and kind, and a pure function
from a view of a history to a finding.

Ids never change and are never reused; the same id stands for held and for broken. Whoever writes a
contract enters it here; `judging.catalogue` lists them all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from bodydouble_contracts.contracts.findings import Finding, Tally
from bodydouble_contracts.reading.view import View
from bodydouble_contracts.vendors.parts import Have
from bodydouble_contracts.vendors.profile import Profile

Level = Literal["MUST", "SHOULD", "MAY"]
Tier = Literal["0", "1", "2", "3", "E"]
Kind = Literal["reply", "sequence", "account", "schedule"]
MUST, SHOULD, MAY = "MUST", "SHOULD", "MAY"
FAMILIES = {
    "RES": "replies",
    "LIM": "limits",
    "ACC": "access",
    "VAL": "validation",
    "IDM": "idempotency",
    "JOB": "jobs",
    "BIL": "billing",
    "PAG": "pages",
    "HOK": "webhooks",
}
OF_THE_VENDOR = "the vendor's own pages"
"""Source of a sentence that holds where a vendor says so: its profile names the page and date."""
OF_THE_RUN = frozenset({"control", "document", "hosted", "issued_keys"})
"""Needs that are no capability of the vendor but of the run."""
ENTERED: dict[str, Contract] = {}
"""Every contract of the modules imported so far, by id."""


@dataclass(frozen=True, slots=True)
class Contract:
    """One sentence that must hold, and the pure function that looks whether it did.

    `source` is a rule's, `OF_THE_VENDOR`, or `assumption`. `needs` names capabilities of the
    profile, or of the run: `control`, `document`, `hosted`, `issued_keys`. `tier`: 0 reads, 1
    refused requests, 2 one paid job, 3 several, E needs clock or faults. `census` is how often a
    pull-request run must exercise it. `about` counts what a profile or document holds that the
    contract could be about; none means it does not apply. `expects` names what a run must have met
    before the contract is held: each of several words, each of several operations.
    """

    id: str
    slug: str
    level: Level
    sentence: str
    source: str
    tier: Tier
    kind: Kind
    needs: tuple[str, ...]
    census: int
    judge: Callable[[View], Finding]
    about: Callable[[Profile], int] | None = None
    expects: Callable[[Profile], Iterable[str]] | None = None

    @property
    def family(self) -> str:
        """The three letters before the number."""
        return self.id.split("-")[0]

    def source_for(self, profile: Profile) -> str:
        """Return the vendor's own source where the profile names one, or what the profile says of
        the capability where the contract leaves it to the vendor's pages."""
        own = profile.section("contracts").get(self.id, {})
        if "source" in own:
            return str(own["source"])
        if self.source != OF_THE_VENDOR:
            return self.source
        stated = [profile.capabilities[n] for n in self.needs if n in profile.capabilities]
        return "; ".join(dict.fromkeys(c.source for c in stated)) or "assumption"

    def level_for(self, profile: Profile) -> Level:
        """Return the vendor's own level where the profile lowers it, with its reason on file."""
        own = profile.section("contracts").get(self.id, {})
        level: Level = own.get("level", self.level)
        return level

    def lacking(self, profile: Profile) -> str:
        """Return the first need a vendor is documented not to meet, or an empty text.

        `cancel|remove` is met by either. Needs of the run (`control`, `document`) are not the
        vendor's.
        """
        for need in self.needs:
            if have(profile, need) == "no":
                return need
        return ""


def have(profile: Profile, need: str) -> Have:
    """Return whether a vendor has one of the capabilities that `a|b` names."""
    words = {"yes" if n in OF_THE_RUN else profile.have(n) for n in need.split("|")}
    return "yes" if "yes" in words else "unknown" if "unknown" in words else "no"


def contract(
    id: str,
    slug: str,
    *,
    level: Level = "MUST",
    source: str = "assumption",
    tier: Tier = "2",
    kind: Kind = "sequence",
    needs: tuple[str, ...] = (),
    census: int = 10,
    about: Callable[[Profile], int] | None = None,
    expects: Callable[[Profile], Iterable[str]] | None = None,
) -> Callable[[Callable[[View, Tally], None]], Contract]:
    """Enter a contract: the decorated function reads a view and tallies occasions.

    The first paragraph of its docstring is the contract's sentence.
    """

    def enter(read: Callable[[View, Tally], None]) -> Contract:
        def judge(view: View) -> Finding:
            tally = Tally()
            read(view, tally)
            return tally.finding

        sentence = " ".join((read.__doc__ or "").partition("\n\n")[0].split())
        if id in ENTERED or not sentence:
            raise ValueError(f"{id} is taken, or its function has no docstring to be the sentence")
        made = Contract(
            id, slug, level, sentence, source, tier, kind, needs, census, judge, about, expects
        )
        ENTERED[id] = made
        return made

    return enter


def rank(tier: str) -> int:
    """Return how far a tier goes; E is beyond all others."""
    return "0123E".index(tier)
