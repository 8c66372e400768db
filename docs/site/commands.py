"""The command line's page, from the commands themselves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any, TypeAlias

import typer

from bodydouble.cli import OURS, THEIRS, command_line
from docs.site.markdown import cell, code, table

Row: TypeAlias = tuple[str, str, str, str]
HEADS = ("", "what", "variable", "default")
OFTEN = 10
"""An option that so many commands have is told once."""


def page() -> str:
    """Every command with its arguments, options, variables and defaults."""
    commands = all_commands()
    counted = Counter(row for command in commands.values() for row in _rows(command))
    often = [row for row, count in counted.items() if count >= OFTEN]
    lines = [
        "# Command line",
        "",
        "Every command answers `--help`. An option that names a variable is also read from the "
        "environment. Wrong input ends with one sentence and status 2.",
        "",
        "Whatever asks a running server has these, which are not repeated below:",
        *table(HEADS, often),
    ]
    for name, command in commands.items():
        rows = [row for row in _rows(command) if row not in often]
        lines += [f"{'#' * min(3, len(name.split()))} {name}", "", cell(command.help or ""), ""]
        lines += table(HEADS, rows) if rows else []
    return "\n".join(lines) + "\n"


def all_commands() -> dict[str, Any]:
    """Every command by its whole name, those within others, too."""
    found: dict[str, Any] = {}
    for name in (*OURS, *THEIRS):
        # Only the called command is loaded, so each is called for.
        called: Any = typer.main.get_command(command_line([name]))
        found |= dict(_flat(f"bodydouble {name}", called.commands[name]))
    return found


def _flat(name: str, command: Any) -> Iterator[tuple[str, Any]]:
    yield name, command
    for inner, below in getattr(command, "commands", {}).items():
        yield from _flat(f"{name} {inner}", below)


def _rows(command: Any) -> list[Row]:
    return [_row(one) for one in command.params if not one.hidden and one.name != "help"]


def _row(one: Any) -> Row:
    argument = one.opts[0] == one.name
    words = one.name.upper() if argument else ", ".join((*one.opts, *one.secondary_opts))
    default = "" if one.default in (None, "", False, []) or callable(one.default) else one.default
    told = "required" if one.required else code(default)
    return code(words), cell(one.help or ""), code(one.envvar or ""), told
