"""The emulator before the judge: kept whole, and convicted whenever it is sabotaged.

Without the emulator installed there is nobody to judge, and these tests are skipped.
"""

from __future__ import annotations

import importlib.util

import pytest

from bodydouble_contracts import runs
from bodydouble_contracts.judging.catalogue import all_contracts, find
from bodydouble_contracts.judging.traces import breach_text
from bodydouble_contracts.mutants import gates
from bodydouble_contracts.targets.addresses import EMULATOR
from bodydouble_contracts.vendors.reader import load, names

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("bodydouble") is None, reason="the emulator is not installed"
)


def busy(vendor: str) -> bool:
    """Whether most contracts speak of it, so that most mutants break it: a minute of the suite."""
    applying = [one for one in all_contracts() if not one.lacking(load(vendor))]
    return len(applying) > len(all_contracts()) / 2


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


@pytest.mark.parametrize(
    "vendor",
    [pytest.param(one, marks=[pytest.mark.slow] * busy(one)) for one in names()],
)
def test_every_sabotaged_emulator_is_convicted_for_the_named_reason(vendor: str) -> None:
    found = gates.measure(EMULATOR, [load(vendor)], seeds=1, machines=False, idle=False)
    free = [f"{r.id} {r.title}" for r in found.rows() if r.rightly < r.trials]
    assert not free
    assert not any(found.alarms.values())
