"""Scenario files: YAML in ``fixtures/scenarios/``, read with errors that name file, line and field.

A file is data; what it may say is fixed in `core.scenarios.reading`. Files are read once per
process, when a scenario that the core does not know is first asked for.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from bodydouble.core.scenarios.reading import ScenarioText, scripted
from bodydouble.core.scenarios.scenario import SCENARIOS, Script
from bodydouble.data import fixtures_dir
from bodydouble.yaml_files import BadYaml, read

FILE_BYTES_MAX = 256 * 1024


class BadScenario(BadYaml):
    """A scenario file that cannot be used; one line per fault, each with file, line and field."""


def read_scenario(path: Path) -> Script:
    """The scenario in one file. BadScenario."""
    try:
        text = path.read_text("utf-8")
    except OSError as error:
        raise BadScenario([f"{path}: cannot be read: {error.strerror}"]) from None
    except UnicodeDecodeError as error:
        raise BadScenario([f"{path}: cannot be read: {error}"]) from None
    return parse_scenario(str(path), text)


def parse_scenario(file: str, text: str) -> Script:
    """The scenario in ``text``, which people know as ``file``. BadScenario."""
    if len(text) > FILE_BYTES_MAX:
        raise BadScenario([f"{file}:1: a scenario has at most {FILE_BYTES_MAX} characters"])
    try:
        found = read(file, text, ScenarioText)
        written: ScenarioText = found.content
        if written.base not in SCENARIOS:
            known = ", ".join(SCENARIOS)
            raise found.fault(("base",), f"is one of {known}, not {written.base!r}")
    except BadYaml as error:
        raise BadScenario(error.lines) from None
    base = SCENARIOS[written.base]
    return scripted(written.name, base, written.parameters, written.rules, written.about)


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
