"""What people read on a terminal: the catalogue, a run, one contract explained, the matrix."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from understudy_contracts.catalogue import FAMILIES, VERSION, Contract, find, fingerprint
from understudy_contracts.profile import Profile
from understudy_contracts.runs import Run
from understudy_contracts.traces import breach_text
from understudy_contracts.verdicts import Judgement

if TYPE_CHECKING:
    from understudy_contracts.gates import Measured


def list_lines(contracts: Sequence[Contract]) -> Iterator[str]:
    """Yield one line per contract and a line of counts."""
    for c in contracts:
        yield f"{c.id}  {c.level:6}  tier {c.tier}  {c.sentence}  [{c.source}]"
    levels = Counter(c.level for c in contracts)
    counts = ", ".join(f"{n} {level}" for level, n in levels.items())
    yield f"{len(contracts)} contracts ({counts}), catalogue {VERSION} {fingerprint()}"


def explain_text(contract: Contract, profiles: Sequence[Profile]) -> Iterator[str]:
    """Yield everything there is to know of one contract."""
    from understudy_contracts.matrix import home_zoo

    yield f"{contract.id} {contract.slug} [{contract.level}]"
    yield f"  {contract.sentence}"
    yield f"  source: {contract.source}"
    yield f"  tier {contract.tier}, kind {contract.kind}, exercised at least {contract.census}x"
    if contract.needs:
        yield f"  needs: {', '.join(contract.needs)}"
    for profile in profiles:
        lacking = contract.lacking(profile)
        own = contract.source_for(profile)
        told = f"does not apply: no {lacking}" if lacking else f"{contract.level_for(profile)}"
        yield f"  {profile.title}: {told}" + (f", source {own}" if own != contract.source else "")
    villains = [m for m in home_zoo() if contract.id in m.convicts]
    yield "  must convict:" if villains else "  convicts no mutant"
    for mutant in villains:
        yield f"    {mutant.id} {mutant.title}"


def run_lines(run: Run, strict: bool = False) -> Iterator[str]:
    """Yield the report of a run: header, families, what broke, headline numbers."""
    yield f"target {run.target}, seed {run.seed}, tier {run.tier}, effort {run.effort}"
    yield f"catalogue {VERSION} {fingerprint()}"
    for name, docket in run.dockets.items():
        profile = run.profiles[name]
        judgements = docket.judgements()
        yield ""
        yield f"{profile.title} ({docket.exchanges} exchanges, {docket.histories} worlds)"
        yield from family_lines(judgements)
        yield from trouble_lines(judgements, profile)
    yield ""
    yield from headline(run, strict)


def family_lines(judgements: Iterable[Judgement]) -> Iterator[str]:
    """Yield one line per family with counts of verdicts and of occasions."""
    grouped: dict[str, list[Judgement]] = {}
    for judgement in judgements:
        grouped.setdefault(judgement.contract[:3], []).append(judgement)
    for family, members in grouped.items():
        verdicts = Counter(j.verdict for j in members)
        told = ", ".join(f"{n} {v}" for v, n in verdicts.items())
        occasions = sum(j.count for j in members if j.verdict == "held")
        yield f"  {family} {FAMILIES.get(family, ''):12} {told}; exercised {occasions}x"


def trouble_lines(judgements: Iterable[Judgement], profile: Profile) -> Iterator[str]:
    """Yield what is broken with its trace, and what is silent with its reason."""
    for judgement in judgements:
        if judgement.verdict in ("broken", "error", "stale"):
            yield ""
            yield from ("  " + line for line in breach_text(judgement, profile).splitlines())
        elif judgement.verdict in ("vacuous", "untestable", "inconclusive"):
            level = find(judgement.contract).level_for(profile)
            yield f"  {judgement.contract} {judgement.verdict} [{level}]: {judgement.reason}"


def headline(run: Run, strict: bool) -> Iterator[str]:
    """Yield the two numbers: how many could be judged, how many held."""
    verdicts = Counter(j.verdict for _, j in run.judgements())
    verifiable = sum(n for v, n in verdicts.items() if v not in ("not applicable", "not run"))
    failing = len(run.failing(strict))
    yield ", ".join(f"{n} {v}" for v, n in verdicts.most_common())
    yield f"verifiable {verifiable}, held {verdicts['held']}, failing {failing}"


def matrix_lines(found: Measured) -> Iterator[str]:
    """Yield the kill matrix, the survivors and the gates."""
    yield f"{'id':4} {'family':6} {'killed':>9} {'rightly':>9} {'requests':>9}  by"
    for row in found.rows():
        mark = " " if row.killed == row.trials else "!"
        killed, rightly = f"{row.killed}/{row.trials}", f"{row.rightly}/{row.trials}"
        yield (
            f"{row.id:4} {row.family:6} {killed:>9} {rightly:>9}"
            f" {row.requests:9}{mark} {', '.join(row.by[:3])}  {row.title}"
        )
    yield ""
    for gate in found.gates():
        word = "pass" if gate.passed else "FAIL"
        yield f"{word}  {gate.name}: {gate.seen} (wanted {gate.wanted})"
