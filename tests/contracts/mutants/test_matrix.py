"""The judge judged: the good toy keeps every contract, every sabotaged one is convicted rightly."""

from __future__ import annotations

from itertools import chain
from operator import attrgetter

import pytest

from bodydouble_contracts.drivers.directed import play_all
from bodydouble_contracts.drivers.links import play_links
from bodydouble_contracts.drivers.machines.running import play_machines
from bodydouble_contracts.judging.judge import Docket, assert_contracts, judge
from bodydouble_contracts.judging.verdicts import Judgement
from bodydouble_contracts.mutants import Mutant
from bodydouble_contracts.mutants.living import lives
from bodydouble_contracts.mutants.matrix import fitting, own_mutants, try_mutant
from bodydouble_contracts.mutants.measuring import scripts_only
from bodydouble_contracts.targets.in_process import InProcess
from bodydouble_contracts.vendors.profile import Profile
from bodydouble_contracts.vendors.reader import load
from tests.contracts.toy import PROFILE
from tests.sampling import few

TOY = load(PROFILE)
SUSPECTS = [m for m in fitting(own_mutants(), TOY) if m.convicts and not lives(m.id, TOY)]


def broken(judgements: list[Judgement]) -> list[str]:
    return [
        f"{j.contract} {j.verdict} {j.reason}"
        for j in judgements
        if j.verdict in ("broken", "error")
    ]


def test_the_toy_keeps_every_contract_in_all_directed_scenarios(
    toy: InProcess, toy_profile: Profile
) -> None:
    played = chain(play_all(toy, toy_profile), play_links(toy, toy_profile, 0))
    judgements = judge(played, toy_profile)
    assert not broken(judgements)
    silent = [j.contract for j in judgements if j.verdict in ("vacuous", "untestable")]
    assert not silent
    assert sum(j.verdict == "held" for j in judgements) > 60


@pytest.mark.parametrize("seed", [0, 1])
def test_the_toy_keeps_every_contract_on_random_walks(
    toy: InProcess, toy_profile: Profile, seed: int
) -> None:
    docket = Docket(toy_profile)
    for history in play_machines(toy, toy_profile, seed, 40, 20):
        docket.add(history)
    assert docket.histories > 30
    assert not broken(docket.judgements())


@pytest.mark.parametrize("mutant", few(SUSPECTS, 80, attrgetter("id")))
def test_every_mutant_is_convicted_by_a_contract_it_names(
    mutant: type[Mutant], toy: InProcess, toy_profile: Profile
) -> None:
    trial = try_mutant(mutant, toy, toy_profile, 0, known=set(), driver=scripts_only)
    assert trial.rightly, f"{mutant.title}: {sorted(trial.broken)} {trial.crash}"


def test_the_pass_through_mutant_is_let_go(toy: InProcess, toy_profile: Profile) -> None:
    trial = try_mutant(Mutant, toy, toy_profile, 0, known=set(), whole=True)
    assert not trial.killed


def test_a_broken_history_fails_a_users_own_suite_with_sentence_and_trace(
    toy: InProcess, toy_profile: Profile
) -> None:
    guilty = next(m for m in own_mutants() if m.id == "B01")
    target = InProcess(guilty(toy_profile).wrap(toy.app), "guilty")
    with pytest.raises(AssertionError, match=r"BIL-08(.|\n)*curl"):
        assert_contracts(play_all(target, toy_profile, only="failure"), toy_profile, "BIL-08")


def test_an_honest_history_passes_a_users_own_suite(toy: InProcess, toy_profile: Profile) -> None:
    assert_contracts(play_all(toy, toy_profile, only="to_the_end"), toy_profile)


def test_the_same_seed_records_the_same_requests(toy: InProcess, toy_profile: Profile) -> None:
    def requests() -> list[object]:
        fresh = toy.fresh
        assert fresh is not None
        found = play_machines(InProcess(fresh()), toy_profile, 7, 12, 12)
        return [e.request for h in found for e in h.exchanges]

    assert requests() == requests()
