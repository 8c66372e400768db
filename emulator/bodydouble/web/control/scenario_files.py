"""Scenario files: YAML in ``fixtures/scenarios/``, read with errors that name file, line and field.

A file is data; what it may say is fixed in `core.scenarios.reading`. Files are read once per
process, when a scenario that the core does not know is first asked for.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from bodydouble.core.scenarios.reading import ScenarioText, scripted
from bodydouble.core.scenarios.scenario import SCENARIOS, Script
from bodydouble.data import fixtures_dir

FILE_BYTES_MAX = 256 * 1024

Path_ = tuple[str | int, ...]


class BadScenario(ValueError):
    """A scenario file that cannot be used; one line per fault, each with file, line and field."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


def read_scenario(path: Path) -> Script:
    """The scenario in one file. BadScenario."""
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadScenario([f"{path.name}: cannot be read: {error}"]) from None
    return parse_scenario(path.name, text)


def parse_scenario(file: str, text: str) -> Script:
    """The scenario in ``text``, which people know as ``file``. BadScenario."""
    if len(text) > FILE_BYTES_MAX:
        raise BadScenario([f"{file}:1: a scenario has at most {FILE_BYTES_MAX} characters"])
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        value = yaml.safe_load(text)
        encoded = json.dumps(value, allow_nan=False, default=str)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise BadScenario([f"{file}:{line}: no YAML: {error.problem}"]) from None
    except (yaml.YAMLError, ValueError, TypeError, RecursionError) as error:
        raise BadScenario([f"{file}:1: no YAML that can be used: {error}"]) from None
    lines = dict(_lines(root, ())) if root is not None else {}
    try:
        written = ScenarioText.model_validate_json(encoded)
    except ValidationError as error:
        raise BadScenario([_fault(file, lines, row) for row in error.errors()]) from None
    if written.base not in SCENARIOS:
        known = ", ".join(SCENARIOS)
        line = lines.get(("base",), 1)
        raise BadScenario([f"{file}:{line}: base: is one of {known}, not {written.base!r}"])
    base = SCENARIOS[written.base]
    return scripted(written.name, base, written.parameters, written.rules, written.about)


def _fault(file: str, lines: dict[Path_, int], row: Any) -> str:
    field: Path_ = tuple(row["loc"])
    place = field
    # A field that is missing has no line of its own: its parent's is the nearest.
    while place and place not in lines:
        place = place[:-1]
    name = ".".join(str(part) for part in field) or "the file"
    message = str(row["msg"]).removeprefix("Value error, ")
    return f"{file}:{lines.get(place, 1)}: {name}: {message}"


def _lines(node: yaml.Node, place: Path_) -> Iterator[tuple[Path_, int]]:
    yield place, node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield (*place, key.value), key.start_mark.line + 1
            yield from _below(value, (*place, key.value))
    elif isinstance(node, yaml.SequenceNode):
        for position, value in enumerate(node.value):
            yield from _lines(value, (*place, position))


def _below(node: yaml.Node, place: Path_) -> Iterator[tuple[Path_, int]]:
    # A mapping's own line is where its key stands, not where its value begins.
    return ((inner, line) for inner, line in _lines(node, place) if inner != place)


@cache
def scenario_files() -> dict[str, Script]:
    """Every scenario in ``fixtures/scenarios/`` by name. BadScenario lists what is wrong in all."""
    found: dict[str, Script] = {}
    wrong: list[str] = []
    for path in sorted((fixtures_dir() / "scenarios").glob("*.yaml")):
        try:
            script = read_scenario(path)
        except BadScenario as bad:
            wrong += bad.lines
            continue
        name = script.scenario.name
        if name != path.stem:
            wrong.append(f"{path.name}:1: name: is the file's, {path.stem!r}, not {name!r}")
        elif name in SCENARIOS:
            wrong.append(f"{path.name}:1: name: {name!r} is a scenario of the core")
        else:
            found[name] = script
    if wrong:
        raise BadScenario(wrong)
    return found
