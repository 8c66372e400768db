"""Every code block of the README and the documentation is run, checked, or marked as output."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT
from tests.docs import checks, sessions
from tests.docs.blocks import CHECKED, RUN, SHOWN, Block, blocks, pages

ALL = {page.relative_to(ROOT).as_posix(): blocks(page) for page in pages()}
FOUND = [block for found in ALL.values() for block in found]
SESSIONS = {
    name: found for name, found in ALL.items() if any(one.language == "console" for one in found)
}
NODE = {name for name, found in SESSIONS.items() if any("npm " in one.text for one in found)}
SUITES = {
    name: [one for one in found if one.kind == "python"]
    for name, found in ALL.items()
    if any(one.kind == "python" for one in found)
}
WORDS: dict[str, tuple[str, ...]] = {
    "docs/contracts.md": (
        *("-p", "bodydouble_contracts.pytest_plugin"),
        *("--contracts-target", "emulator/smartlyq"),
    )
}
"""What a page says that its own suite wants on pytest's command line."""
LEAST = {"console": 1, "python": 12, "sh": 1, "yaml": 3, "toml": 1}
"""No fewer than these: a block that goes has to be taken out here, too."""


def test_no_block_is_of_a_kind_that_nothing_is_done_to() -> None:
    known = {*RUN, *CHECKED, *SHOWN}
    assert [str(one) for one in FOUND if not one.file and one.language not in known] == []


def test_no_block_is_overlooked() -> None:
    fences = sum(
        len(re.findall(r"^ *```", page.read_text("utf-8"), re.MULTILINE)) for page in pages()
    )
    assert fences == 2 * len([one for one in FOUND if "docs/cues.md" not in str(one)])
    counted = Counter(one.kind for one in FOUND)
    assert {kind: counted[kind] for kind in LEAST if counted[kind] < LEAST[kind]} == {}
    run = sum(len(one) for one in (*SUITES.values(), *SESSIONS.values()))
    assert run >= counted["console"] + counted["python"] + counted["file"]


@pytest.mark.parametrize(
    "block", [one for one in FOUND if not one.file and one.language in CHECKED], ids=str
)
def test_what_is_not_run_is_ours_all_the_same(block: Block) -> None:
    assert list(checks.problems(block)) == []


@pytest.mark.parametrize("page", sorted(SESSIONS.keys() - NODE))
def test_a_pages_session_happens_again(page: str, tmp_path: Path) -> None:
    assert sessions.play(sessions.steps(SESSIONS[page]), tmp_path) == []


@pytest.mark.parametrize("page", sorted(SUITES))
def test_a_pages_tests_pass_as_printed(page: str, tmp_path: Path) -> None:
    code = "\n\n".join(one.text for one in SUITES[page])
    count = len(re.findall(r"^ *(?:async )?def test_", code, re.MULTILINE))
    assert count, f"{page} shows Python that nothing runs: make it a test, or a file of a session"
    (tmp_path / "test_page.py").write_text(code)
    ran = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "-rA", "-p", "no:cacheprovider"),
            *("-p", "no:schemathesis", "-p", "no:hypothesispytest", "-p", "no:xdist"),
            *("-o", "asyncio_mode=auto", "-W", "error::pytest.PytestWarning"),
            *WORDS.get(page, ()),
            "test_page.py",
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert len(re.findall(r"^PASSED test_page\.py", ran.stdout, re.MULTILINE)) == count, ran.stdout


def test_output_that_differs_is_noticed(tmp_path: Path) -> None:
    def found(text: str) -> list[str]:
        return sessions.play(sessions.steps([Block("p", 1, "console", "", text)]), tmp_path)

    assert found("$ echo a b c\na … c\n") == []
    assert found("$ printf 'a\\nb\\nc\\n'\na\n…\nc\n") == []
    assert found("$ printf 'c\\n'\n…\nc\n") == []
    assert len(found("$ echo a b c\na … d\n")) == 1
    assert len(found("$ printf 'a\\nb\\n'\na\n")) == 1
    assert len(found("$ exit 3\n$ echo a\n")) == 1


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("bodydouble serve --prot 1", "no option --prot"),
        ("bodydouble clocks", "no command clocks"),
        ("bodydouble clock advanced 1s", "no command advanced"),
        ("BODYDOUBLE_PORT=1 bodydouble serve --json | jq", ""),
        ("bodydouble-contracts run --outside x", ""),
        ("bodydouble-contracts run --inside x", "no option --inside"),
        ("make dcos", "no target dcos"),
        ("curl --prot x", ""),
    ],
)
def test_a_command_that_is_not_ours_is_found(line: str, problem: str) -> None:
    found = list(checks.command_problems(line))
    assert bool(found) == bool(problem)
    assert all(problem in one for one in found)
