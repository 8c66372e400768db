"""The gates of the judge itself: every mutant convicted, rightly, and the unharmed target let go.

What counts are pairs of a mutant and a vendor that can have it: no vendor hides behind another.
The numbers are printed with what was wanted; a gate that cannot be measured fails.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from bodydouble_contracts.judging.catalogue import all_contracts
from bodydouble_contracts.mutants import matrix
from bodydouble_contracts.mutants.living import lives
from bodydouble_contracts.mutants.mutant import Mutant
from bodydouble_contracts.vendors.profile import Profile


@dataclass(frozen=True, slots=True)
class Gate:
    """One number, what was wanted of it, and whether it is there."""

    name: str
    seen: str
    wanted: str
    passed: bool


@dataclass(frozen=True, slots=True)
class Row:
    """What became of one mutant over all vendors and seeds."""

    id: str
    family: str
    title: str
    trials: int
    killed: int
    rightly: int
    requests: int
    by: tuple[str, ...]


@dataclass(slots=True)
class Measured:
    """All trials of a list of mutants, and the unharmed target's record."""

    trials: list[matrix.Trial] = field(default_factory=list)
    mutants: list[type[Mutant]] = field(default_factory=list)
    alarms: dict[str, set[str]] = field(default_factory=dict)
    counts: dict[str, dict[str, int]] = field(default_factory=dict)
    afterwards: set[str] = field(default_factory=set)
    seeds: int = 0
    foreign: bool = False
    profiles: list[Profile] = field(default_factory=list)

    def rows(self) -> Iterator[Row]:
        """Yield one row per mutant that some vendor can have."""
        for mutant in self.mutants:
            mine = [t for t in self.trials if t.mutant is mutant]
            if mine and mutant.convicts:
                by = sorted({c for t in mine for c in t.broken & set(mutant.convicts)})
                yield Row(
                    mutant.id,
                    mutant.family,
                    mutant.title,
                    len(mine),
                    sum(t.killed for t in mine),
                    sum(t.rightly for t in mine),
                    sorted(t.to_kill or t.requests for t in mine)[len(mine) // 2],
                    tuple(by) or tuple(sorted({t.by for t in mine if t.by})),
                )

    def gates(self) -> list[Gate]:
        """Return every gate with its number."""
        pairs = [p for p in self.pairs() if not self.spared(p[0])]
        killed = [p for p in pairs if any(t.killed for t in p)]
        always = [p for p in pairs if all(t.killed for t in p)]
        right = [p for p in killed if all(t.rightly for t in p if t.killed)]
        out = [
            share_gate("pairs killed in at least one seed", len(killed), len(pairs), 1.0),
            share_gate("pairs killed in every seed", len(always), len(pairs), 0.95),
            share_gate("pairs killed for the named reason", len(right), len(killed), 0.95),
            weakest_gate(pairs),
            list_gate("mutants that crashed", sorted({t.told for t in self.trials if t.crash})),
            alarm_gate(self.alarms),
        ]
        if not self.foreign:
            out += [self._overcautious(), self._liveness(), self._census()]
        return out

    def pairs(self) -> list[list[matrix.Trial]]:
        """Return the trials of every guilty pair of a mutant and a vendor."""
        found: dict[tuple[str, str], list[matrix.Trial]] = {}
        for trial in self.trials:
            if trial.mutant.convicts:
                found.setdefault((trial.mutant.id, trial.provider), []).append(trial)
        return list(found.values())

    def spared(self, trial: matrix.Trial) -> bool:
        """Whether a trial's pair is on the list of those that are known to live."""
        mine = next((p for p in self.profiles if p.provider == trial.provider), None)
        return not self.foreign and mine is not None and lives(trial.mutant.id, mine)

    def _overcautious(self) -> Gate:
        caught = sorted({t.told for t in self.trials if self.spared(t) and t.rightly})
        return list_gate("mutants caught that are listed as living", caught)

    @property
    def passed(self) -> bool:
        """Whether every gate holds."""
        return all(g.passed for g in self.gates())

    def convicting(self) -> set[str]:
        """Return the contracts that have convicted a mutant that names them."""
        found = {c for t in self.trials for c in t.broken & set(t.mutant.convicts)}
        return found | self.afterwards

    def _liveness(self) -> Gate:
        convicted = self.convicting()
        must = [
            c
            for c in all_contracts()
            if any(c.level_for(p) == "MUST" and applies(c.id, p) for p in self.profiles)
        ]
        idle = [c.id for c in must if c.id not in convicted]
        seen = f"{len(must) - len(idle)} of {len(must)}" + (
            f", idle: {', '.join(idle)}" if idle else ""
        )
        return Gate("MUST contracts that convict a mutant", seen, "all", not idle)

    def _census(self) -> Gate:
        rare = []
        for c in all_contracts():
            able = [p for p in self.profiles if c.level_for(p) == "MUST" and applies(c.id, p)]
            total = sum(self.counts.get(p.provider, {}).get(c.id, 0) for p in able)
            if able and total < 10:
                rare.append(f"{c.id} {total}x")
        seen = f"rare: {', '.join(rare)}" if rare else "none is rarer"
        return Gate("MUST contracts exercised at least ten times", seen, "all", not rare)


def applies(id: str, profile: Profile) -> bool:
    """Whether a vendor can do what a contract is about."""
    contract = next(c for c in all_contracts() if c.id == id)
    about = contract.about is None or bool(contract.about(profile))
    return not contract.lacking(profile) and about


def share_gate(name: str, part: int, whole: int, wanted: float) -> Gate:
    """Return a gate on a share; of nothing there is no share, and the gate fails."""
    share = part / whole if whole else 0.0
    return Gate(name, f"{part} of {whole} ({share:.1%})", f"{wanted:.0%}", share >= wanted)


def weakest_gate(pairs: list[list[matrix.Trial]]) -> Gate:
    """Return the gate on the vendor of which the smallest share is killed in every seed."""
    shares = {}
    for provider in {p[0].provider for p in pairs}:
        mine = [p for p in pairs if p[0].provider == provider]
        shares[provider] = (sum(all(t.killed for t in p) for p in mine), len(mine))
    name, (part, whole) = min(
        shares.items(), key=lambda s: s[1][0] / s[1][1], default=("no vendor", (0, 0))
    )
    return share_gate(f"pairs killed in every seed, of {name}, the weakest", part, whole, 0.95)


def list_gate(name: str, found: list[str]) -> Gate:
    """Return a gate on something of which there must be none."""
    return Gate(name, "; ".join(found) or "none", "none", not found)


def alarm_gate(alarms: dict[str, set[str]]) -> Gate:
    """Return the gate on false alarms."""
    told = "; ".join(f"{where}: {', '.join(sorted(ids))}" for where, ids in alarms.items() if ids)
    looked = f"over {len(alarms)} runs"
    return Gate(
        "alarms on the unharmed target", told or f"none {looked}", "none", not told and bool(alarms)
    )
