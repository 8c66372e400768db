"""The judge's own pytest items, its fixture and its assertion, as a user's session sees them."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from bodydouble_contracts.pytest_plugin import split

pytest_plugins = ["pytester"]
HERE = Path(__file__).parent
TOY = HERE / "toy.yaml"
ALONE = (
    *("-p", "no:cacheprovider", "-p", "no:schemathesis", "-p", "no:hypothesispytest"),
    *("-p", "no:asyncio", "-p", "bodydouble_contracts.pytest_plugin"),
)
GUILTY = f"""
from toy import Toy
from bodydouble_contracts.mutants.matrix import own_mutants
from bodydouble_contracts.vendors.reader import load

thief = next(m for m in own_mutants() if m.id == "B01")
app = thief(load({str(TOY)!r})).wrap(Toy())
"""
SUITE = f"""
import pytest

from bodydouble_contracts.drivers.directed import play_all
from bodydouble_contracts.judging.judge import assert_contracts
from bodydouble_contracts.vendors.reader import load

PROFILE = load({str(TOY)!r})


def test_a_failed_clip_is_refunded(contract_target):
    assert_contracts(play_all(contract_target, PROFILE, only="failure"), PROFILE, "BIL-08")


def test_a_clip_goes_its_way(contract_target):
    assert_contracts(play_all(contract_target, PROFILE, only="to_the_end"), PROFILE)
"""


@pytest.fixture
def suite(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A user's project: the toy and a guilty toy can be imported, one test passes by itself."""
    monkeypatch.syspath_prepend(str(HERE))
    pytester.syspathinsert()
    pytester.makepyfile(guilty=GUILTY)
    pytester.makepyfile(test_own="def test_own(): pass\n")
    return pytester


def session(suite: pytest.Pytester, *words: str) -> pytest.RunResult:
    return suite.runpytest_inprocess(*ALONE, *words)


def test_without_a_target_there_are_no_items(suite: pytest.Pytester) -> None:
    session(suite).assert_outcomes(passed=1)


def test_every_contract_is_an_item_and_an_honest_target_turns_them_green(
    suite: pytest.Pytester,
) -> None:
    told = session(suite, "-v", "--contracts-target", f"toy=toy:app/{TOY}")
    outcomes = told.parseoutcomes()
    assert not {"failed", "errors"} & set(outcomes), told.stdout.str()
    assert outcomes["passed"] > 60
    told.stdout.fnmatch_lines(["*BIL-04?toy/toy? PASSED*"])
    told.stdout.fnmatch_lines(["*HOK-01?toy/toy? SKIPPED*not applicable*"])


@pytest.mark.skipif(importlib.util.find_spec("bodydouble") is None, reason="no emulator")
def test_the_emulator_is_green_in_process_for_one_vendor(suite: pytest.Pytester) -> None:
    # A test of the user's comes first, and the application it gets is the one that is judged.
    suite.makepyfile(test_a="def test_own_first(contract_target): assert contract_target")
    # A process of its own: what the judge sets in the environment for the emulator stays there.
    meant = "BIL or JOB or ACC or own"
    words = (*ALONE, "-q", "--contracts-target", "emulator/smartlyq", "-k", meant)
    told = suite.runpytest_subprocess(*words, "-rA", timeout=120)
    outcomes = told.parseoutcomes()
    assert not {"failed", "errors"} & set(outcomes), told.stdout.str()
    told.stdout.fnmatch_lines(["PASSED *BIL-04?emulator/smartlyq?"])
    assert outcomes["passed"] > 25


def test_a_broken_target_fails_with_sentence_source_and_trace_and_without_our_stack(
    suite: pytest.Pytester,
) -> None:
    told = session(suite, "--contracts-target", f"mine=guilty:app/{TOY}", "-k", "BIL-08 or VAL-01")
    told.assert_outcomes(passed=1, failed=1, deselected=told.parseoutcomes()["deselected"])
    told.stdout.fnmatch_lines(
        [
            "*BIL-08?mine/toy?*",
            "BIL-08 failure-is-refunded ?MUST? broken for Toy",
            "  A failed job is refunded once, as the vendor promises for its reason.",
            "  source: *",
            "  in directed failure, seed 0, steps *",
            '    curl -sS -X GET -H "Authorization: Token $KEY_MAIN" "$BASE"/api/wallet   # 200',
            "  expected: *",
            "  seen: *",
        ]
    )
    told.stdout.no_fnmatch_line("*Traceback*")
    told.stdout.no_fnmatch_line("*def runtest*")


