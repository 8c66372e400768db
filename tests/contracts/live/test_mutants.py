"""Every mutant as a vendor: none makes a live run cost more than its budget."""

from pathlib import Path

import pytest

from bodydouble_contracts.live.run import run_live
from bodydouble_contracts.live.tiers import make_plan
from bodydouble_contracts.mutants.matrix import fitting, own_mutants
from bodydouble_contracts.targets.in_process import InProcess
from bodydouble_contracts.vendors.reader import load
from tests.contracts.live.toy_vendor import Vendor, guarded, profile
from tests.contracts.toy import PROFILE
from tests.sampling import few

MUTANTS = {m.id or "none": m for m in fitting(own_mutants(), load(PROFILE))}


@pytest.mark.parametrize("name", few([*MUTANTS], 40))
def test_no_mutant_takes_a_unit_over_budget(tmp_path: Path, name: str) -> None:
    class Sabotaged(Vendor):
        def __post_init__(self) -> None:
            super().__post_init__()
            self.inside = InProcess(MUTANTS[name](load(PROFILE)).wrap(self.toy))

    vendor = Sabotaged()
    before = {a: vendor.cents(a) for a in ("main", "empty", "other")}
    guard = guarded(vendor, tmp_path, 2500)
    plan = make_plan(profile(), "3", pace_ms=0, poll_ms=1000)
    out = run_live(guard, plan, dict(vendor.keys), lambda text: None)
    assert sum(max(0, before[a] - vendor.cents(a)) for a in before) <= 2500
    assert out.cost <= 2500
