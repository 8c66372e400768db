"""An example that is copied out of the repository runs where it was copied to."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

EXAMPLES = Path(__file__).parents[2] / "examples"


def test_a_copied_example_runs_by_itself(tmp_path: Path) -> None:
    copy = shutil.copytree(EXAMPLES / "filmmaker", tmp_path / "mine")
    words = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(copy)]
    run = subprocess.run(
        [*words, str(copy)], capture_output=True, text=True, cwd=copy, timeout=300, check=False
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert " passed" in run.stdout
