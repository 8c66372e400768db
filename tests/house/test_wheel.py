"""What a user installs: both packages, their data and their doors, and nothing of the workshop.

The wheel is built here by hatchling from the checkout, so nothing is fetched.
"""

import importlib.metadata
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.house import tree


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    target = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(target)],
        cwd=tree.ROOT,
        capture_output=True,
        check=True,
        timeout=120,
    )
    (built,) = target.glob("*.whl")
    return zipfile.ZipFile(built)


def below(folder: str, *, prefix: str = "") -> set[str]:
    """Name every file the wheel owes its user for one folder of the checkout."""
    top = tree.ROOT / folder
    files = {path for path in top.rglob("*") if path.is_file() and "__pycache__" not in path.parts}
    return {prefix + path.relative_to(top).as_posix() for path in files}


@pytest.mark.parametrize("folder", tree.SOURCE_ROOTS)
def test_the_wheel_carries_every_file_of_both_packages(wheel: zipfile.ZipFile, folder: str) -> None:
    owed = below(folder)
    assert any(name.endswith("/py.typed") for name in owed)
    assert owed <= set(wheel.namelist())


@pytest.mark.parametrize("folder", ["openapi", "fixtures"])
def test_the_wheel_carries_the_data_under_a_name_of_our_own(
    wheel: zipfile.ZipFile, folder: str
) -> None:
    owed = below(folder, prefix=f"bodydouble_data/{folder}/")
    assert owed
    assert owed <= set(wheel.namelist())


def test_the_wheel_installs_no_other_name(wheel: zipfile.ZipFile) -> None:
    tops = {Path(name).parts[0] for name in wheel.namelist()}
    branded = {"bodydouble", "bodydouble_contracts", "bodydouble_data"}
    assert {top for top in tops if not top.endswith(".dist-info")} == branded


def test_every_entry_point_leads_somewhere() -> None:
    points = importlib.metadata.distribution("bodydouble").entry_points
    groups = {"console_scripts", "bodydouble.commands", "bodydouble.providers"}
    assert groups <= {point.group for point in points}
    for point in points:
        assert point.load() is not None
