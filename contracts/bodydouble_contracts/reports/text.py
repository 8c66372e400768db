"""What people read on a terminal: the catalogue, one contract explained, the kill matrix."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from bodydouble_contracts import CATALOGUE_VERSION
from bodydouble_contracts.contracts.contract import Contract
from bodydouble_contracts.judging.catalogue import fingerprint
from bodydouble_contracts.vendors.profile import Profile

if TYPE_CHECKING:
    from bodydouble_contracts.mutants.gates import Measured


def list_lines(contracts: Sequence[Contract]) -> Iterator[str]:
    """Yield one line per contract and a line of counts."""
    for c in contracts:
        yield f"{c.id}  {c.level:6}  tier {c.tier}  {c.sentence}  [{c.source}]"
    levels = Counter(c.level for c in contracts)
    counts = ", ".join(f"{n} {level}" for level, n in levels.items())
    yield f"{len(contracts)} contracts ({counts}), catalogue {CATALOGUE_VERSION} {fingerprint()}"


def explain_text(contract: Contract, profiles: Sequence[Profile]) -> Iterator[str]:
    """Yield everything there is to know of one contract."""
    from bodydouble_contracts.mutants.matrix import own_mutants

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
    must_convict = [m for m in own_mutants() if contract.id in m.convicts]
    yield "  must convict:" if must_convict else "  convicts no mutant"
    for mutant in must_convict:
        yield f"    {mutant.id} {mutant.title}"


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
    yield from survivor_lines(found)
    for gate in found.gates():
        word = "pass" if gate.passed else "FAIL"
        yield f"{word}  {gate.name}: {gate.seen} (wanted {gate.wanted})"


def survivor_lines(found: Measured) -> Iterator[str]:
    """Yield one sentence per pair that nothing convicted, and per mutant no vendor can have."""
    for mutant in found.mutants:
        mine = [t for t in found.trials if t.mutant is mutant]
        named = ", ".join(mutant.convicts)
        if not mine and found.foreign:
            yield f"not tried: {mutant.id} {mutant.title}: no vendor can do what it needs"
        for provider in dict.fromkeys(t.provider for t in mine if named):
            pair = [t for t in mine if t.provider == provider]
            if any(t.killed for t in pair) or found.spared(pair[0]) or pair[0].crash:
                continue
            yield (
                f"survived: {mutant.id} of {provider}: {mutant.title}: {named} held in every run "
                f"({len(pair)}); either it does no harm, or a contract is missing"
            )
