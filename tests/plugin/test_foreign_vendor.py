"""A vendor of somebody else's package gets what ours get: routes, fixture attribute, listing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

SECONDS_MAX = 180

PACKAGE = """
from dataclasses import replace

from bodydouble.providers import load

OURS = load("infinityblue")
PROVIDER = replace(OURS, name="toyco-video", title="Toyco", hosts=("api.toyco.example",))
"""

SUITE = """
import pytest


def test_the_fixture_knows_it_by_its_name(bodydouble):
    with bodydouble.toyco_video.client() as client:
        assert client.get("/models").status_code == 200
    assert bodydouble.toyco_video.key == bodydouble.keys["toyco-video"]
    assert "TOYCO_VIDEO_API_KEY" in bodydouble.env
    assert bodydouble.accounts.get("toyco-video")["balance"]


def test_a_name_of_nobody_is_told_with_those_there_are(bodydouble):
    with pytest.raises(AttributeError, match="'toyco_vide': there are .*toyco_video"):
        bodydouble.toyco_vide
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A package as pip would have left it: a module, and metadata that names its vendor."""
    (tmp_path / "toyco_video.py").write_text(PACKAGE)
    (tmp_path / "test_toyco.py").write_text(SUITE)
    installed = tmp_path / "toyco_video-1.0.dist-info"
    installed.mkdir()
    (installed / "METADATA").write_text("Metadata-Version: 2.1\nName: toyco-video\nVersion: 1.0\n")
    points = "[bodydouble.providers]\ntoyco-video = toyco_video:PROVIDER\n"
    (installed / "entry_points.txt").write_text(points)
    return tmp_path


def ran(folder: Path, *words: str) -> str:
    done = subprocess.run(
        [sys.executable, *words],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS_MAX,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_its_own_suite_uses_it_as_if_it_were_ours(folder: Path) -> None:
    assert "2 passed" in ran(folder, "-m", "pytest", "-q", "-p", "no:cacheprovider")


def test_it_is_listed_after_ours(folder: Path) -> None:
    command = "from bodydouble.cli import main; main()"
    rows = ran(folder, "-c", command, "providers").splitlines()
    assert rows[-1].startswith("toyco-video")
    assert "Endpoints" in ran(folder, "-c", command, "providers", "toyco-video")
