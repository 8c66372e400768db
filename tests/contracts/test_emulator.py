"""The emulator before the judge: kept whole, and convicted whenever it is sabotaged.

Without the emulator installed there is nobody to judge, and these tests are skipped.
"""

from __future__ import annotations

import importlib.util
from dataclasses import replace

import pytest

from bodydouble.testing import Emulator
from bodydouble_contracts import runs
from bodydouble_contracts.judging.catalogue import find, select
from bodydouble_contracts.judging.traces import breach_text
from bodydouble_contracts.mutants import Mutant, measuring
from bodydouble_contracts.mutants.living import lives
from bodydouble_contracts.mutants.matrix import fitting, own_mutants, try_mutant
from bodydouble_contracts.targets.addresses import EMULATOR, find_app
from bodydouble_contracts.targets.http import Hosted
from bodydouble_contracts.vendors.reader import load, names

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("bodydouble") is None, reason="the emulator is not installed"
)


# So many mutants at a landing, however many vendors there are; all of them at night.
MUTANTS = 36


def some(vendor: str) -> list[type[Mutant]]:
    """A few of a vendor's mutants, spread over all kinds, and others than its neighbour's."""
    profile = load(vendor)
    found = [m for m in fitting(own_mutants(), profile) if m.convicts and not lives(m.id, profile)]
    step = max(1, len(found) * len(names()) // MUTANTS)
    return found[names().index(vendor) % step :: step]


@pytest.mark.parametrize("vendor", names())
def test_the_emulator_keeps_every_contract_and_leaves_none_unexercised(vendor: str) -> None:
    made = runs.run(EMULATOR, [load(vendor)])
    broken = [breach_text(j, p) for p, j in made.judgements() if j.verdict in ("broken", "error")]
    assert not broken, "\n\n".join(broken)
    silent = [
        j.contract
        for p, j in made.judgements()
        if j.verdict in ("vacuous", "untestable") and find(j.contract).level_for(p) == "MUST"
    ]
    assert not silent


@pytest.mark.sampled(1)
@pytest.mark.parametrize("vendor", names())
def test_over_a_socket_every_verdict_is_that_of_in_process(vendor: str) -> None:
    made = runs.run(EMULATOR, [load(vendor)])
    with Hosted(find_app(EMULATOR, anew=True)) as hosted:
        over = runs.run(hosted.url, [load(vendor)])
    told = {j.contract: j.verdict for _, j in made.judgements()}
    wire = {j.contract: (j.verdict, j.reason) for _, j in over.judgements()}
    assert {i: v for i, v in wire.items() if v[0] != told[i]} == {}


@pytest.mark.nightly
@pytest.mark.parametrize("vendor", names())
def test_what_is_drawn_accuses_no_innocent(vendor: str) -> None:
    """Machines and schemathesis send what no script does, in headers and orders of their own."""
    effort = replace(runs.EFFORTS["pr"], machines=(2, 20, 1))
    made = runs.run(EMULATOR, [load(vendor)], effort=effort)
    broken = [breach_text(j, p) for p, j in made.judgements() if j.verdict in ("broken", "error")]
    assert not broken, "\n\n".join(broken)


def test_an_emulator_that_takes_any_key_is_told_how_to_be_started() -> None:
    with Emulator() as emulator:
        made = runs.run(emulator.url, [load("smartlyq")], contracts=select("ACC"))
    judgements = {j.contract: j for _, j in made.judgements()}
    assert {j.verdict for j in judgements.values()} == {"held", "inconclusive"}
    assert judgements["ACC-01"].verdict == "inconclusive"
    assert "start it with BODYDOUBLE_STRICT_KEYS=1" in judgements["ACC-01"].reason
    assert judgements["ACC-01"].count > 20


@pytest.mark.parametrize(
    ("vendor", "mutant"),
    [pytest.param(one, m, id=f"{one}-{m.id}") for one in names() for m in some(one)],
)
def test_a_sabotaged_emulator_is_convicted_for_the_named_reason(
    vendor: str, mutant: type[Mutant]
) -> None:
    profile = load(vendor)
    target = measuring.in_process(EMULATOR, profile)
    trial = try_mutant(mutant, target, profile, 0, known=set(), driver=measuring.scripts_only)
    assert trial.rightly, f"{mutant.title}: {sorted(trial.broken)} {trial.crash}"


@pytest.mark.nightly
@pytest.mark.parametrize("vendor", names())
def test_every_sabotaged_emulator_is_convicted_for_the_named_reason(vendor: str) -> None:
    found = measuring.measure(EMULATOR, [load(vendor)], seeds=1, machines=False, idle=False)
    free = [f"{t.told} {t.mutant.title}" for p in found.pairs() for t in p if not t.rightly]
    listed = {m.id for m in found.mutants if lives(m.id, load(vendor))}
    assert {f.partition(" ")[0] for f in free} == listed & {t.mutant.id for t in found.trials}, free
    assert not any(t.crash for t in found.trials)
    assert not any(found.alarms.values())