def test_the_tier_limits_what_is_played_and_the_rest_is_skipped_with_its_reason(
    suite: pytest.Pytester,
) -> None:
    words = ("--contracts-target", f"toy:app/{TOY}", "--contracts-tier", "0", "-k", "BIL-08")
    told = session(suite, *words, "-rs")
    assert told.parseoutcomes()["skipped"] == 1
    told.stdout.fnmatch_lines(["*not run: it is of tier E*"])


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (("--contracts-target", "toy:app/nobody"), "*there is no profile 'nobody'*"),
        (("--contracts-target", "toy:app/absent.yaml"), "*there is no profile 'absent.yaml'*"),
        (
            ("--contracts-target", f"toy:app/{TOY}", "--contracts-tier", "9"),
            "*--contracts-tier is 0, 1, 2, 3 or E, not '9'*",
        ),
    ],
)
def test_what_is_misspelled_is_a_usage_error_of_one_sentence(
    suite: pytest.Pytester, words: tuple[str, ...], part: str
) -> None:
    told = session(suite, *words)
    assert told.ret == pytest.ExitCode.USAGE_ERROR
    told.stderr.fnmatch_lines([part])


def test_a_target_that_cannot_be_used_fails_each_item_with_the_same_sentence(
    suite: pytest.Pytester,
) -> None:
    words = ("--contracts-target", f"nowhere:app/{TOY}", "-k", "BIL-04 or BIL-08")
    told = session(suite, *words)
    assert told.parseoutcomes()["failed"] == 2
    told.stdout.fnmatch_lines(["nowhere:app was not judged: cannot import 'nowhere'*"])
    told.stdout.no_fnmatch_line("*Traceback*")


def test_a_program_that_is_not_ours_is_judged_from_outside(
    suite: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, key in (("MAIN", "main"), ("OTHER", "other"), ("EMPTY", "empty")):
        monkeypatch.setenv(f"BODYDOUBLE_INFINITYBLUE_{name}", f"sk-{key}")
    monkeypatch.syspath_prepend(str(HERE / "third_party"))
    words = ("--contracts-target", "gateway=gateway:app/infinityblue", "--contracts-outside")
    told = session(suite, *words, "-rs", "-k", "ACC-05 or ACC-01 or LIM-06")
    told.assert_outcomes(
        passed=1, failed=1, skipped=1, deselected=told.parseoutcomes()["deselected"]
    )
    told.stdout.fnmatch_lines(["ACC-05 unknown-id ?MUST? broken for InfinityBlue"])
    told.stdout.fnmatch_lines(["*inconclusive: no reply was refused for too many requests*"])


def test_a_users_own_test_asserts_contracts_of_what_its_fixture_drove(
    suite: pytest.Pytester,
) -> None:
    suite.makepyfile(test_mine=SUITE)
    told = session(suite, "--contracts-target", f"toy:app/{TOY}", "-k", "clip")
    told.assert_outcomes(passed=2, deselected=told.parseoutcomes()["deselected"])
    told = session(suite, "--contracts-target", f"guilty:app/{TOY}", "-k", "clip")
    told.assert_outcomes(passed=1, failed=1, deselected=told.parseoutcomes()["deselected"])
    told.stdout.fnmatch_lines(
        [
            "E*AssertionError: BIL-08 failure-is-refunded ?MUST? broken for Toy",
            "E*A failed job is refunded once, as the vendor promises for its reason.",
            "E*source: *",
            "E*curl -sS -X *",
        ]
    )


def test_without_a_target_the_fixture_skips(suite: pytest.Pytester) -> None:
    suite.makepyfile(test_mine=SUITE)
    told = session(suite, "-rs")
    told.assert_outcomes(passed=1, skipped=2)
    told.stdout.fnmatch_lines(["*no --contracts-target*"])


@pytest.mark.parametrize(
    ("spec", "target", "provider"),
    [
        ("emulator", "bodydouble.asgi:app", ""),
        ("emulator/smartlyq", "bodydouble.asgi:app", "smartlyq"),
        ("my_mock:app", "my_mock:app", ""),
        ("my_mock:app/smartlyq", "my_mock:app", "smartlyq"),
        ("my_mock:app/profiles/mine.yaml", "my_mock:app", "profiles/mine.yaml"),
        ("my_mock:app//etc/mine.yml", "my_mock:app", "/etc/mine.yml"),
        ("http://127.0.0.1:4010", "http://127.0.0.1:4010", ""),
        ("http://127.0.0.1:4010/smartlyq", "http://127.0.0.1:4010", "smartlyq"),
        ("http://mock.local/v1.5", "http://mock.local/v1.5", ""),
        ("http://127.0.0.1:4010/mine.yaml", "http://127.0.0.1:4010", "mine.yaml"),
    ],
)
def test_a_target_and_its_vendor_are_told_apart(spec: str, target: str, provider: str) -> None:
    assert split(spec) == (target, provider)
