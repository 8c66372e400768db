"""Plays a page: its files are written and its shell sessions run, in order, in a clean folder.

An ellipsis in printed output stands for anything, one alone on a line for any lines; everything
else must be there to the letter. A server that a session starts in the background is waited for,
and 8750 is a port of the page's own. An installation is left out unless it is asked for: then the
environment that runs the tests is the one that a reader would have made.
"""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.architecture.tree import ROOT
from tests.docs.blocks import Block

MARK = "::: end of output :::"
PORT, SECOND = "8750", "8751"
INSTALLS = re.compile(r"(python3? -m venv|pip install|npm install|git clone|cd bodydouble\b)")
SECONDS_MAX = 300
BIN = Path(sys.executable).parent


@dataclass(frozen=True, slots=True)
class Step:
    """A command with what it prints, or a file that is written; ``at`` says where it stands."""

    at: str
    command: str
    printed: list[str] = field(default_factory=list)
    file: str = ""


def steps(found: Sequence[Block]) -> list[Step]:
    """The files and commands of these blocks, in their order."""
    made: list[Step] = []
    for block in found:
        if block.file:
            made.append(Step(str(block), block.text, file=block.file))
        elif block.language == "console":
            for number, line in enumerate(block.text.splitlines(), block.line + 1):
                if line.startswith("$ "):
                    made.append(Step(f"{block.page}:{number}", line[2:]))
                elif line.startswith("> "):
                    made[-1] = Step(made[-1].at, f"{made[-1].command}\n{line[2:]}")
                else:
                    made[-1].printed.append(line)
    return made


def play(
    found: Sequence[Step], folder: Path, *, install: bool = False, first: Path = BIN
) -> list[str]:
    """Run the steps in a folder; return a sentence for each that printed something else.

    ``first`` is where programs are looked for before all other places.
    """
    port, second = str(free_port()), str(free_port())
    told = [Step(*(_ported(one, {PORT: port, SECOND: second}))) for one in found]
    kept = [one for one in told if install or not INSTALLS.search(one.command) or one.file]
    others = [one for one in os.environ["PATH"].split(os.pathsep) if one != str(BIN)]
    path = os.pathsep.join([str(first), *others])
    ready = {"READY": str(folder / ".ready"), "PORT": port, "PATH": path}
    plane = {"BODYDOUBLE_PORT": port, "BODYDOUBLE_URL": f"http://127.0.0.1:{port}"}
    ran = subprocess.run(
        ["bash", "-m"],
        input=_script(kept),
        capture_output=True,
        text=True,
        timeout=SECONDS_MAX,
        cwd=folder,
        env={**_environment(), "COLUMNS": "80", "NO_COLOR": "1", **plane, **ready},
        check=False,
    )
    outputs = ran.stdout.split(f"{MARK}\n")
    if len(outputs) <= len(kept):
        at = kept[len(outputs) - 1]
        return [f"{at.at}: {at.command} ended the session:\n{outputs[-1]}{ran.stderr}"]
    return [
        f"{one.at}: {one.command}\nprinted  {output}\nexpected " + "\n".join(one.printed)
        for one, output in zip(kept, outputs, strict=False)
        if one.printed and not matches("\n".join(one.printed), _without_jobs(output))
    ]


def _environment() -> dict[str, str]:
    """This process's environment without settings of ours, which the judge leaves behind in it."""
    return {name: text for name, text in os.environ.items() if not name.startswith("BODYDOUBLE_")}


def matches(expected: str, seen: str) -> bool:
    """Whether ``seen`` is ``expected`` with anything in place of each ellipsis.

    An ellipsis in a line stands for a part of that line; one alone on its line for any lines.
    """
    pattern = ""
    for line in expected.rstrip("\n").splitlines():
        if line.strip() == "…":
            pattern += r"(?:.*\n)*?"
        else:
            pattern += "[^\n]*".join(map(re.escape, line.split("…"))) + r"\n"
    return re.fullmatch(pattern, seen.rstrip("\n") + "\n") is not None


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _ported(one: Step, ports: Mapping[str, str]) -> tuple[str, str, list[str], str]:
    command, printed = one.command.replace("/path/to/bodydouble", str(ROOT)), one.printed
    for shown, free in ports.items():
        command = command.replace(shown, free)
        printed = [line.replace(shown, free) for line in printed]
    return one.at, command, printed, one.file


def _script(told: Sequence[Step]) -> str:
    lines = ["exec 2>&1"]
    for one in told:
        if one.file:
            lines += [f"mkdir -p $(dirname {one.file}); cat > {one.file} <<'END OF FILE'"]
            lines += [f"{one.command}END OF FILE"]
        elif one.command.endswith("&"):
            lines += ["rm -f $READY", f"{one.command[:-1]} --ready-file $READY >/dev/null &"]
            lines += ['until [ -s "$READY" ]; do kill -0 $! || exit 3; done']
        else:
            lines.append(one.command)
        lines.append(f"echo '{MARK}'")
    return "\n".join([*lines, "kill $(jobs -p) 2>/dev/null", ""])


def _without_jobs(output: str) -> str:
    """What the shell says of its background jobs is not the commands' output."""
    lines = [line for line in output.splitlines() if not re.match(r"\[\d+\][ +-]", line)]
    return "\n".join(lines)
