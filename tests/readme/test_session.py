"""The README keeps its word: its shell session is run and its Python is executed, as printed.

An ellipsis in printed output stands for anything; everything else must be there to the letter.
"""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

README = Path(__file__).resolve().parents[2] / "README.md"
MARK = "::: end of output :::"


def session() -> list[tuple[str, list[str]]]:
    """(command, printed lines) of the recorded shell session, in order."""
    block = re.search(r"```console\n(.*?)```", README.read_text(), re.S)
    assert block is not None, "the README has a recorded session"
    steps: list[tuple[str, list[str]]] = []
    for line in block.group(1).splitlines():
        if line.startswith("$ "):
            steps.append((line[2:], []))
        else:
            steps[-1][1].append(line)
    return steps


def matches(expected: str, seen: str) -> bool:
    """Whether ``seen`` is ``expected`` with anything in place of each ellipsis."""
    return re.fullmatch(".*".join(map(re.escape, expected.split("…"))), seen) is not None


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def script(steps: list[tuple[str, list[str]]]) -> str:
    lines = ["exec 2>&1", f"export PORT={free_port()}"]
    for command, _ in steps:
        if command.endswith("&"):
            command = command[:-1] + "--ready-file $READY >/dev/null &"
            lines += [command, 'until [ -s "$READY" ]; do kill -0 $! || exit 3; done']
        else:
            lines.append(command)
        lines.append(f"echo '{MARK}'")
    return "\n".join([*lines, "kill %1", ""])


def test_the_recorded_session_happens_again(tmp_path: Path) -> None:
    steps = session()
    bin_dir = Path(sys.executable).parent
    env = {
        **os.environ,
        "PATH": f"{bin_dir}{os.pathsep}{os.environ['PATH']}",
        "READY": str(tmp_path / "ready.json"),
    }

    ran = subprocess.run(
        ["bash", "-m"],
        input=script(steps),
        capture_output=True,
        text=True,
        timeout=120,
        env=env,
        check=False,
    )

    outputs = ran.stdout.split(f"{MARK}\n")
    assert len(outputs) > len(steps), ran.stdout + ran.stderr
    for (command, expected), output in zip(steps, outputs, strict=False):
        seen = [line for line in output.splitlines() if not re.match(r"\[\d+\]", line)]
        if expected:
            assert len(seen) == len(expected), (command, seen)
            for wanted, line in zip(expected, seen, strict=True):
                assert matches(wanted, line), f"{command}\nexpected {wanted}\nseen     {line}"


def test_a_session_that_prints_something_else_is_noticed() -> None:
    assert matches('{"a":1,…}', '{"a":1,"b":2}')
    assert not matches('{"a":1,…}', '{"a":2,"b":2}')


def test_the_pytest_example_passes_as_printed(pytester: pytest.Pytester) -> None:
    block = re.search(r"```python\n(.*?)```", README.read_text(), re.S)
    assert block is not None, "the README shows a test"
    pytester.makepyfile(block.group(1))

    result = pytester.runpytest_subprocess("-q", "-p", "no:cacheprovider", "-p", "no:schemathesis")

    result.assert_outcomes(passed=1)


def test_nobody_is_told_to_install_a_name_that_is_not_ours_yet() -> None:
    """Until there is a release, a checkout is installed, or an address."""
    root = README.parent
    papers = [README, *(root / "docs").glob("*.md"), *(root / ".github").rglob("*.yml")]
    sources = [path for top in ("emulator", "contracts") for path in (root / top).rglob("*.py")]
    lines = [line for path in (*papers, *sources) for line in path.read_text().splitlines()]
    asked = [line for line in lines if "pip install" in line and "bodydouble" in line]
    assert len(asked) >= 4
    assert [
        line for line in asked if not re.search(r"/path/to/bodydouble|@ git\+https|-e \./", line)
    ] == []
    assert not [line for line in lines if re.search(r"default: .?bodydouble\[", line)]
