"""What a run shows on a terminal while it lasts, and that it shows nothing anywhere else."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

WORDS = [str(Path(sys.executable).with_name("bodydouble")), "contracts", "run", "-p", "uniall"]


def shown(words: list[str]) -> str:
    """What a program writes to a terminal that is its standard error."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=theirs) as run:
        os.close(theirs)
        heard = b""
        while True:
            try:
                part = os.read(ours, 4096)
            except OSError:  # how Linux says that the other side is closed
                break
            if not part:
                break
            heard += part
    os.close(ours)
    assert run.returncode == 0, heard.decode()
    return heard.decode()


def test_a_terminal_sees_how_far_a_run_is_and_how_long_it_will_take() -> None:
    told = shown(WORDS)
    assert "UniAll" in told
    assert "%" in told
    assert "0:00:" in told


def test_what_is_no_terminal_sees_neither_bar_nor_escape() -> None:
    run = subprocess.run(WORDS, capture_output=True, text=True, check=True)
    assert "\x1b" not in run.stderr + run.stdout
    assert "%" not in run.stderr
