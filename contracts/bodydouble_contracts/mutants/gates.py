"""The gates of the judge itself: every mutant convicted, rightly, and the unharmed target let go.

A mutant counts over the vendors that can have it, seed by seed. The numbers are printed with
what was wanted; a gate that cannot be measured fails.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field

from bodydouble_contracts.history.exchanges import History
from bodydouble_contracts.judging.catalogue import all_contracts
from bodydouble_contracts.judging.judge import Docket
from bodydouble_contracts.mutants import matrix
from bodydouble_contracts.mutants.mutant import Mutant
from bodydouble_contracts.targets.addresses import open_target
from bodydouble_contracts.targets.in_process import InProcess
from bodydouble_contracts.targets.target import TargetError
from bodydouble_contracts.vendors.profile import Profile
from bodydouble_contracts.vendors.reader import load

UNHARMED_SEEDS = 20
MACHINES = (40, 30)
"""Machine scenarios and steps per mutant, seed and vendor, tried only if scripts let it go."""


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
        guilty = [t for t in self.trials if t.mutant.convicts]
        killed = [t for t in guilty if t.killed]
        ever = {t.mutant.id for t in killed}
        all_ids = {t.mutant.id for t in guilty}
        right = sum(t.rightly for t in killed)
        out = [
            share_gate("killed in at least one seed", len(ever), len(all_ids), 1.0),
            share_gate("killed for the named reason", right, len(killed), 0.95),
            alarm_gate(self.alarms),
        ]
        for seed in sorted({t.seed for t in guilty}):
            mine = [t for t in guilty if t.seed == seed]
            name = f"killed in seed {seed}"
            out.append(share_gate(name, sum(t.killed for t in mine), len(mine), 0.95))
        if not self.foreign:
            out += [self._liveness(), self._census()]
        return out

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


def alarm_gate(alarms: dict[str, set[str]]) -> Gate:
    """Return the gate on false alarms."""
    told = "; ".join(f"{where}: {', '.join(sorted(ids))}" for where, ids in alarms.items() if ids)
    looked = f"over {len(alarms)} runs"
    return Gate(
        "alarms on the unharmed target", told or f"none {looked}", "none", not told and bool(alarms)
    )


def measure(  # the knobs of one measurement
    spec: str,
    profiles: Sequence[Profile],
    *,
    seeds: int,
    listed: str = "",
    machines: bool = True,
    idle: bool = True,
    tell: Callable[[str], None] = lambda text: None,
) -> Measured:
    """Try every mutant on every vendor that can have it, side by side on all cores.

    Without `idle` nobody looks again for contracts that have convicted nobody yet. Raises
    TargetError for a URL.
    """
    in_process(spec, profiles[0])
    found = Measured(seeds=seeds, foreign=bool(listed), profiles=list(profiles))
    found.mutants = matrix.listed_mutants(listed) if listed else matrix.own_mutants()
    rounds = UNHARMED_SEEDS if machines and not listed else seeds
    with ProcessPoolExecutor(os.cpu_count() or 1) as pool:
        tell(f"the unharmed target: {rounds} seeds of {len(profiles)} vendors")
        looks = [
            (p, n, pool.submit(unharmed, spec, p.file, n, machines))
            for p in profiles
            for n in range(rounds)
        ]
        known: dict[str, set[str]] = {p.provider: set() for p in profiles}
        for profile, seed, look in looks:
            hurt, counts = look.result()
            found.alarms[f"{profile.provider} seed {seed}"] = hurt
            known[profile.provider] |= hurt
            if seed == 0:
                found.counts[profile.provider] = counts
        tasks = [(p, n) for n in range(seeds) for p in profiles]
        trials = [
            (
                p,
                n,
                pool.submit(
                    try_all,
                    spec,
                    p.file,
                    n,
                    known=known[p.provider],
                    listed=listed,
                    machines=machines,
                ),
            )
            for p, n in tasks
        ]
        for profile, seed, trial in trials:
            found.trials += trial.result()
            tell(f"{profile.title}: seed {seed} done")
        live = found.convicting()
        again = profiles if idle else []
        later = [
            pool.submit(wake_idle, spec, p.file, known[p.provider], listed, live) for p in again
        ]
        for late in later:
            found.afterwards |= late.result()
    return found


def in_process(spec: str, profile: Profile) -> InProcess:
    """Return the app to sabotage. Raises TargetError where it is none."""
    target = open_target(spec, [profile])
    if not isinstance(target, InProcess):
        raise TargetError("mutants wrap an app in this process: name module:app, not a URL")
    return target


def members(listed: str, profile: Profile) -> list[type[Mutant]]:
    """Return the mutants of a list that a vendor can have."""
    found = matrix.listed_mutants(listed) if listed else matrix.own_mutants()
    return list(matrix.fitting(found, profile))


def try_all(  # what one process needs to know
    spec: str, file: str, seed: int, *, known: set[str], listed: str, machines: bool
) -> list[matrix.Trial]:
    """Try every fitting mutant of one vendor under one seed."""
    profile = load(file)
    target = in_process(spec, profile)
    driver = driver_of(machines)
    return [
        matrix.try_mutant(m, target, profile, seed, known=known, driver=driver)
        for m in members(listed, profile)
    ]


def wake_idle(spec: str, file: str, known: set[str], listed: str, live: set[str]) -> set[str]:
    """Drive mutants to the end whose second or third named contract has not yet convicted.

    A trial ends at the first right kill, so a contract may look idle that only came too late.
    """
    profile = load(file)
    target = in_process(spec, profile)
    found: set[str] = set()
    for mutant in members(listed, profile):
        if set(mutant.convicts) - live - found:
            trial = matrix.try_mutant(
                mutant, target, profile, 0, known=known, driver=scripts_only, whole=True
            )
            found |= trial.broken & set(mutant.convicts)
    return found


def unharmed(spec: str, file: str, seed: int, machines: bool) -> tuple[set[str], dict[str, int]]:
    """Drive the unharmed target; return its alarms and how often each contract was exercised."""
    profile = load(file)
    docket = Docket(profile)
    for history in driver_of(machines)(in_process(spec, profile), profile, seed):
        docket.add(history)
    hurt = set(docket.evidence) | set(docket.errors) | docket.incomplete()
    return hurt, dict(docket.counts)


def driver_of(machines: bool) -> matrix.Driver:
    """Return the driver of mutants: scripts, and then machines if they are asked for."""
    return scripts_and_machines if machines else scripts_only


def scripts_only(target: InProcess, profile: Profile, seed: int) -> Iterator[History]:
    """Drive the scripts, those over sockets included."""
    from bodydouble_contracts.drivers.hosted import play_hosted
    from bodydouble_contracts.drivers.links import play_links

    if target.suspect == "HOK":
        yield from play_hosted(target, profile, seed)
    yield from matrix.directed(target, profile, seed)
    if target.suspect != "HOK":
        yield from play_hosted(target, profile, seed)
    yield from play_links(target, profile, seed)


def scripts_and_machines(target: InProcess, profile: Profile, seed: int) -> Iterator[History]:
    """Drive scripts, then machines."""
    from bodydouble_contracts.drivers.machines.running import play_machines

    yield from scripts_only(target, profile, seed)
    yield from play_machines(target, profile, seed, *MACHINES)
