"""Who may import whom, as `pyproject.toml` says it under `tool.importlinter`, checked for real.

The contracts are checked on the tree as it is, and again on a copy in which every one of them has
been broken on purpose: a contract that cannot convict is worth nothing.
"""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from bodydouble.providers import names
from tests.architecture import tree

PYPROJECT = tree.ROOT / "pyproject.toml"

HERE, THERE, *_ = names()

# Contract to (file of the copy, line added to it). Each line breaks at least its own contract.
VIOLATIONS = {
    "floors": ("emulator/bodydouble/core/money/amounts.py", "import bodydouble.stores"),
    "judge-floors": (
        "contracts/bodydouble_contracts/history/pointers.py",
        "import bodydouble_contracts.reading",
    ),
    "doors": ("emulator/bodydouble/web/keys/registry.py", "import bodydouble.web.app"),
    "vendors": (f"emulator/bodydouble/providers/{HERE}/__init__.py", f"from .. import {THERE}"),
    "ground": ("emulator/bodydouble/core/clock.py", "import time"),
    "rooms": ("emulator/bodydouble/sandbox/open_sandbox.py", "import starlette.responses"),
    "drivers": ("emulator/bodydouble/web/__init__.py", "import redis"),
    "people": ("emulator/bodydouble/client.py", "import starlette"),
    "street-emulator": (
        "emulator/bodydouble/sandbox/open_sandbox.py",
        "import bodydouble_contracts",
    ),
    "street-judge": ("contracts/bodydouble_contracts/__init__.py", "import bodydouble.core"),
}


EMULATOR, JUDGE = "emulator/bodydouble", "contracts/bodydouble_contracts"
PLANTED = {
    "to a neighbour": (
        (f"{EMULATOR}/sandbox/open_sandbox.py", "import bodydouble.providers"),
        (f"{JUDGE}/judging/verdicts.py", "import bodydouble_contracts.targets.target"),
    ),
    "upward inside a function": (
        (f"{EMULATOR}/core/clock.py", "def _later() -> None:\n    import bodydouble.web"),
        (f"{JUDGE}/runs.py", "def _later() -> None:\n    import bodydouble_contracts.cli.app"),
    ),
    "upward for types alone": (
        (f"{EMULATOR}/core/clock.py", "if TYPE_CHECKING:\n    import bodydouble.stores"),
        (f"{JUDGE}/reading/calls.py", "if TYPE_CHECKING:\n    import bodydouble_contracts.drivers"),
    ),
    "a module on no floor": (
        (f"{EMULATOR}/attic.py", '"""On no floor."""'),
        (f"{JUDGE}/attic.py", '"""On no floor."""'),
    ),
}
"""Kind of violation to what breaks the floors of the emulator and of the judge in that way."""


def lint_imports(root: Path) -> str:
    """Run import-linter over the packages below `root`; return what it printed."""
    sources = os.pathsep.join(str(root / top) for top in tree.SOURCE_ROOTS)
    command = "from importlinter.cli import lint_imports_command as run; run()"
    done = subprocess.run(
        [sys.executable, "-c", command, "--config", str(PYPROJECT), "--no-cache", "--no-logo"],
        cwd=root,
        env={**os.environ, "PYTHONPATH": sources, "NO_COLOR": "1", "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    return done.stdout + done.stderr


def verdicts(printed: str) -> dict[str, str]:
    """Read (contract id, KEPT or BROKEN) out of what import-linter printed."""
    ids = {contract["name"]: contract["id"] for contract in contracts()}
    lines = re.findall(r"^(.+?) (KEPT|BROKEN)\b", printed, re.MULTILINE)
    return {ids[name.strip()]: verdict for name, verdict in lines if name.strip() in ids}


def contracts() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = tomllib.loads(PYPROJECT.read_text())["tool"]["importlinter"][
        "contracts"
    ]
    return found


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Copy both packages."""
    for top in tree.SOURCE_ROOTS:
        shutil.copytree(
            tree.ROOT / top, tmp_path / top, ignore=shutil.ignore_patterns("__pycache__")
        )
    return tmp_path


def plant(copy: Path, path: str, line: str) -> None:
    """Add a line to a file of the copy; a file that is not there is made."""
    module = copy / path
    if not module.exists() and (module.with_suffix("") / "__init__.py").exists():
        module = module.with_suffix("") / "__init__.py"
    with module.open("a", encoding="utf-8") as file:
        file.write(f"\n{line}\n")


def missing_modules() -> set[str]:
    """Name the modules of ours that the contracts speak of and that are not written."""
    named: set[str] = set()
    for contract in contracts():
        floors = " | ".join(contract.get("layers", ())).split(" | ")
        rooms = [room for room in floors if room and not room.startswith("(")]
        named |= {f"{top}.{room}" for top in contract.get("containers", ()) for room in rooms}
        for key in ("modules", "source_modules", "forbidden_modules"):
            listed = (name for name in contract.get(key, ()) if not name.endswith(".*"))
            named |= {name for name in listed if name.startswith("bodydouble")}
    return {name for name in named if not any(written(top, name) for top in tree.SOURCE_ROOTS)}


def written(top: str, name: str) -> bool:
    """Say whether a module stands below a source root."""
    path = tree.ROOT / top / Path(*name.split("."))
    return (path / "__init__.py").is_file() or path.with_suffix(".py").is_file()


def test_the_contracts_speak_of_modules_that_exist() -> None:
    assert missing_modules() == set()


def test_every_import_follows_the_floor_plan(copy: Path) -> None:
    printed = lint_imports(copy)
    assert verdicts(printed) == {contract["id"]: "KEPT" for contract in contracts()}, printed


def test_every_contract_of_the_floor_plan_convicts_its_violation(copy: Path) -> None:
    for path, line in VIOLATIONS.values():
        plant(copy, path, line)
    printed = lint_imports(copy)
    assert verdicts(printed) == {contract["id"]: "BROKEN" for contract in contracts()}, printed


@pytest.mark.parametrize("kind", PLANTED)
def test_the_floors_of_both_packages_convict_every_kind_of_violation(copy: Path, kind: str) -> None:
    for path, line in PLANTED[kind]:
        plant(copy, path, line)
    found = verdicts(lint_imports(copy))
    assert (found["floors"], found["judge-floors"]) == ("BROKEN", "BROKEN")


@pytest.mark.parametrize("package", ["bodydouble", "bodydouble_contracts"])
def test_importing_a_package_by_its_name_loads_nothing_else(package: str) -> None:
    script = (
        "import sys; before = set(sys.modules); "
        f"import {package}; print(*sorted(set(sys.modules) - before))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.split() == [package]
