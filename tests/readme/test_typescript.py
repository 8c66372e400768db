"""The TypeScript example runs where it was copied to, by the commands that are shown to people.

Those stand in its README and in `examples/ci`; no pipeline is run here.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.vendors import clients

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "typescript"
CI = ROOT / "examples" / "ci"
INSTALL, TYPES, TESTS = COMMANDS = ["npm ci", "npm run types", "npm test"]
PYTHON = "python -m pytest -q"  # how test_examples.py runs the other example


def npm(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """``npm …`` in a folder, with this environment's Node and bodydouble first on the path."""
    program = clients.node("npm")
    temporary = folder / "temporary"
    temporary.mkdir(exist_ok=True)
    near = (str(Path(sys.executable).parent), str(Path(clients.node("node")[0]).parent))
    return subprocess.run(
        [*program, *command.split()[1:]],
        capture_output=True,
        text=True,
        cwd=folder,
        timeout=clients.SECONDS_MAX,
        check=False,
        env={
            **os.environ,
            "PATH": os.pathsep.join((*near, os.environ["PATH"])),
            "TMPDIR": str(temporary),
            "NO_COLOR": "1",
        },
    )


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example with what its lockfile names, somewhere else."""
    folder = tmp_path_factory.mktemp("typescript") / "mine"
    shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns("node_modules"))
    clients.run(*clients.node("npm"), *INSTALL.split()[1:], "--prefix", str(folder))
    return folder


@pytest.mark.registry
@pytest.mark.slow
def test_it_is_typed_and_passes_and_leaves_no_server_behind(copied: Path) -> None:
    typed = npm(TYPES, copied)
    assert typed.returncode == 0, typed.stdout + typed.stderr
    ran = npm(TESTS, copied)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert re.search(r"Tests +7 passed \(7\)", ran.stdout), ran.stdout
    # The folder of its ready file goes when the server has ended.
    assert list((copied / "temporary").glob("bodydouble-*")) == []


@pytest.mark.registry
@pytest.mark.slow
def test_its_types_are_those_of_the_control_planes_document(copied: Path) -> None:
    made = copied / "bodydouble" / "fresh.d.ts"
    document = str(ROOT / "openapi" / "control.yaml")
    scripts = json.loads((EXAMPLE / "package.json").read_text("utf-8"))["scripts"]
    words = scripts["generate"].replace("../../openapi/control.yaml", document)
    words = words.replace("bodydouble/control.d.ts", str(made))
    assert document in words
    assert str(made) in words
    ran = npm(f"npm exec --offline -- {words}", copied)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    committed = EXAMPLE / "bodydouble" / "control.d.ts"
    if "BODYDOUBLE_TYPES" in os.environ:
        committed.write_text(made.read_text("utf-8"), "utf-8")
    assert made.read_text("utf-8") == committed.read_text("utf-8"), "run it with BODYDOUBLE_TYPES=1"


@pytest.mark.registry
@pytest.mark.slow
def test_a_server_that_does_not_start_is_told_of(copied: Path) -> None:
    file = copied / "bodydouble" / "server.ts"
    usual = file.read_text("utf-8")
    file.write_text(usual.replace('"--quiet"', '"--no-such-option"'), "utf-8")
    try:
        ran = npm(TESTS, copied)
    finally:
        file.write_text(usual, "utf-8")
    assert ran.returncode == 1
    assert "bodydouble ended with 2" in ran.stdout + ran.stderr


def test_its_clients_are_versions_that_are_tested_here_and_no_registry_is_named() -> None:
    package = json.loads((EXAMPLE / "package.json").read_text("utf-8"))
    known = {(one.package, one.version) for one in clients.listed() if one.language == "node"}
    named = {one.package for one in clients.listed() if one.language == "node"}
    driven = {(name, at) for name, at in package["devDependencies"].items() if name in named}
    assert len(driven) >= 2
    assert driven <= known
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", at) for at in package["devDependencies"].values())
    lock = (EXAMPLE / "package-lock.json").read_text("utf-8")
    assert '"integrity"' in lock
    assert '"resolved"' not in lock, "npm install --omit-lockfile-registry-resolved"


def test_ci_files_run_what_is_run_here() -> None:
    github = yaml.safe_load((CI / "github.yml").read_text("utf-8"))
    gitlab = yaml.safe_load((CI / "gitlab.yml").read_text("utf-8"))
    assert github[True] == ["push", "pull_request"]  # what YAML 1.1 makes of `on`
    assert github["permissions"] == {"contents": "read"}
    wanted = {"python": [PYTHON], "typescript": COMMANDS}
    assert set(github["jobs"]) == set(gitlab) == set(wanted)
    for name, commands in wanted.items():
        steps = github["jobs"][name]["steps"]
        assert all(set(step) <= {"uses", "with", "run"} for step in steps)
        assert all(("uses" in step) != ("run" in step) for step in steps)
        install, *rest = [step["run"] for step in steps if "run" in step]
        assert rest == commands
        assert gitlab[name]["before_script"] == [install]
        assert gitlab[name]["script"] == commands
        assert "@ git+https" in install
    told = re.search(r"```\w*\n(.*?)```", (EXAMPLE / "README.md").read_text("utf-8"), re.S)
    assert told is not None
    assert told[1].splitlines() == COMMANDS
