"""Mutants that somebody else wrote, tried by the same command as ours."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bodydouble_contracts.cli.app import app

HERE = Path(__file__).parents[1]
TOY = str(HERE / "toy.yaml")
MODULE = """
from bodydouble_contracts.mutants import Answer, Ask, Mutant, mutant


@mutant("S01", "a clip that was done is busy again when looked at twice", ["JOB-02"])
class Relapse(Mutant):
    def reset(self) -> None:
        self.done: set[str] = set()

    def response(self, req: Ask, resp: Answer) -> None:
        if self.does(req, "read") and self.word(req, resp) == "succeeded":
            if self.param(req) in self.done:
                self.write(req, resp, "state", self.raw("running"))
            self.done.add(self.param(req))


@mutant("S02", "a header nobody asked for", ["RES-03", "JOB-02"])
class Harmless(Mutant):
    def response(self, req: Ask, resp: Answer) -> None:
        resp.headers["x-harmless"] = "1"


@mutant("S03", "forgets to announce", ["HOK-01"], needs=("webhooks",))
class Mute(Mutant):
    pass


@mutant("S04", "names nobody", [])
class Aimless(Mutant):
    pass


@mutant("S05", "names somebody who is not there", ["JOB-99"])
class Misspelled(Mutant):
    pass


@mutant("S06", "falls over", ["RES-01"])
class Clumsy(Mutant):
    def response(self, req: Ask, resp: Answer) -> None:
        raise KeyError("mine")


GUILTY = [Relapse]
CRASHING = [Relapse, Clumsy]
BOTH = [Relapse, Harmless]
MUTANTS = (Relapse, Mute)
NUMBER = 7
TEXT = "Relapse"
EMPTY: list[type[Mutant]] = []
MIXED = [Relapse, "Harmless"]
MADE = [Relapse()]
ODD = [int]
AIMLESS = [Aimless]
MISSPELLED = [Misspelled]
"""


@pytest.fixture(autouse=True)
def foreign_modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A module somewhere on the path; workers find it, too."""
    (tmp_path / "foreign_mutants.py").write_text(MODULE)
    (tmp_path / "module_that_breaks.py").write_text("raise RuntimeError('not today')\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.syspath_prepend(str(HERE))


def mutants(listed: str) -> Result:
    words = ["mutants", "toy:app", "-p", TOY, "--directed", "--mutants", listed]
    return CliRunner().invoke(app, words)


def test_a_mutant_of_somebody_elses_is_killed_by_the_contract_it_names() -> None:
    told = mutants("foreign_mutants:GUILTY")
    assert told.exit_code == 0, told.output
    row = next(line for line in told.output.splitlines() if line.startswith("S01"))
    assert "1/1" in row
    assert "JOB-02" in row
    assert "FAIL" not in told.output


def test_a_harmless_mutant_survives_and_is_said_to_in_one_sentence() -> None:
    told = mutants("foreign_mutants:BOTH")
    assert told.exit_code == 1
    survived = [line for line in told.output.splitlines() if line.startswith("survived")]
    assert survived == [
        "survived: S02 of toy: a header nobody asked for: RES-03, JOB-02 held in every run (1); "
        "either it does no harm, or a contract is missing"
    ]
    assert "pairs killed in at least one seed: 1 of 2 (50.0%)" in told.output


def test_a_mutant_that_crashes_is_an_error_and_no_kill() -> None:
    told = mutants("foreign_mutants:CRASHING")
    assert told.exit_code == 1
    assert "FAIL  mutants that crashed: S06 of toy: KeyError: 'mine'" in told.output
    assert "pairs killed in at least one seed: 1 of 2 (50.0%)" in told.output
    assert "survived: S06" not in told.output


def test_a_mutant_no_vendor_can_have_is_said_to_be_untried_and_the_list_may_be_left_unnamed() -> (
    None
):
    told = mutants("foreign_mutants")
    assert told.exit_code == 0, told.output
    assert "not tried: S03 forgets to announce: no vendor can do what it needs" in told.output


@pytest.mark.parametrize(
    ("listed", "part"),
    [
        ("no_such_module:BOTH", "'no_such_module' cannot be imported: No module named"),
        ("module_that_breaks:BOTH", "cannot be imported: not today"),
        (":BOTH", "name it as module:LIST"),
        ("foreign_mutants:ABSENT", "has no 'ABSENT': name it as module:LIST"),
        ("foreign_mutants:NUMBER", "is of type int, not a list of Mutant classes"),
        ("foreign_mutants:TEXT", "is of type str, not a list of Mutant classes"),
        ("foreign_mutants:EMPTY", "is empty, not a list of Mutant classes"),
        ("foreign_mutants:MIXED", "'Harmless' in foreign_mutants:MIXED is no mutant"),
        ("foreign_mutants:MADE", "is no mutant: list classes of"),
        ("foreign_mutants:ODD", "<class 'int'> in foreign_mutants:ODD is no mutant"),
        ("foreign_mutants:AIMLESS", "Aimless in foreign_mutants:AIMLESS names no contract"),
        ("foreign_mutants:MISSPELLED", "no contract 'JOB-99'"),
    ],
)
def test_what_is_no_list_of_mutants_is_one_sentence_and_a_2(listed: str, part: str) -> None:
    told = mutants(listed)
    assert told.exit_code == 2, told.output
    assert part in told.stderr
    assert told.stderr.count("\n") == 1
    assert not told.stdout
