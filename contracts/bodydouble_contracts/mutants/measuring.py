"""Measures a list of mutants: every one on every vendor that can have it, on all cores.

It drives and keeps what became of each pair; what that is worth is the gates' affair.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor

from bodydouble_contracts.history.exchanges import History
from bodydouble_contracts.judging.judge import Docket
from bodydouble_contracts.mutants import matrix
from bodydouble_contracts.mutants.gates import Measured
from bodydouble_contracts.mutants.mutant import Mutant
from bodydouble_contracts.targets.addresses import open_target
from bodydouble_contracts.targets.in_process import InProcess
from bodydouble_contracts.targets.target import TargetError
from bodydouble_contracts.vendors.profile import Profile
from bodydouble_contracts.vendors.reader import load

UNHARMED_SEEDS = 20
MACHINES = (40, 30)
"""Machine scenarios and steps per mutant, seed and vendor, tried only if scripts let it go."""


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
