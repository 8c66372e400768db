"""The command line: what it prints and how it exits."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bodydouble_contracts.cli.app import app
from tests.contracts.toy import PROFILE

RUN = CliRunner()


@pytest.fixture(autouse=True)
def toy_importable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(Path(__file__).parents[1]))


def test_list_prints_every_contract_and_the_version_of_the_catalogue() -> None:
    told = RUN.invoke(app, ["list"])
    assert told.exit_code == 0
    assert "BIL-04" in told.output
    assert "catalogue" in told.output


def test_a_reader_who_has_seen_enough_is_no_error() -> None:
    command = [sys.executable, "-c", "from bodydouble_contracts.cli.app import app; app(['list'])"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""


def test_explain_names_the_mutants_a_contract_must_convict() -> None:
    told = RUN.invoke(app, ["explain", "bil-08"])
    assert told.exit_code == 0
    assert "B01" in told.output


def test_a_run_on_an_honest_target_exits_0_and_counts() -> None:
    told = RUN.invoke(app, ["run", "toy:app", "-p", PROFILE])
    assert told.exit_code == 0, told.output
    assert "failing 0" in told.output


def test_a_run_on_a_guilty_target_exits_1_with_sentence_source_and_trace(tmp_path: Path) -> None:
    (tmp_path / "guilty.py").write_text(
        "from toy import Toy\n"
        "from bodydouble_contracts.mutants.matrix import own_mutants\n"
        "from bodydouble_contracts.vendors.reader import load\n"
        f"made = next(m for m in own_mutants() if m.id == 'B01')(load({PROFILE!r}))\n"
        "app = made.wrap(Toy())\n"
    )
    sys.path.insert(0, str(tmp_path))
    told = RUN.invoke(app, ["run", "guilty:app", "-p", PROFILE])
    sys.path.remove(str(tmp_path))
    assert told.exit_code == 1
    assert "A failed job is refunded once, as the vendor promises" in told.output
    assert "curl -sS -X" in told.output


@pytest.mark.parametrize(
    ("args", "code"),
    [
        (["explain", "BIX-1"], 2),
        (["run", "--tier", "9"], 2),
        (["run", "toy:app", "-p", "nobody.yaml"], 2),
        (["run", "http://127.0.0.1:9", "-p", PROFILE], 4),
        (["run", "nowhere:app", "-p", PROFILE], 4),
    ],
)
def test_what_people_can_mend_is_one_sentence_and_a_code(args: list[str], code: int) -> None:
    told = RUN.invoke(app, args)
    assert told.exit_code == code
    assert "Traceback" not in told.output


def test_importing_the_plugin_imports_nothing_but_pytest() -> None:
    code = (
        "import sys, pytest; before = set(sys.modules);"
        "import bodydouble_contracts.pytest_plugin;"
        "new = {m.partition('.')[0] for m in set(sys.modules) - before};"
        "assert new <= {'bodydouble_contracts', 'pytest', '_pytest'}, new"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_judge_never_imports_the_emulator() -> None:
    code = (
        "import sys, pkgutil, importlib, bodydouble_contracts as u;"
        "sys.modules['bodydouble'] = None;"
        "found = pkgutil.walk_packages(u.__path__, u.__name__ + '.');"
        "[importlib.import_module(m.name) for m in found if not m.name.endswith('__main__')]"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_pytest_items_are_named_by_contract_and_target() -> None:
    here = Path(__file__).parents[1]
    told = subprocess.run(
        [
            sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-o", "addopts=", "-q",
            "-p", "bodydouble_contracts.pytest_plugin", "--contracts-target", "toy=toy:app/toy",
            "--co", str(here / "history" / "test_exchanges.py"),
        ],
        capture_output=True, text=True, check=False, cwd=here,
    )  # fmt: skip
    assert "no profile 'toy'" in told.stdout + told.stderr
