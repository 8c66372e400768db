"""What a profile can say beside the toy's: judged on the second toy vendor, each broken once."""

from __future__ import annotations

import importlib
import json
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from bodydouble_contracts.drivers.directed import play, play_all, scenarios
from bodydouble_contracts.drivers.links import play_links
from bodydouble_contracts.drivers.machines.running import play_machines
from bodydouble_contracts.history.exchanges import Exchange, History
from bodydouble_contracts.judging.judge import Docket, judge
from bodydouble_contracts.judging.shell import curl
from bodydouble_contracts.live.tiers import make_plan
from bodydouble_contracts.mutants import Ask, Mutant
from bodydouble_contracts.mutants.matrix import fitting, own_mutants, try_mutant
from bodydouble_contracts.mutants.measuring import scripts_only
from bodydouble_contracts.reading import texts
from bodydouble_contracts.reading.view import View
from bodydouble_contracts.recording.replay import Player
from bodydouble_contracts.targets.in_process import InProcess
from bodydouble_contracts.vendors.reader import load

LOOM = load(str(Path(__file__).with_name("loom.yaml")))
SUSPECTS = [m for m in fitting(own_mutants(), LOOM) if m.convicts]
NEW = {
    "C29", "C30", "C31", "C32", "L45", "L46", "L47", "L48", "L49", "L50", "L51", "L52", "B31",
    "P15", "P16", "C28", "B32",
}  # fmt: skip
HEADER = "Loom-Dialect"
KNOWN = {m.id for m in fitting(own_mutants(), load(str(Path(__file__).with_name("toy.yaml"))))}


def new_loom() -> Any:
    return importlib.import_module("loom").Loom()


@pytest.fixture
def loom() -> InProcess:
    """A fresh loom behind the fast driver."""
    return InProcess(new_loom(), "loom", fresh=new_loom)


def played(loom: InProcess, name: str) -> History:
    return play(next(s for s in scenarios() if s.name == name), loom, LOOM)


def test_the_loom_keeps_every_contract_and_none_is_vacuous(loom: InProcess) -> None:
    judgements = judge(chain(play_all(loom, LOOM), play_links(loom, LOOM, 0)), LOOM)
    bad = [(j.contract, j.verdict, j.reason) for j in judgements
           if j.verdict not in ("held", "not applicable", "not run")]  # fmt: skip
    assert not bad
    held = {j.contract for j in judgements if j.verdict == "held"}
    assert {"VAL-14", "JOB-27", "JOB-28", "LIM-13", "PAG-10", "PAG-11", "JOB-08", "BIL-18"} <= held
    assert "JOB-07" not in held  # cancelling what has ended removes it, and is no conflict


@pytest.mark.parametrize("seed", [0, 1])
def test_the_loom_keeps_every_contract_on_random_walks(loom: InProcess, seed: int) -> None:
    docket = Docket(LOOM)
    for history in play_machines(loom, LOOM, seed, 40, 20):
        docket.add(history)
    assert not docket.evidence
    assert not docket.errors


def test_every_new_sabotage_is_among_those_that_this_vendor_can_have() -> None:
    assert {m.id for m in SUSPECTS} >= NEW


# What the toy shows already is shown again at night.
@pytest.mark.parametrize(
    "mutant",
    [
        pytest.param(m, id=m.id, marks=[pytest.mark.nightly] * (m.id in KNOWN and m.id not in NEW))
        for m in SUSPECTS
    ],
)
def test_every_mutant_is_convicted_by_a_contract_it_names(
    mutant: type[Mutant], loom: InProcess
) -> None:
    trial = try_mutant(mutant, loom, LOOM, 0, known=set(), driver=scripts_only)
    assert trial.rightly, f"{mutant.title}: {sorted(trial.broken)} {trial.crash}"


def test_a_word_that_nobody_saw_makes_its_contract_vacuous_and_is_named(loom: InProcess) -> None:
    profile = replace(LOOM, states={**LOOM.states, "DREAMING": "queued"})
    found = {j.contract: j for j in judge(play_all(loom, profile), profile)}
    assert found["JOB-27"].verdict == "vacuous"
    assert found["JOB-27"].reason == "nothing in this run showed 'DREAMING'"
    assert found["JOB-12"].verdict == "held"
    assert LOOM.word("UNDONE") == "canceled"  # documented, never shown, and not asked for


# -- constant headers ------------------------------------------------------------------------------


def test_every_request_carries_the_header_but_those_it_was_left_out_of_and_files(
    loom: InProcess,
) -> None:
    lacking = []
    for history in play_all(loom, LOOM):
        for call in (*View(history, LOOM).calls, *View(history, LOOM).fetches):
            if call.x.request.header(HEADER) is None:
                lacking.append(call.intent.get("without_header") or call.intent["link"])
    assert {HEADER, "upload"} == set(lacking)


def test_live_plans_and_printed_curl_lines_carry_it(loom: InProcess) -> None:
    plan = make_plan(LOOM, "2")
    assert plan.poll_ms == 7_000
    without = [s for s in plan.steps if HEADER not in s.headers]
    assert without
    assert all(s.intent.get("without_header") == HEADER for s in without)
    assert all(s.expect == "refusal" for s in without)
    call = View(played(loom, "first_pages"), LOOM).calls[0]
    line = curl(call.x.request, LOOM)
    assert f"-H '{HEADER}: 3'" in line
    assert '-H "Loom-Key: $KEY_MAIN"' in line


