"""The catalogue: ids stay, every entry is complete, and every MUST has somebody to convict."""

from __future__ import annotations

import re

import pytest

from bodydouble_contracts.contracts.contract import FAMILIES
from bodydouble_contracts.judging.catalogue import UnknownContract, all_contracts, find, select
from bodydouble_contracts.mutants.matrix import own_mutants

STARTER = {
    "RES": 8, "LIM": 9, "ACC": 6, "VAL": 7, "IDM": 8, "JOB": 10, "BIL": 10, "PAG": 6, "HOK": 7,
}  # fmt: skip


def test_every_id_of_the_starter_set_is_there_for_ever() -> None:
    ids = {c.id for c in all_contracts()}
    wanted = {f"{f}-{n:02}" for f, count in STARTER.items() for n in range(1, count + 1)}
    assert wanted <= ids


def test_ids_are_unique_and_belong_to_a_family() -> None:
    ids = [c.id for c in all_contracts()]
    assert len(ids) == len(set(ids))
    assert all(re.fullmatch(r"[A-Z]{3}-[0-9]{2}", i) and i[:3] in FAMILIES for i in ids)


@pytest.mark.parametrize("contract", all_contracts(), ids=lambda c: c.id)
def test_every_entry_is_a_sentence_with_source_tier_and_census(contract: object) -> None:
    entry = find(contract.id)  # type: ignore[attr-defined]
    assert entry.sentence.endswith(".")
    assert entry.source
    assert entry.level in ("MUST", "SHOULD", "MAY")
    assert entry.tier in "0123E"
    assert entry.census >= 1


def test_every_must_contract_is_named_by_a_mutant() -> None:
    named = {c for m in own_mutants() for c in m.convicts}
    # No documented vendor shows a ledger yet, so nobody can sabotage one.
    lonely = {c.id for c in all_contracts() if c.level == "MUST"} - named - {"BIL-05"}
    assert not lonely


def test_mutants_have_ids_of_their_own_and_name_contracts_that_exist() -> None:
    mutants = own_mutants()
    ids = [m.id for m in mutants]
    assert len(ids) == len(set(ids))
    assert len(ids) > 100
    assert {c for m in mutants for c in m.convicts} <= {c.id for c in all_contracts()}


def test_an_unknown_contract_is_refused_with_its_neighbours() -> None:
    with pytest.raises(UnknownContract, match="BIL-04"):
        find("BIL-99")


def test_a_selection_takes_families_globs_and_tiers() -> None:
    assert {c.family for c in select("bil,JOB-0*")} == {"BIL", "JOB"}
    assert all(c.tier == "0" for c in select("*", "0"))
