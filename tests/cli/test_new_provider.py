"""`bodydouble new-provider` and `doctor`: a vendor in the checkout, and one in a package.

Each skeleton is installed the way an installer would leave it: a folder on the path, and beside it
the metadata that names its entry point.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bodydouble.cli import new_provider
from bodydouble.providers import names
from tests.architecture.tree import ROOT

FOLDERS = ("emulator", "contracts", "openapi", "fixtures", "tests")
WRITTEN = {
    "emulator/bodydouble/providers/newco",
    "openapi/newco.yaml",
    "contracts/bodydouble_contracts/vendors/profiles/newco.yaml",
    "fixtures/newco",
    "tests/vendors/newco",
    "pyproject.toml",
}


def run(folder: Path, *words: str, path: tuple[Path, ...] = ()) -> subprocess.CompletedProcess[str]:
    """A command of ours in ``folder``, with ``path`` before everything that is installed."""
    found = os.pathsep.join(map(str, path))
    return subprocess.run(
        [sys.executable, *words],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": found, "NO_COLOR": "1", "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )


def installed(folder: Path, place: str) -> Path:
    """What an installer leaves in ``folder`` for a package that brings the vendor `newco`."""
    info = folder / "bodydouble_newco-0.1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: bodydouble-newco\nVersion: 0.1.0\n"
    )
    (info / "entry_points.txt").write_text(f"[bodydouble.providers]\nnewco = {place}:PROVIDER\n")
    return folder


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A package outside the checkout, as written."""
    done = run(tmp_path, "-m", "bodydouble", "new-provider", "newco")
    assert done.returncode == 0, done.stderr
    return tmp_path / "bodydouble-newco"


@pytest.mark.slow
def test_a_package_of_its_own_passes_its_tests_and_the_doctor(
    package: Path, tmp_path: Path
) -> None:
    path = (package, installed(tmp_path / "site", "bodydouble_newco.provider"))
    tested = run(package, "-m", "pytest", "-q", "tests", path=path)
    assert "3 passed" in tested.stdout, tested.stdout + tested.stderr
    well = run(tmp_path, "-m", "bodydouble", "doctor", "newco", path=path)
    assert well.returncode == 0, well.stdout + well.stderr
    assert "newco: nothing missing" in well.stdout
    assert "note     create.json still names the skeleton's own page" in well.stdout


@pytest.mark.slow
def test_a_vendor_in_the_checkout_touches_its_places_alone_and_passes_the_doctor(
    tmp_path: Path,
) -> None:
    copy = tmp_path / "checkout"
    skip = shutil.ignore_patterns("__pycache__", ".*_cache")
    for name in FOLDERS:
        shutil.copytree(ROOT / name, copy / name, ignore=skip)
    for name in ("pyproject.toml", "README.md"):
        shutil.copy(ROOT / name, copy / name)
    done = run(copy, "-m", "bodydouble", "new-provider", "newco")
    assert done.returncode == 0, done.stderr
    for line in done.stdout.splitlines():
        assert any(line == place or line.startswith(f"{place}/") for place in WRITTEN), line
    sources = (copy / "emulator", copy / "contracts")
    path = (*sources, installed(tmp_path / "site", "bodydouble.providers.newco"))
    tested = run(copy, "-m", "pytest", "-q", "tests/vendors/newco", path=path)
    assert "3 passed" in tested.stdout, tested.stdout + tested.stderr
    well = run(copy, "-m", "bodydouble", "doctor", "newco", path=path)
    assert "newco: nothing missing" in well.stdout, well.stdout + well.stderr
    shutil.rmtree(copy / "fixtures" / "newco")
    (copy / "openapi" / "newco.yaml").unlink()
    ill = run(copy, "-m", "bodydouble", "doctor", "newco", "--no-judge", path=path)
    assert ill.returncode == 1
    assert "missing  a document: newco.yaml" in ill.stdout
    assert "newco has no golden exchange: put an example" in ill.stdout


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("Acme", "is no name for a vendor"),
        ("9lives", "is no name for a vendor"),
        ("newco_video", "is no name for a vendor"),
        ("../newco", "is no name for a vendor"),
        ("class", "is no name for a vendor"),
        ("clock", "means something else in a sandbox"),
        (names()[0], "is installed already"),
    ],
)
def test_a_name_that_cannot_be_is_refused_and_nothing_is_written(
    tmp_path: Path, name: str, sentence: str
) -> None:
    done = run(tmp_path, "-m", "bodydouble", "new-provider", name)
    assert (done.returncode, done.stdout) == (2, "")
    assert sentence in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not list(tmp_path.iterdir())


def test_what_is_there_already_is_left_alone(package: Path, tmp_path: Path) -> None:
    before = {path: path.read_bytes() for path in package.rglob("*") if path.is_file()}
    done = run(tmp_path, "-m", "bodydouble", "new-provider", "newco")
    assert done.returncode == 2
    assert "bodydouble-newco/pyproject.toml is there already" in done.stderr
    assert before == {path: path.read_bytes() for path in package.rglob("*") if path.is_file()}


def test_a_write_that_fails_halfway_takes_back_what_it_wrote(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.write_text("as it was")
    (tmp_path / "file").write_text("no folder")
    files = {kept: "changed", tmp_path / "new" / "one": "1", tmp_path / "file" / "two": "2"}
    with pytest.raises(OSError, match="file"):
        new_provider.write(files)
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["file", "kept"]
    assert kept.read_text() == "as it was"


def test_an_unknown_vendor_is_told_how_to_be_found(tmp_path: Path) -> None:
    done = run(tmp_path, "-m", "bodydouble", "doctor", "nobody")
    assert done.returncode == 1
    assert "no provider is called 'nobody'" in done.stderr
    assert "entry-points" in done.stderr
