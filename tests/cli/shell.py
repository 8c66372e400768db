"""What every test of the command line needs: a command run to its end, and one that serves."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

BODYDOUBLE = str(Path(sys.executable).parent / "bodydouble")
START_S = 30


def run(*words: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [BODYDOUBLE, *words],
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, **env},
        check=False,
    )


@contextmanager
def serving(*words: str, **env: str) -> Iterator[dict[str, Any]]:
    """A served bodydouble, by the JSON line it prints once it answers."""
    process = subprocess.Popen(
        [BODYDOUBLE, "serve", "--port", "0", "--json", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **env},
    )
    assert process.stdout is not None
    try:
        yield json.loads(process.stdout.readline())
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=START_S)
