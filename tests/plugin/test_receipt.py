"""What the suite would have cost: in the terminal, as JSON, and put together from four workers."""

from __future__ import annotations

import json

import pytest

from bodydouble.testing.spending import Limit, Spend
from tests.plugin.suite import HEAD, QUIET, run

pytest_plugins = ["pytester"]


def test_a_suite_that_behaves_passes_and_is_told_what_it_would_have_cost(
    pytester: pytest.Pytester,
) -> None:
    result = run(pytester, "def test_it(bodydouble): film(bodydouble); bodydouble.lint()")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["*would have cost 0.0700 USD at smartlyq (1 charges of 0.0700)"])


def test_a_suite_that_spends_nothing_hears_of_no_cost(pytester: pytest.Pytester) -> None:
    result = run(pytester, "def test_it(bodydouble): bodydouble.clock.advance(1)")
    result.assert_outcomes(passed=1)
    result.stdout.no_fnmatch_line("*would have cost*")


def test_the_receipt_is_written_by_vendor_and_by_test(pytester: pytest.Pytester) -> None:
    body = """
def test_one(bodydouble): film(bodydouble)

def test_two(bodydouble):
    film(bodydouble)
    with bodydouble.leonardo.client() as client:
        client.post("/generations-text-to-video", json={"prompt": "x"}).raise_for_status()
"""
    run(pytester, body, "--bodydouble-receipt", "receipt.json").assert_outcomes(
        passed=2, warnings=1
    )
    receipt = json.loads((pytester.path / "receipt.json").read_text())
    first, second = receipt["vendors"]
    assert first["provider"] == "leonardo"
    assert (second["provider"], second["net"]) == ("smartlyq", "0.1400")
    assert [test["test"].rpartition("::")[2] for test in receipt["tests"]] == [
        "test_one",
        "test_two",
    ]


def test_four_workers_run_the_suite_and_share_one_receipt(pytester: pytest.Pytester) -> None:
    body = """
@pytest.mark.parametrize("n", range(8))
def test_it(bodydouble, n):
    assert httpx.get(bodydouble.smartlyq.base_url + "/me", headers=bodydouble.smartlyq.headers)
    film(bodydouble)
"""
    pytester.makepyfile(HEAD + body)
    result = pytester.runpytest_subprocess(
        *QUIET, "-n", "4", "--bodydouble-receipt", "receipt.json"
    )
    result.assert_outcomes(passed=8)
    result.stdout.fnmatch_lines(["*would have cost 0.5600 USD at smartlyq (8 charges of 0.5600)"])
    receipt = json.loads((pytester.path / "receipt.json").read_text())
    assert receipt["vendors"][0]["charges"] == 8
    assert len(receipt["tests"]) == 8


def test_a_receipt_that_cannot_be_written_is_said_before_anything_runs(
    pytester: pytest.Pytester,
) -> None:
    pytester.makepyfile("def test_it(): pass")
    result = pytester.runpytest_subprocess(*QUIET, "--bodydouble-receipt", "no/such/folder/r.json")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*--bodydouble-receipt no/such/folder/r.json cannot be written*"])


@pytest.mark.parametrize("most", ["much", {"nobody": "1"}, {"smartlyq": "-1"}])
def test_a_limit_that_could_never_be_reached_is_refused(most: Limit) -> None:
    with pytest.raises(ValueError, match=r"no amount|no provider"):
        Spend().assert_at_most(most)
