"""Looks at blocks that are not run: a command's words must be ours, and data must be readable."""

from __future__ import annotations

import json
import re
import shlex
import tomllib
from collections.abc import Iterator
from typing import Any

import typer
import yaml

from bodydouble.cli import command_line
from bodydouble.web.control.scenario_files import parse_scenario
from bodydouble_contracts.cli.app import app as judge
from tests.architecture.tree import ROOT
from tests.docs.blocks import Block

OURS = ("bodydouble", "bodydouble-contracts")
TARGETS = re.compile(r"^([a-z]+):", re.MULTILINE)


def problems(block: Block) -> Iterator[str]:
    """Yield what is wrong with a block of one of the kinds that are checked."""
    if block.language == "sh":
        for line in block.text.replace("\\\n", " ").splitlines():
            yield from (f"{block}: {line.strip()}: {wrong}" for wrong in command_problems(line))
    elif block.language == "json":
        json.loads(block.text)
    elif block.language == "toml":
        tomllib.loads(block.text)
    else:
        document = yaml.safe_load(block.text)
        if isinstance(document, dict) and "rules" in document:
            parse_scenario(str(block), block.text)
        for text in _texts(document):
            for line in text.splitlines():
                yield from (f"{block}: {line}: {wrong}" for wrong in command_problems(line))


def command_problems(line: str) -> Iterator[str]:
    """Yield what a command line says that our commands do not know."""
    line = re.sub(r"\s{3,}\S.*$", "", line) if re.match(r"\S+ \S", line) else line
    words = shlex.split(line, comments=True)
    while words and re.match(r"[A-Z_]+=|\$$|exec$|export$|sudo$", words[0]):
        words = words[1:]
    name = words[0].rpartition("/")[2] if words else ""
    if name == "make":
        known = {*TARGETS.findall((ROOT / "Makefile").read_text("utf-8"))}
        yield from (f"no target {word}" for word in words[1:2] if word not in known)
    if name not in OURS:
        return
    command: Any = typer.main.get_command(judge if name == OURS[1] else command_line(words[1:]))
    path = [name]
    for word in words[1:]:
        if word in ("|", "&", "&&", ">", ";") or word.startswith((">", "$(")):
            return
        if word.startswith("-"):
            known = {each for one in command.params for each in (*one.opts, *one.secondary_opts)}
            if word.partition("=")[0] not in {*known, "--help", "--install-completion"}:
                yield f"`{' '.join(path)}` has no option {word}"
        elif commands := getattr(command, "commands", None):
            if word not in commands:
                yield f"`{' '.join(path)}` has no command {word}"
                return
            command = commands[word]
            path.append(word)


def _texts(node: object) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    elif isinstance(node, dict | list):
        for inner in node.values() if isinstance(node, dict) else node:
            yield from _texts(inner)
