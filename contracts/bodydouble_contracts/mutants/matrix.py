"""The kill matrix: which contracts convict which mutant, and for the named reason.

Every mutant is wrapped round a fresh target and driven like an unharmed one. A kill is a
contract broken that the unharmed target keeps; a right kill is by a contract the mutant names.
"""

from __future__ import annotations

import importlib
import pkgutil
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from bodydouble_contracts.contracts.contract import Contract
from bodydouble_contracts.drivers.directed import fits, play, scenarios
from bodydouble_contracts.history.exchanges import History
from bodydouble_contracts.judging.catalogue import all_contracts, find
from bodydouble_contracts.judging.judge import Docket
from bodydouble_contracts.mutants import families
from bodydouble_contracts.mutants.mutant import REGISTRY, Mutant
from bodydouble_contracts.targets.in_process import InProcess
from bodydouble_contracts.targets.target import Lost, TargetError
from bodydouble_contracts.vendors.profile import Profile

Driver = Callable[[InProcess, Profile, int], Iterable[History]]


@dataclass(slots=True)
class Trial:
    """What became of one mutant of one vendor under one seed."""

    mutant: type[Mutant]
    provider: str
    seed: int
    broken: set[str] = field(default_factory=set)
    requests: int = 0
    to_kill: int = 0
    by: str = ""
    crash: str = ""

    @property
    def killed(self) -> bool:
        """Whether any contract convicted it; one that crashed by itself proves nothing."""
        return bool(self.broken) and not self.crash

    @property
    def told(self) -> str:
        """The pair as people name it, and how it crashed, if it did."""
        return f"{self.mutant.id} of {self.provider}" + (f": {self.crash}" if self.crash else "")

    @property
    def rightly(self) -> bool:
        """Whether a contract that the mutant names convicted it."""
        return self.killed and bool(self.broken & set(self.mutant.convicts))


def own_mutants() -> list[type[Mutant]]:
    """Return every mutant of this package, the pass-through first."""
    for module in pkgutil.walk_packages(families.__path__, f"{families.__name__}."):
        importlib.import_module(module.name)
    ours = (m for m in REGISTRY if m.__module__.startswith(f"{families.__name__}."))
    return [Mutant, *sorted(ours, key=lambda m: (m.family, m.id))]


class MutantListError(ValueError):
    """A list of mutants that cannot be used; the text says what is wrong and what to do."""


def listed_mutants(spec: str) -> list[type[Mutant]]:
    """Import somebody else's mutants, `module:LIST`. Raises MutantListError with what is wrong."""
    module, _, name = spec.partition(":")
    name = name or "MUTANTS"
    if not module:
        raise MutantListError(f"{spec!r} names no module: name it as module:LIST")
    if "" not in sys.path:
        sys.path.insert(0, "")
    try:
        found = getattr(importlib.import_module(module), name)
    except AttributeError as error:
        raise MutantListError(
            f"the module {module!r} has no {name!r}: name it as module:LIST"
        ) from error
    except Exception as error:  # whatever a foreign module does when it is imported
        raise MutantListError(f"the module {module!r} cannot be imported: {error}") from error
    if not isinstance(found, list | tuple) or not found:
        told = "empty" if isinstance(found, list | tuple) else f"of type {type(found).__name__}"
        raise MutantListError(f"{spec} is {told}, not a list of Mutant classes")
    for entry in found:
        check_mutant(entry, spec)
    return list(found)


def check_mutant(entry: object, spec: str) -> None:
    """Raise MutantListError unless an entry is a mutant that names its contracts."""
    if not (isinstance(entry, type) and issubclass(entry, Mutant)):
        raise MutantListError(
            f"{entry!r} in {spec} is no mutant: list classes of bodydouble_contracts.mutants.Mutant"
        )
    if not entry.convicts:
        raise MutantListError(
            f"{entry.__name__} in {spec} names no contract that must convict it: decorate it with "
            '@mutant(id, title, ["JOB-02"])'
        )
    for id in entry.convicts:
        find(id)


def fitting(mutants: Sequence[type[Mutant]], profile: Profile) -> Iterator[type[Mutant]]:
    """Yield the mutants a vendor can have: it is known to do all they need."""
    for mutant in mutants:
        named = not mutant.providers or profile.provider in mutant.providers
        needs = [n for n in mutant.needs if n != "document"]
        if not mutant.possible(profile):
            continue
        described = "document" not in mutant.needs or bool(profile.document)
        if named and described and all(profile.have(n) == "yes" for n in needs):
            yield mutant


FIRST = ("to_the_end", "failure", "replay", "refusals", "walks", "other_account", "bad_keys")
TELLING = {
    "LIM": ("too_many_reads", "default_limit", "too_many_submits"),
    "ACC": ("bad_keys", "other_account", "scopes", "dead_keys", "unknown_ids", "two_accounts"),
    "VAL": ("refusals", "refusals_unpaid", "odd_values", "odd_pages", "odd_headers", "samples"),
    "IDM": ("replay", "conflict", "near_keys", "key_of_two", "key_lifetime", "lost_reply"),
    "BIL": ("failure", "two_of_each", "empty_wallet", "cancel_queued", "cancel_running"),
    "PAG": ("walks", "filters", "first_pages"),
    "RES": ("to_the_end", "refusals", "odd_values", "odd_pages", "odd_ids", "nowhere"),
}
"""Scripts that tell most of a family."""


def directed(target: InProcess, profile: Profile, seed: int) -> Iterator[History]:
    """Drive the directed scenarios, those that tell most of the suspected family first."""
    first = (*TELLING.get(target.suspect, ()), *FIRST)
    chosen = [s for s in scenarios() if fits(s, profile) and "hosted" not in s.needs]
    order = {s.name: first.index(s.name) if s.name in first else len(first) for s in chosen}
    for script in sorted(chosen, key=lambda s: order[s.name]):
        yield play(script, target, profile, seed)


def try_mutant(
    mutant: type[Mutant],
    base: InProcess,
    profile: Profile,
    seed: int,
    *,
    known: set[str],
    driver: Driver = directed,
    contracts: Sequence[Contract] | None = None,
    whole: bool = False,
) -> Trial:
    """Drive one mutant until a named contract convicts it, or to the end where `whole`."""
    trial = Trial(mutant, profile.provider, seed)
    docket = Docket(profile, contracts or all_contracts())
    Mutant.crashes.clear()
    target = InProcess(mutant(profile).wrap(base.app), mutant.id, suspect=mutant.family)
    if base.fresh is not None:
        make = base.fresh
        target.fresh = lambda: mutant(profile).wrap(make())
    try:
        for history in driver(target, profile, seed):
            hurt = docket.add(history) - known
            trial.broken |= hurt
            trial.requests = docket.exchanges
            if hurt and not trial.to_kill:
                trial.to_kill, trial.by = docket.exchanges, sorted(hurt)[0]
            trial.crash = "; ".join(Mutant.crashes[:1])
            if trial.crash or (trial.rightly and not whole):
                break
        else:
            trial.broken |= docket.incomplete() - known
    except (TargetError, Lost, KeyError, TypeError, ValueError) as error:
        trial.crash = f"{type(error).__name__}: {error}"
    return trial
