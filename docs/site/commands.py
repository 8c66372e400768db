"""The command line's page, from the commands themselves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import typer

from bodydouble.cli import OURS, THEIRS, command_line
from docs.site.markdown import cell, code, table


def page() -> str:
    """Every command with its arguments, options, variables and defaults."""
    lines = [
        "# Command line",
        "",
        "Every command answers `--help`. An option that names a variable is also read from the "
        "environment. Wrong input ends with one sentence and status 2.",
        "",
    ]
    for name in (*OURS, *THEIRS):
        # Only the called command is loaded, so each is called for.
        command: Any = typer.main.get_command(command_line([name]))
        lines += _told(f"bodydouble {name}", command.commands[name], 2)
    return "\n".join(lines) + "\n"


def _told(name: str, command: Any, depth: int) -> Iterator[str]:
    yield f"{'#' * depth} {name}"
    yield ""
    yield cell(command.help or "")
    shown = [one for one in command.params if not one.hidden and one.name != "help"]
    if shown:
        yield from table(("", "what", "variable", "default"), map(_row, shown))
    yield ""
    for inner, below in getattr(command, "commands", {}).items():
        yield from _told(f"{name} {inner}", below, depth + 1)


def _row(one: Any) -> tuple[str, str, str, str]:
    argument = one.opts[0] == one.name
    words = one.name.upper() if argument else ", ".join((*one.opts, *one.secondary_opts))
    default = "" if one.default in (None, "", False) or callable(one.default) else one.default
    told = "required" if one.required else code(default)
    return code(words), cell(one.help or ""), code(one.envvar or ""), told
