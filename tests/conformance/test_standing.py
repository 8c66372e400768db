"""Each vendor's `standing.yaml` keeps its published schema, is read late, and a bad one is told.

The schema is written by hand for editors and people; that it and the reader refuse the same files
is shown on samples.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema_rs import Draft202012Validator, meta
from typer.testing import CliRunner

from bodydouble import providers
from bodydouble.cli import command_line
from bodydouble.core.standing import Level, Standing
from bodydouble.providers.standing import FILE, standing_beside
from bodydouble.yaml_files import BadYaml

FOLDER = Path(providers.__file__).parent
SCHEMA: dict[str, Any] = json.loads((FOLDER / "standing.schema.json").read_text("utf-8"))
GOOD = """quirks:
  mood:
    standing: page
    about: how it answers
    source: its front page
    date: 2026-07-26
assumptions:
  A1: {standing: assumption, about: it waits 1 s, basis: no timing is documented}
left_out:
  - everything else
"""
BAD = {
    "an unknown key": (
        GOOD.replace("date:", "dated:"),
        "toyco/standing.yaml:6: quirks.mood.dated: ",
    ),
    "an unknown section": (GOOD + "guesses: {}\n", "toyco/standing.yaml:11: guesses: "),
    "an unknown standing": (
        GOOD.replace("standing: page", "standing: rumour"),
        "toyco/standing.yaml:3: quirks.mood.standing: ",
    ),
    "no standing": (
        GOOD.replace("    standing: page\n", ""),
        "toyco/standing.yaml:2: quirks.mood.standing: ",
    ),
    "a page without a source": (
        GOOD.replace("    source: its front page\n", ""),
        "toyco/standing.yaml:2: quirks.mood: standing page needs a source",
    ),
    "an assumption without a basis": (
        GOOD.replace(", basis: no timing is documented", ""),
        "toyco/standing.yaml:8: assumptions.A1: an assumption needs a basis",
    ),
    "nothing about it": (
        GOOD.replace("how it answers", '""'),
        "toyco/standing.yaml:2: quirks.mood: about is empty",
    ),
    "a list for a mapping": ("quirks: []\n", "toyco/standing.yaml:1: quirks: "),
}
OF_THE_READER = {
    "the same key twice": (
        GOOD + "left_out: []\n",
        "toyco/standing.yaml:11: left_out: occurs twice",
    ),
    "no YAML": ("quirks: [", "toyco/standing.yaml:"),
}


def validator() -> Draft202012Validator:
    meta.validate(SCHEMA)
    return Draft202012Validator(SCHEMA)


def as_json(text: str) -> Any:
    return json.loads(json.dumps(yaml.safe_load(text), default=str))


def read(folder: Path, text: str) -> Standing:
    package = folder / "toyco"
    package.mkdir(exist_ok=True)
    (package / FILE).write_text(text)
    return standing_beside(str(package / "__init__.py"))()


@pytest.mark.parametrize(
    "path", sorted(FOLDER.glob(f"*/{FILE}")), ids=lambda path: path.parent.name
)
def test_every_file_keeps_the_published_schema(path: Path) -> None:
    found = [error.message for error in validator().iter_errors(as_json(path.read_text("utf-8")))]
    assert found == []


def test_a_good_file_is_read_whole(tmp_path: Path) -> None:
    assert not list(validator().iter_errors(as_json(GOOD)))
    standing = read(tmp_path, GOOD)
    assert (standing.quirk("mood").standing, standing.quirk("mood").date) == (
        Level.PAGE,
        "2026-07-26",
    )
    assert standing.assumptions["A1"].basis == "no timing is documented"
    assert standing.left_out == ("everything else",)


@pytest.mark.parametrize("flaw", BAD)
def test_schema_and_reader_refuse_a_flaw_and_the_reader_says_where(
    flaw: str, tmp_path: Path
) -> None:
    text, told = BAD[flaw]
    assert list(validator().iter_errors(as_json(text)))
    with pytest.raises(BadYaml) as error:
        read(tmp_path, text)
    assert str(error.value).startswith(told)


@pytest.mark.parametrize("flaw", OF_THE_READER)
def test_what_no_schema_sees_the_reader_refuses(flaw: str, tmp_path: Path) -> None:
    text, told = OF_THE_READER[flaw]
    with pytest.raises(BadYaml) as error:
        read(tmp_path, text)
    assert str(error.value).startswith(told)


def test_the_schema_knows_the_standings_of_the_core() -> None:
    assert SCHEMA["$defs"]["known"]["properties"]["standing"]["enum"] == [str(one) for one in Level]


def test_a_server_that_starts_reads_none_of_it() -> None:
    script = (
        "import sys\n"
        "from bodydouble.web.app import Application\n"
        "app = Application()\n"
        "for name in app.providers: app.pipeline(name)\n"
        "print('yaml' in sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "False"


@pytest.mark.parametrize("vendor", providers.names())
def test_what_is_overruled_names_a_quirk_there_is_or_examples_of_the_same_page(vendor: str) -> None:
    provider = providers.load(vendor)
    known = {quirk.short for quirk in provider.quirks}
    for id, one in provider.standing().overruled.items():
        assert one.quirk in known or (not one.quirk and "of the same page" in one.by), id


@pytest.mark.parametrize("vendor", providers.names())
def test_the_listing_counts_by_standing(vendor: str) -> None:
    words = ["providers", vendor]
    done = CliRunner().invoke(command_line(words), words)
    (line,) = [line for line in done.output.splitlines() if line.startswith("Known by: ")]
    standing = providers.load(vendor).standing()
    points = sum(len(of_it) for known in standing.wire.values() for of_it in known.values())
    written = len(standing.quirks) + len(standing.assumptions) + points
    assert sum(int(number) for number in re.findall(r"[0-9]+", line)) == written > 0
    assert all(id in done.output for id in standing.overruled)
