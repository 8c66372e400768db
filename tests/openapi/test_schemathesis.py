"""Schemathesis, run as its users run it, finds nothing between the served documents and the server.

Its own command, over a socket, with the configuration that the documentation ships.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bodydouble import providers
from bodydouble.client import Control
from tests.cli.shell import serving
from tests.hostile.targets import judged

CONFIG = Path(__file__).parents[2] / "docs" / "schemathesis.toml"
ST = str(Path(sys.executable).parent / "st")
FAST = 3000  # virtual seconds in a real one: rate limits pass by


@pytest.fixture(scope="module")
def control() -> Iterator[Control]:
    with serving("--quiet") as told, Control(told["url"]) as client:
        yield client


# At every landing a little of what is drawn; at night all that its users' runs do.
BRIEF = ("--phases", "examples,fuzzing", "--max-examples", "2")
WHOLE = ("--max-examples", "12")


def found(
    control: Control, name: str, scenario: str, folder: Path, effort: tuple[str, ...]
) -> tuple[int, str]:
    """Exit code and output of a run over one served document."""
    words = [ST, "--config-file", str(CONFIG), "run", f"{control.url}/{name}/openapi.json"]
    if name in providers.names():
        sandbox = control.create_sandbox(
            rate=FAST,
            scenario=scenario,
            balance={name: "1000000"},
            quirks=judged(name),
            seed=1,
        )
        for header, value in providers.load(name).key_headers(sandbox["keys"][name]).items():
            words += ["-H", f"{header}: {value}"]
    run = subprocess.run(
        [*words, *effort, "--seed", "1"],
        capture_output=True,
        text=True,
        timeout=300,
        cwd=folder,
        check=False,
    )
    return run.returncode, run.stdout + run.stderr


@pytest.mark.sampled(3)
@pytest.mark.parametrize("name", [*providers.names(), "_bodydouble"])
@pytest.mark.parametrize(
    "effort", [BRIEF, pytest.param(WHOLE, marks=pytest.mark.nightly)], ids=["brief", "whole"]
)
def test_a_plain_run_against_a_running_server_reports_nothing(
    name: str, effort: tuple[str, ...], control: Control, tmp_path: Path
) -> None:
    code, told = found(control, name, "normal", tmp_path, effort)
    assert code == 0, told[-6000:]
    assert " passed" in told


def test_it_does_report_a_server_that_breaks_its_document(control: Control, tmp_path: Path) -> None:
    code, told = found(control, "smartlyq", "outage", tmp_path, BRIEF)
    assert code == 1
    assert "Server error" in told
