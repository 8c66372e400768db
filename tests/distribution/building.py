"""Builds the two files that a release consists of: from this checkout, or from a source archive.

Nothing is fetched here; what installing them takes is no business of this module.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

BUILD_SECONDS_MAX = 120


def built(kind: str, source: Path, target: Path) -> Path:
    """Build the ``wheel`` or the ``sdist`` of the tree at ``source`` into the folder ``target``."""
    done = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", str(target)],
        cwd=source,
        capture_output=True,
        text=True,
        check=False,
        timeout=BUILD_SECONDS_MAX,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (file,) = target.glob("*.whl" if kind == "wheel" else "*.tar.gz")
    return file
