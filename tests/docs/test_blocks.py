"""Every code block of the README and the documentation is run, checked, or marked as output."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT
from tests.docs import checks, sessions
from tests.docs.blocks import CHECKED, Block, blocks, pages
from tests.sampling import few
from tests.vendors.clients import node

ALL = {page.relative_to(ROOT).as_posix(): blocks(page) for page in pages()}
FOUND = [block for found in ALL.values() for block in found]
SESSIONS = {
    name: found for name, found in ALL.items() if any(one.language == "console" for one in found)
}
NODE = {name for name, found in SESSIONS.items() if any("npm " in one.text for one in found)}
INSTALLING = {
    name
    for name, found in SESSIONS.items()
    if any(sessions.INSTALLS.search(one.command) for one in sessions.steps(found) if not one.file)
}
SUITES = {
    name: [one for one in found if one.kind == "python"]
    for name, found in ALL.items()
    if any(one.kind == "python" for one in found)
}
OTHERS = ("--bodydouble-orphans", "ignore")
WORDS: dict[str, tuple[str, ...]] = {
    "docs/testing.md": (),
    "docs/contracts.md": (
        *("-p", "bodydouble_contracts.pytest_plugin"),
        *("--contracts-target", "emulator/smartlyq"),
    ),
}
"""What a page's suite wants on pytest's command line; others leave jobs that nobody fetches."""
LEAST = {"console": 23, "python": 21, "file": 6, "sh": 19, "yaml": 8, "toml": 1}
"""No fewer than these: a block that goes has to be taken out here, too."""


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


@pytest.mark.parametrize(
    "page",
    [
        pytest.param("README.md"),
        *few(sorted(SESSIONS.keys() - NODE - {"README.md"}), 6, mark=pytest.mark.slow),
    ],
)
def test_a_pages_session_happens_again(page: str, tmp_path: Path) -> None:
    assert sessions.play(sessions.steps(SESSIONS[page]), tmp_path) == []


@pytest.mark.slow
@pytest.mark.registry
@pytest.mark.parametrize("page", few(sorted(INSTALLING, reverse=True), 1))
def test_a_page_is_followed_from_nothing(page: str, tmp_path: Path) -> None:
    """In an empty folder, with nothing of ours on the path but what the page itself installs."""
    programs, home = tmp_path / "bin", tmp_path / "mine"
    programs.mkdir()
    home.mkdir()
    if page in NODE:
        for program in ("node", "npm"):
            written = programs / program
            written.write_text(f'#!/bin/sh\nexec {shlex.join(node(program))} "$@"\n')
            written.chmod(0o755)
        (programs / "bodydouble").symlink_to(sessions.BIN / "bodydouble")
    else:
        (programs / "python3").symlink_to(Path(sys.base_prefix) / "bin" / "python3")
    assert sessions.play(sessions.steps(SESSIONS[page]), home, install=True, first=programs) == []


def suites(tmp_path: Path) -> dict[str, str]:
    """What pytest printed of each page's suite; pages that want the same words share a run."""
    told: dict[str, str] = {}
    for number, words in enumerate({WORDS.get(page, OTHERS) for page in SUITES}):
        folder = tmp_path / str(number)
        folder.mkdir()
        mine = [page for page in SUITES if WORDS.get(page, OTHERS) == words]
        for page in mine:
            code = "\n\n".join(one.text for one in SUITES[page])
            (folder / module(page)).write_text(code)
        ran = subprocess.run(
            [
                *(sys.executable, "-m", "pytest", "-q", "-rA", "-p", "no:cacheprovider"),
                *("-p", "no:schemathesis", "-p", "no:hypothesispytest", "-p", "no:xdist"),
                *("-o", "asyncio_mode=auto", "-W", "error::pytest.PytestWarning"),
                *words,
                *map(module, mine),
            ],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
        told |= dict.fromkeys(mine, ran.stdout + ran.stderr)
    return told


def module(page: str) -> str:
    return f"test_{re.sub('[^a-z0-9]', '_', page.lower())}.py"


def test_the_tests_of_every_page_pass_as_printed(tmp_path: Path) -> None:
    told = suites(tmp_path)
    for page, found in SUITES.items():
        code = "\n\n".join(one.text for one in found)
        count = len(re.findall(r"^ *(?:async )?def test_", code, re.MULTILINE))
        assert count, f"{page} shows Python that nothing runs: make it a test, or a session's file"
        passed = re.findall(rf"^PASSED {module(page)}::([\w:]+)", told[page], re.MULTILINE)
        assert len({*passed}) == count, told[page]
        assert not re.search(rf"^(FAILED|ERROR) {module(page)}", told[page], re.MULTILINE)


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
