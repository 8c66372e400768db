"""What every test of the command line needs: a command run to its end, and one that serves.

`run` starts a process as a user does; `called` does the same work in this one, for the many words
of one command whose start is shown elsewhere.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from typer.testing import CliRunner, Result

from bodydouble.cli import command_line

BODYDOUBLE = str(Path(sys.executable).parent / "bodydouble")
START_S = 30


def around(**env: str) -> dict[str, str]:
    """A program's environment: that of the tests, without what the judge asks of its own target.

    It sets that in the process that it judges in, for good: see `targets.addresses`.
    """
    found = {name: value for name, value in os.environ.items() if name != "BODYDOUBLE_STRICT_KEYS"}
    return {**found, **env}


def run(*words: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [BODYDOUBLE, *words],
        capture_output=True,
        text=True,
        timeout=120,
        env=around(**env),
        check=False,
    )


def called(*words: str) -> Result:
    return CliRunner().invoke(command_line(words), words)


@contextmanager
def serving(*words: str, **env: str) -> Iterator[dict[str, Any]]:
    """A served bodydouble, by the JSON line it prints once it answers."""
    process = subprocess.Popen(
        [BODYDOUBLE, "serve", "--port", "0", "--json", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=around(**env),
    )
    assert process.stdout is not None
    try:
        yield json.loads(process.stdout.readline())
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=START_S)


@contextmanager
def serving_over_tls(folder: Path, *words: str) -> Iterator[tuple[str, str]]:
    """A server with a certificate of its own: its address and the file of its authority."""
    ready = folder / "ready.json"
    start = [BODYDOUBLE, "serve", "--port", "0", "--tls", "--ready-file", str(ready)]
    process = subprocess.Popen(
        [*start, *words], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    try:
        authority = process.stderr.readline().split(": ", 1)[1].strip()
        deadline = time.monotonic() + START_S
        while not ready.exists() and time.monotonic() < deadline:
            assert process.poll() is None
        yield json.loads(ready.read_text())["url"], authority
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=START_S)
