"""One run: drivers against a target for some vendors, judged as it goes.

Efforts say how much is driven: `quick` is the directed scripts, `pr` adds state machines and
schemathesis, `nightly` more of both. It drives and judges; printing is somebody else's.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from bodydouble_contracts.contracts.contract import Contract, rank
from bodydouble_contracts.drivers.directed import fits, play, scenarios
from bodydouble_contracts.drivers.sandboxes import open_session
from bodydouble_contracts.drivers.scenario import Scenario
from bodydouble_contracts.history.exchanges import History
from bodydouble_contracts.judging.catalogue import all_contracts, find
from bodydouble_contracts.judging.judge import Docket
from bodydouble_contracts.judging.verdicts import Judgement
from bodydouble_contracts.reading.links import SOCKETS
from bodydouble_contracts.targets.addresses import open_target
from bodydouble_contracts.targets.target import Target, TargetError
from bodydouble_contracts.vendors.documents import document_of
from bodydouble_contracts.vendors.profile import Profile
from bodydouble_contracts.vendors.reader import load

Tell = Callable[[str], None]


def nobody(text: str) -> None:
    """Tell nobody how far a run has come."""


def stderr(text: str) -> None:
    """Tell people at the terminal how far a run has come."""
    sys.stderr.write(text + "\n")


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is driven. `machines` are (scenarios, steps, seeds). `outside` means a target that
    is no bodydouble: no control plane, no prefix; `wait_s` is how long a run waits for jobs there,
    `media_hosts` whose links it may open, `failing` a body that makes a job fail.
    """

    name: str
    machines: tuple[int, int, int] = (0, 0, 0)
    schemas: int = 0
    hosted: bool = True
    outside: bool = False
    wait_s: float = 60.0
    media_hosts: tuple[str, ...] = ()
    failing: Any = None


EFFORTS = {
    "quick": Effort("quick"),
    "pr": Effort("pr", (100, 30, 3), 1),
    "nightly": Effort("nightly", (400, 30, 5), 5),
}


@dataclass(slots=True)
class Run:
    """What a run found, per vendor, and how it was made."""

    target: str
    seed: int
    tier: str
    effort: str
    dockets: dict[str, Docket] = field(default_factory=dict)
    profiles: dict[str, Profile] = field(default_factory=dict)

    def judgements(self) -> Iterator[tuple[Profile, Judgement]]:
        """Yield every judgement with its vendor's profile."""
        for name, docket in self.dockets.items():
            for judgement in docket.judgements():
                yield self.profiles[name], judgement

    def failing(self, strict: bool = False) -> list[tuple[Profile, Judgement]]:
        """Return the judgements that fail the run."""
        levels = {c.id: c for c in all_contracts()}
        return [
            (p, j)
            for p, j in self.judgements()
            if j.failing(levels[j.contract].level_for(p), strict)
        ]


def run(
    spec: str,
    profiles: Sequence[Profile],
    *,
    seed: int = 0,
    tier: str = "E",
    effort: Effort = EFFORTS["quick"],
    contracts: Sequence[Contract] | None = None,
    tell: Tell = nobody,
) -> Run:
    """Drive and judge, vendors side by side where much is driven.

    Raises TargetError if the target cannot be used at all.
    """
    for profile in profiles:
        document_of(profile)  # a broken document is said before anything is driven
    out = Run(spec, seed, tier, effort.name)
    ids = tuple(c.id for c in contracts or all_contracts())
    tasks = [(spec, p.file, out, effort, ids) for p in profiles]
    workers = min(os.cpu_count() or 1, len(tasks)) if effort.machines[0] else 1
    if workers > 1:
        with ProcessPoolExecutor(workers) as pool:
            dockets = [f.result() for f in [pool.submit(run_one, *t, tell=tell) for t in tasks]]
    else:
        dockets = [run_one(*t, tell=tell) for t in tasks]
    for profile, docket in zip(profiles, dockets, strict=True):
        out.dockets[profile.provider], out.profiles[profile.provider] = docket, docket.profile
    return out


def run_one(
    spec: str, file: str, how: Run, effort: Effort, ids: tuple[str, ...], *, tell: Tell
) -> Docket:
    """Drive and judge one vendor; everything given and returned can cross a process border."""
    seed, tier = how.seed, how.tier
    profile = outsiders(load(file), effort) if effort.outside else load(file)
    target = open_target(spec, [profile])
    docket = Docket(profile, tuple(find(i) for i in ids), tier)
    docket.outside = not profile.section("control").get("prefix")
    try:
        docket.any_key = takes_any_key(target, profile, seed)
        tell(f"{profile.title}: directed scenarios")
        if docket.outside:
            judge_outside(docket, target, seed, effort.wait_s)
            return docket
        for history in drive(target, profile, seed, tier=tier, effort=effort, tell=tell):
            docket.add(history)
        docket.notes += docket.seen.gone()
        tell(f"{profile.title}: {docket.exchanges} exchanges in {docket.histories} sessions")
    finally:
        target.close()
    return docket


