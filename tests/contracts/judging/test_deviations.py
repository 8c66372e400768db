"""Excuses end: by their date, or by the contract holding again."""

from datetime import date
from pathlib import Path

import pytest

from bodydouble_contracts.contracts.findings import Breach
from bodydouble_contracts.history.exchanges import Exchange, History, Reply, Request
from bodydouble_contracts.judging.catalogue import UnknownContract
from bodydouble_contracts.judging.deviations import DeviationError, excuse, read
from bodydouble_contracts.judging.verdicts import Evidence, Judgement, Verdict
from bodydouble_contracts.vendors.reader import load
from tests.contracts.toy import PROFILE

TODAY = date(2026, 8, 1)
ENTRY = """
[[deviation]]
contract = "BIL-04"
target = "emulator/toy"
reason = "known since spring"
owner = "billing"
first_seen = 2026-05-01
expires = 2026-09-01
"""


def judged(verdict: Verdict, *paths: str) -> Judgement:
    steps = tuple(Exchange(Request("GET", p), Reply(200), 0, 1, 0) for p in paths)
    found = [Evidence(History("toy", steps=steps), Breach((n,), "", "")) for n in range(len(paths))]
    return Judgement("BIL-04", "toy", verdict, 3, evidence=found)


def told(tmp_path: Path, text: str, judgement: Judgement, today: date = TODAY) -> Judgement:
    (tmp_path / "d.toml").write_text(text)
    known = read(tmp_path / "d.toml")
    return excuse([judgement], known, "emulator/toy", load(PROFILE), today)[0]


def test_a_known_breach_is_excused_with_its_reason(tmp_path: Path) -> None:
    found = told(tmp_path, ENTRY, judged("broken", "/api/wallet"))
    assert (found.verdict, found.failing("MUST")) == ("excused", False)
    assert "known since spring" in found.reason


def test_an_excuse_for_what_holds_is_stale_and_fails(tmp_path: Path) -> None:
    found = told(tmp_path, ENTRY, judged("held"))
    assert (found.verdict, found.failing("MAY")) == ("stale", True)


def test_an_expired_excuse_excuses_nothing(tmp_path: Path) -> None:
    found = told(tmp_path, ENTRY, judged("broken", "/api/wallet"), date(2026, 9, 2))
    assert (found.verdict, found.reason) == ("broken", "its excuse ended on 2026-09-01")


def test_an_excuse_for_one_operation_leaves_the_others_broken(tmp_path: Path) -> None:
    text = ENTRY + 'operation = "balance"\n'
    assert told(tmp_path, text, judged("broken", "/api/wallet")).verdict == "excused"
    both = told(tmp_path, text, judged("broken", "/api/wallet", "/api/clips"))
    assert (both.verdict, len(both.evidence)) == ("broken", 1)


def test_another_target_is_not_excused(tmp_path: Path) -> None:
    text = ENTRY.replace("emulator/toy", "live/toy")
    assert told(tmp_path, text, judged("broken", "/api/wallet")).verdict == "broken"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[[deviation]", "is not TOML"),
        ("[other]", "'other'"),
        ('[[deviation]]\ncontract = "BIL-04"', "lacks"),
        (ENTRY + "colour = 1", "unknown member 'colour'"),
        (ENTRY.replace("2026-09-01", '"soon"'), "expires is a date"),
    ],
)
def test_a_broken_file_is_said_in_one_sentence(tmp_path: Path, text: str, sentence: str) -> None:
    (tmp_path / "d.toml").write_text(text)
    with pytest.raises(DeviationError, match=sentence):
        read(tmp_path / "d.toml")


def test_a_pattern_is_no_contract(tmp_path: Path) -> None:
    (tmp_path / "d.toml").write_text(ENTRY.replace("BIL-04", "BIL-*"))
    with pytest.raises(UnknownContract):
        read(tmp_path / "d.toml")
