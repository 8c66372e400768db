"""A page for each contract: its sentence, its sources, what exercises it, and what it convicts.

Everything is drawn from the catalogue, the profiles, the mutants and one run in process; nothing
is written by hand. It refuses to judge.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from bodydouble_contracts.contracts.contract import FAMILIES, Contract
from bodydouble_contracts.drivers.directed import play_all
from bodydouble_contracts.judging.catalogue import all_contracts
from bodydouble_contracts.judging.silence import CONTRACTS
from bodydouble_contracts.mutants.matrix import own_mutants
from bodydouble_contracts.reading.view import View
from bodydouble_contracts.targets.addresses import open_target
from bodydouble_contracts.vendors.profile import Profile

OVER_SOCKETS = "scripts over real sockets: receivers of webhooks, and links that are opened"


def exercised(spec: str, profiles: Sequence[Profile]) -> dict[str, set[str]]:
    """Return the scripts that gave each contract something to look at, in one run of them all."""
    found: dict[str, set[str]] = defaultdict(set)
    for profile in profiles:
        target = open_target(spec, [profile])
        try:
            for history in play_all(target, profile):
                view = View(history, profile)
                for one in all_contracts():
                    if not one.lacking(profile) and one.judge(view).count:
                        found[one.id].add(history.scenario)
        finally:
            target.close()
    return found


def lines(one: Contract, profiles: Sequence[Profile], scripts: set[str]) -> Iterator[str]:
    """Yield the page of a contract, as Markdown."""
    yield f"# {one.id} {one.slug}"
    yield ""
    yield one.sentence
    yield ""
    yield f"- family: {FAMILIES[one.family]}; level {one.level}; tier {one.tier}; kind {one.kind}"
    yield f"- source: {one.source}"
    if one.needs:
        yield f"- needs: {', '.join(one.needs)}"
    if one.id in CONTRACTS:
        yield f"- looks at: `{CONTRACTS[one.id]}`"
    yield ""
    yield "| vendor | level | source |"
    yield "|---|---|---|"
    for profile in profiles:
        lacking = one.lacking(profile)
        said = profile.capabilities[lacking.split("|")[0]].source if lacking else ""
        level = f"no {lacking}" if lacking else one.level_for(profile)
        yield f"| {profile.title} | {level} | {said or one.source_for(profile)} |"
    yield ""
    yield "Exercised by: " + (", ".join(f"`{s}`" for s in sorted(scripts)) or OVER_SOCKETS) + "."
    yield ""
    yield "Convicts:"
    yield ""
    mutants = [m for m in own_mutants() if one.id in m.convicts]
    yield from (f"- {m.id}: {m.title}" for m in mutants)
    if not mutants:
        yield "- none of the judge's own mutants"


def write(out: Path, spec: str, profiles: Sequence[Profile]) -> int:
    """Write every page and an index into a folder; return how many contracts there are."""
    out.mkdir(parents=True, exist_ok=True)
    scripts = exercised(spec, profiles)
    index = ["# Contracts", ""]
    for one in all_contracts():
        text = "\n".join(lines(one, profiles, scripts.get(one.id, set())))
        (out / f"{one.id}.md").write_text(text + "\n", encoding="utf-8")
        index.append(f"- [{one.id}]({one.id}.md) {one.sentence}")
    (out / "index.md").write_text("\n".join(index) + "\n", encoding="utf-8")
    return len(all_contracts())