def takes_any_key(target: Target, profile: Profile, seed: int) -> str:
    """Return what to do about a served emulator that opens an account for whatever key it is
    shown, or an empty text. How it has to be started stands in the profile."""
    wanted = profile.section("control").get("environment", {})
    plain = profile.doing("balance") or profile.doing("models")
    if not wanted or not plain or "://" not in target.name:
        return ""
    session = open_session(target, profile, seed=seed)
    try:
        made = session.call(plain[0].name, "unissued")
    finally:
        session.close()
    if not made.ok:
        return ""
    told = " ".join(f"{name}={value}" for name, value in wanted.items())
    return (
        f"{target.name} accepts any well-formed key, so that none is wrong: start it with {told}, "
        "and this is judged, too"
    )


def outsiders(profile: Profile, effort: Effort) -> Profile:
    """Return a profile as it holds for a target that is no emulator of ours, with what the caller
    knows of it."""
    from bodydouble_contracts.vendors.variants import from_outside, known_of

    return known_of(from_outside(profile), effort.media_hosts, effort.failing)


def judge_outside(docket: Docket, target: Target, seed: int, wait_s: float) -> None:
    """Drive a target without a control plane, script after script, and judge the one history."""
    from bodydouble_contracts.drivers.outside import Patience, play_outside

    fitting = [s for s in scenarios() if fits(s, docket.profile, docket.tier)]
    left_out = [s.name for s in scenarios() if s not in fitting and apart(s, docket.profile)]
    patience = Patience(wait_s)
    history, ended = play_outside(fitting, target, docket.profile, seed, patience)
    if "://" not in target.name:
        docket.unopened = SOCKETS
    docket.add(history)
    docket.notes.append("judged from outside: no control plane, time passed by itself")
    docket.notes += docket.seen.gone()
    if left_out:
        docket.notes.append(f"not played for want of clock, faults or keys: {', '.join(left_out)}")
    if wait_s and patience.used_up:
        docket.notes.append(f"all of the {wait_s:g} s for waiting was used up: --wait-s gives more")
    if ended:
        docket.cut = True
        docket.notes.append(ended)


def apart(script: Scenario, profile: Profile) -> bool:
    """Whether a vendor can do what a script needs, though this run cannot arrange it."""
    asked = [n.split("|") for n in script.needs if n != "control" and ":" not in n]
    return all(any(profile.have(n) != "no" for n in names) for names in asked)


def drive(
    target: Target, profile: Profile, seed: int, *, tier: str, effort: Effort, tell: Tell
) -> Iterator[History]:
    """Yield the histories of every driver an effort asks for."""
    fitting = [s for s in scenarios() if fits(s, profile, tier) and "hosted" not in s.needs]
    for script in watched(fitting, profile.title):
        yield play(script, target, profile, seed)
    if effort.hosted and rank(tier) >= rank("2"):
        from bodydouble_contracts.drivers.links import play_links

        yield from play_links(target, profile, seed)
    if effort.hosted and rank(tier) >= rank("E"):
        from bodydouble_contracts.drivers.hosted import play_hosted

        yield from play_hosted(target, profile, seed)
    count, steps, seeds = effort.machines
    if count and rank(tier) >= rank("E"):
        from bodydouble_contracts.drivers.machines.running import play_machines

        for number in range(seeds):
            tell(f"{profile.title}: machines, seed {seed + number}")
            yield from play_machines(target, profile, seed + number, count, steps)
    for number in range(effort.schemas if rank(tier) >= rank("E") else 0):
        from bodydouble_contracts.drivers.schemas import play_schemas

        tell(f"{profile.title}: schemathesis, seed {seed + number}")
        yield from play_schemas(target, profile, seed + number)


def watched(scripts: Sequence[Scenario], title: str) -> Iterable[Scenario]:
    """Yield scripts; on a terminal with a bar that says how far it is and how long it will take."""
    from rich.console import Console
    from rich.progress import track

    console = Console(stderr=True)
    return track(scripts, title, console=console, transient=True, disable=not console.is_terminal)


def pick(names: Sequence[str], known: Sequence[str], programs: Sequence[str] = ()) -> list[str]:
    """Return the vendors and programs asked for, or all vendors. Raises TargetError naming an
    unknown one."""
    there = (*known, *programs)
    wrong = [n for n in names if n not in there and not n.endswith((".yaml", ".yml"))]
    if wrong:
        raise TargetError(f"no vendor {wrong[0]!r}: known are {', '.join(there)}")
    return list(names) or list(known)
