"""What a user installs: both packages, their data and their doors, and nothing of the workshop.

The files are built here from the checkout, so nothing is fetched; `test_install.py` installs them.
"""

import importlib.metadata
import tarfile
import zipfile
from pathlib import Path

import pytest

from tests.architecture import tree
from tests.distribution.building import built


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    return zipfile.ZipFile(built("wheel", tree.ROOT, tmp_path_factory.mktemp("wheel")))


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


def test_the_source_archive_makes_the_same_wheel(wheel: zipfile.ZipFile, tmp_path: Path) -> None:
    with tarfile.open(built("sdist", tree.ROOT, tmp_path / "sdist")) as archive:
        archive.extractall(tmp_path / "unpacked", filter="data")
    (source,) = (tmp_path / "unpacked").iterdir()
    again = zipfile.ZipFile(built("wheel", source, tmp_path / "wheel"))
    assert {name: again.read(name) for name in again.namelist()} == {
        name: wheel.read(name) for name in wheel.namelist()
    }


def test_every_entry_point_leads_somewhere() -> None:
    points = importlib.metadata.distribution("bodydouble").entry_points
    groups = {"console_scripts", "bodydouble.commands", "bodydouble.providers"}
    assert groups <= {point.group for point in points}
    for point in points:
        assert point.load() is not None
