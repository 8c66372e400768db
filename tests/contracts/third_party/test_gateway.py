"""Somebody else's program judged: what stock new-api does is not what InfinityBlue documents.

The table is the verdict in full. A line that comes or goes means that the judge has changed its
mind about a program that has not changed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from bodydouble_contracts import runs
from bodydouble_contracts.cli.app import app as commands
from bodydouble_contracts.drivers import outside
from bodydouble_contracts.history.exchanges import Mark
from bodydouble_contracts.judging.judge import Docket
from bodydouble_contracts.judging.verdicts import Judgement
from bodydouble_contracts.vendors.reader import load
from tests.contracts.third_party import gateway

Json = Any
SPEC = "tests.contracts.third_party.gateway:app"
OUTSIDE = replace(runs.EFFORTS["quick"], outside=True, wait_s=100)
KEYS = {"MAIN": "sk-main", "OTHER": "sk-other", "EMPTY": "sk-empty"}
WHY = {
    "RES-01": ("no-such-model", "-> 503"),  # documented: 404 not_found_error
    "RES-02": ("task_0", "-> 400"),  # an unknown task is a 400, documented 404
    "RES-03": ("-X", "/error/code"),  # bodies in envelopes nobody documents
    "RES-05": ("-X", "new_api_error"),  # two envelopes, neither of them the documented one
    "RES-07": ("-X", "'code', 'message', 'data'"),
    "ACC-05": ("task_0", "task_not_exist"),
    "ACC-08": ("KEY_EMPTY", "-> 401"),  # an exhausted key is told that it is no key at all
    "VAL-01": ("no-such-model", "503"),
    "VAL-03": ("-X", "Model name not specified"),
    "VAL-04": ("/v1/videos", "model_not_found"),  # of the vendor's second family it has no model
    "VAL-05": ("/v1/videos", "model_not_found"),
    "VAL-09": ("/v1/videos", "model_not_found"),
    "VAL-08": ('"prompt": 17', "cannot unmarshal"),
    "BIL-07": ("KEY_EMPTY", "Invalid token"),
}
"""Contract broken: a part of the request that shows it, and a part of what was seen."""


class Clock:
    """A clock that moves when somebody waits."""

    def __init__(self) -> None:
        self.now = 1_790_000_000.0
        self.slept = 0.0

    def sleep(self, seconds: float) -> None:
        self.now += 10 * seconds
        self.slept += seconds


@pytest.fixture
def vendor(monkeypatch: pytest.MonkeyPatch) -> gateway.Gateway:
    """A fresh stand-in behind the name that targets are found by, its keys in the environment."""
    clock = Clock()
    purses = {"main": ("alice", 50_000_000), "other": ("bob", 50_000_000), "empty": ("carol", 0)}
    made = gateway.Gateway(purses)
    made.now = lambda: clock.now
    monkeypatch.setattr(gateway, "app", made)
    monkeypatch.setattr(outside, "sleep", clock.sleep)
    for name, key in KEYS.items():
        monkeypatch.setenv(f"BODYDOUBLE_INFINITYBLUE_{name}", key)
    return made


def verdicts(docket: Docket) -> dict[str, list[Judgement]]:
    found: dict[str, list[Judgement]] = {}
    for judgement in docket.judgements():
        found.setdefault(judgement.verdict, []).append(judgement)
    return found


def judged(effort: runs.Effort = OUTSIDE) -> Docket:
    return runs.run(SPEC, [load("infinityblue")], effort=effort).dockets["infinityblue"]


def test_exactly_these_contracts_break_on_stock_new_api_and_for_these_reasons(
    vendor: gateway.Gateway,
) -> None:
    broken = verdicts(judged())["broken"]
    assert {j.contract for j in broken} == set(WHY)
    for judgement in broken:
        asked, seen = WHY[judgement.contract]
        shown = [(e.breach.seen, trace(judgement, n)) for n, e in enumerate(judgement.evidence)]
        assert any(seen in s and asked in t for s, t in shown), (judgement.contract, shown[:3])


def trace(judgement: Judgement, number: int) -> str:
    from bodydouble_contracts.judging.traces import trace_lines

    return "\n".join(trace_lines(judgement.evidence[number], load("infinityblue")))


def test_what_could_not_be_looked_at_is_inconclusive_and_nothing_is_vacuous_or_an_error(
    vendor: gateway.Gateway,
) -> None:
    found = verdicts(judged())
    assert set(found) == {"broken", "held", "inconclusive", "not run", "not applicable"}
    unread = {"JOB-01", "JOB-02", "JOB-05", "JOB-06", "JOB-09", "JOB-20"}
    assert unread <= {j.contract for j in found["inconclusive"]}
    assert {"BIL-04", "BIL-06", "ACC-01", "ACC-03"} <= {j.contract for j in found["held"]}
    assert all(j.count for j in found["held"])


def test_a_refund_the_judge_cannot_see_the_reason_of_is_no_theft(
    vendor: gateway.Gateway,
) -> None:
    vendor.failing = True
    vendor.now = rushing(vendor)
    broken = {j.contract for j in verdicts(judged())["broken"]}
    assert any(t.refunded for t in vendor.tasks.values())
    assert broken == set(WHY)


def rushing(vendor: gateway.Gateway) -> Callable[[], float]:
    """Return a clock on which every request takes five seconds."""
    ticks = iter(range(1_790_000_000, 1_800_000_000, 5))
    return lambda: float(next(ticks))


def test_the_report_names_the_script_the_trace_and_what_was_left_out(
    vendor: gateway.Gateway,
) -> None:
    words = ["run", SPEC, "-p", "infinityblue", "--outside", "--wait-s", "0"]
    told = CliRunner().invoke(commands, words)
    assert told.exit_code == 1, told.output
    assert "in outside unknown_ids, seed 0" in told.output
    assert 'curl -sS -X GET -H "Authorization: Bearer $KEY_MAIN"' in told.output
    assert (
        "not played for want of clock, faults or keys: dead_keys, others_uploads, failure"
        in told.output
    )
    assert f"{len(WHY)} broken" in told.output
    assert "certified" not in told.output
    assert "sk-main" not in told.output
    assert "MISSING" not in told.output


def test_without_the_word_outside_a_foreign_program_is_one_sentence_that_names_it(
    vendor: gateway.Gateway,
) -> None:
    told = CliRunner().invoke(commands, ["run", SPEC, "-p", "infinityblue"])
    assert told.exit_code == 4
    assert told.stderr.count("\n") == 1
    assert "judge it with `run --outside`" in told.stderr


def test_a_key_that_is_not_set_is_one_sentence_that_names_its_variable(
    vendor: gateway.Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("BODYDOUBLE_INFINITYBLUE_MAIN")
    told = CliRunner().invoke(commands, ["run", SPEC, "-p", "infinityblue", "--outside"])
    assert told.exit_code == 4
    assert "set BODYDOUBLE_INFINITYBLUE_MAIN" in told.stderr


def test_without_other_keys_their_scripts_are_left_out_and_said_to_be(
    vendor: gateway.Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("BODYDOUBLE_INFINITYBLUE_OTHER")
    monkeypatch.delenv("BODYDOUBLE_INFINITYBLUE_EMPTY")
    docket = judged()
    left_out = next(n for n in docket.notes if n.startswith("not played"))
    assert "other_account" in left_out
    assert "empty_wallet" in left_out
    unseen = {j.contract for j in verdicts(docket)["inconclusive"]}
    assert {"ACC-03", "BIL-07"} <= unseen


class Leaving:
    """A program that says what a key has left, once, and is gone."""

    def __init__(self, inner: gateway.Gateway) -> None:
        self.inner, self.gone = inner, False

    async def __call__(self, scope: Json, receive: Json, send: Json) -> None:
        if self.gone:
            raise ConnectionResetError
        self.gone = scope["path"] == "/api/usage/token/"
        await self.inner(scope, receive, send)


@pytest.fixture
def leaving(vendor: gateway.Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gateway, "app", Leaving(vendor))


@pytest.mark.usefixtures("leaving")
def test_a_vendor_that_goes_away_is_judged_by_what_it_said_before() -> None:
    docket = judged()
    assert "5 replies in a row" in docket.notes[-1]
    assert docket.notes[-1].endswith("the run ended there")
    assert docket.exchanges < 20
    assert verdicts(docket)["held"]


@pytest.mark.usefixtures("leaving")
def test_a_run_that_was_cut_short_never_passes() -> None:
    words = ["run", SPEC, "-p", "infinityblue", "--outside", "--contracts", "BIL-01"]
    told = CliRunner().invoke(commands, words)
    assert told.exit_code == 4, told.output
    assert "BIL-01" not in told.output  # it held, as far as it went
    assert "1 held" in told.output


def test_a_trace_of_a_foreign_program_is_played_again_on_it_and_shrinks(
    vendor: gateway.Gateway, tmp_path: Path
) -> None:
    words = ["run", SPEC, "-p", "infinityblue", "--outside", "--wait-s", "0"]
    CliRunner().invoke(commands, [*words, "--traces", str(tmp_path)])
    words = ["replay", str(tmp_path / "infinityblue-ACC-05.jsonl"), "--target", SPEC]
    told = CliRunner().invoke(commands, [*words, "--outside", "--minimise"])
    assert told.exit_code == 1, told.output
    assert "steps became 1, " in told.output
    assert "ACC-05 unknown-id" in told.output
    told = CliRunner().invoke(commands, words)
    assert told.exit_code == 4
    assert "with --outside" in told.stderr


def test_every_script_leaves_its_name_in_the_one_history(vendor: gateway.Gateway) -> None:
    docket = judged()
    assert docket.histories == 1
    steps = docket.evidence["ACC-05"][0].history.steps
    names = [s.data["called"] for s in steps if isinstance(s, Mark) and s.name == "script"]
    assert names[0] == "reads"
    assert "samples" in names