def test_a_replayed_trace_leaves_out_again_what_it_lacked(loom: InProcess) -> None:
    history = played(loom, "headers")
    again = Player(loom, LOOM).play(history.steps)

    def headers(history: History) -> list[str | None]:
        return [s.request.header(HEADER) for s in history.steps if isinstance(s, Exchange)]

    assert headers(again) == headers(history)
    assert {None, "1", "3"} == set(headers(history))


def test_what_a_mutant_asks_on_its_own_carries_it_too() -> None:
    asked = Ask("POST", "/x", "a=1", {"loom-dialect": "3", "loom-key": "k", "content-type": "t"},
                b"{}", key_header="loom-key")  # fmt: skip
    other = asked.other("GET", "/y")
    assert other.headers == {"loom-dialect": "3", "loom-key": "k"}
    assert (other.query, other.body, other.key) == ("", b"", "k")
    assert asked.with_key("z").headers["loom-key"] == "z"


# -- what the parts mean ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reason", "refund"),
    [("YARN.TANGLED.TWICE", "none"), ("YARN.CLEAN", "full"), ("LOOM", "full"), ("", "unknown"),
     ("NEW", "unknown")],
)  # fmt: skip
def test_the_longest_beginning_of_a_reason_says_what_is_refunded(reason: str, refund: str) -> None:
    assert LOOM.refund("failed", "", reason) == refund
    assert LOOM.refunds_failures


@pytest.mark.parametrize(
    ("unit", "letter", "fits"),
    [("characters", "\U0001f3ac", 40), ("utf16", "\U0001f3ac", 20), ("bytes", "\U0001f3ac", 10),
     ("characters", "é", 40), ("utf16", "é", 40), ("bytes", "é", 20)],
)  # fmt: skip
def test_a_limit_of_forty_holds_as_many_signs_as_its_unit_says(
    unit: str, letter: str, fits: int
) -> None:
    assert texts.filled(letter, 40, unit) == letter * fits
    assert texts.size("\ud83c", unit) >= 1  # half a sign is counted, not choked on


def test_a_page_is_asked_for_by_number_by_offset_or_by_cursor() -> None:
    listed = LOOM.doing("list")[0]
    assert listed.page(0, 5) == {"count": 5}
    assert listed.page(3, 5, "c7") == {"after": "c7", "count": 5}
    by_page = replace(listed, query={"page": "p", "size": "n"})
    assert by_page.page(2, 5) == {"p": 3, "n": 5}
    by_offset = replace(listed, query={"page": "o", "size": "n", "kind": "offset"}, first_page=0)
    assert by_offset.page(2, 5) == {"o": 10, "n": 5}


def test_every_role_has_its_variable_in_the_environment() -> None:
    assert LOOM.roles["main"].env == "BODYDOUBLE_LOOM_MAIN"
    assert LOOM.roles["revoked"].env == "BODYDOUBLE_LOOM_REVOKED"


def test_every_way_to_submit_gets_its_share(loom: InProcess) -> None:
    assert [s.op for s in LOOM.ways()] == ["weave_text", "weave_picture"]
    for name in ("to_the_end", "failure", "cancel_queued", "odd_values", "refusals_unpaid"):
        view = View(played(loom, name), LOOM)
        assert {c.op.name for c in view.doing("submit") if c.op} == {"weave_text", "weave_picture"}


def test_an_operation_that_submits_and_was_never_tried_leaves_its_contract_vacuous(
    loom: InProcess,
) -> None:
    docket = Docket(LOOM)
    docket.add(played(loom, "to_the_end"))
    history = played(loom, "refusals_unpaid")
    kept = [s for s in history.steps
            if not (isinstance(s, Exchange) and "/picture" in s.request.target)]  # fmt: skip
    docket.add(replace(history, steps=tuple(kept)))
    found = {j.contract: j for j in docket.judgements()}
    assert found["VAL-02"].verdict == "vacuous"
    assert "'weave_picture'" in found["VAL-02"].reason


def test_a_silent_cancel_is_settled_in_the_balances_by_the_state_it_met(loom: InProcess) -> None:
    for name in ("cancel_queued", "cancel_running"):
        view = View(played(loom, name), LOOM)
        intervals = [i for found in view.balances.values() for i in found]
        cancelled = [i for i in intervals if any(e.kind == "canceled" for e in i.events)]
        assert cancelled
        assert all(i.exact and i.right for i in cancelled)


def test_a_refusal_that_says_something_else_does_not_count(loom: InProcess) -> None:
    entry = next(r for r in LOOM.refusals if r.name == "text_missing")
    call = next(c for c in View(played(loom, "refusals"), LOOM).calls
                if c.intent.get("refusal") == "text_missing")  # fmt: skip
    assert call.meets(entry.rule)
    assert not call.meets(replace(entry.rule, codes=("no_such_code",)))
    missing = next(c for c in View(played(loom, "headers"), LOOM).calls
                   if c.intent.get("without_header"))  # fmt: skip
    assert missing.status in entry.rule.status
    assert not missing.meets(entry.rule)


def test_a_profile_survives_its_way_into_another_process() -> None:
    docket = Docket(LOOM)
    assert docket.__getstate__()["profile"] == LOOM.file
    assert json.dumps(sorted(docket.__getstate__()["contracts"]))
