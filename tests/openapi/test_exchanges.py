"""The golden exchanges as data: each file obeys the schema and can be replayed without guessing.

Refuses to know the emulator: whether an answer is served is for the replay to say.
"""

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from jsonschema_rs import Draft202012Validator, meta

from tests.openapi.reading import OPENAPI

FIXTURES = Path(__file__).parents[2] / "fixtures"
FILES = sorted(FIXTURES.glob("*/**/*.json"))
STEP = re.compile(r"\.([A-Za-z_][A-Za-z0-9_]*)|\[(\d+|\*)\]")


def load(path: Path) -> dict[str, Any]:
    """Return one exchange as parsed JSON."""
    document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return document


def find(value: Any, path: str) -> list[Any]:
    """Return every value at a path of the subset `$.a.b[0][*]`; none where it leads nowhere."""
    found = [value]
    for key, index in STEP.findall(path.removeprefix("$")):
        found = [step for item in found for step in _enter(item, key, index)]
    return found


def _enter(item: Any, key: str, index: str) -> list[Any]:
    if key:
        return [item[key]] if isinstance(item, dict) and key in item else []
    if not isinstance(item, list):
        return []
    return item if index == "*" else item[int(index) : int(index) + 1]


def expected(exchange: dict[str, Any]) -> Any:
    """Return the body that the file expects, of an answer or of a delivery."""
    part: dict[str, Any] = exchange.get("response") or exchange["delivery"]
    return part.get("body")


def ids(paths: list[Path]) -> list[str]:
    """Name each file as `vendor/name` for the report."""
    return [path.relative_to(FIXTURES).with_suffix("").as_posix() for path in paths]


@pytest.fixture(scope="module")
def validator() -> Draft202012Validator:
    """Return the schema's validator; a wrong schema fails here."""
    schema = load(FIXTURES / "exchange.schema.json")
    meta.validate(schema)
    return Draft202012Validator(schema)


@pytest.mark.parametrize("path", FILES, ids=ids(FILES))
def test_a_file_obeys_the_schema(path: Path, validator: Draft202012Validator) -> None:
    errors = [
        f"{error.instance_path}: {error.message[:200]}"
        for error in validator.iter_errors(load(path))
    ]
    assert not errors


@pytest.mark.parametrize("path", FILES, ids=ids(FILES))
def test_a_file_stands_under_its_vendor_and_name(path: Path) -> None:
    exchange = load(path)
    assert path.relative_to(FIXTURES).parts[0] == exchange["vendor"]
    assert path.stem == exchange["name"]


@pytest.mark.parametrize("path", FILES, ids=ids(FILES))
def test_volatile_and_subset_paths_lead_somewhere_and_extra_ones_do_not(path: Path) -> None:
    exchange = load(path)
    body = expected(exchange)
    lost = [p for p in exchange["volatile"] + exchange.get("subset", []) if not find(body, p)]
    known = [p for p in exchange.get("extra", []) if find(body, p)]
    assert (lost, known) == ([], [])


@pytest.mark.parametrize("path", FILES, ids=ids(FILES))
def test_every_placeholder_was_saved_by_a_step(path: Path) -> None:
    exchange = load(path)
    saved: set[str] = {"event", "id", "callback_key"} if "delivery" in exchange else set()
    for step in exchange.get("setup", []):
        assert placeholders(step.get("request")) <= saved
        save = step.get("save", {})
        saved |= {save} if isinstance(save, str) else set(save)
    rest = {part: exchange.get(part) for part in ("request", "response", "delivery")}
    assert placeholders(rest) <= saved


def placeholders(value: Any) -> set[str]:
    """Return the names in braces of every string inside, JSON texts excepted."""
    if isinstance(value, dict):
        return set().union(*(placeholders(item) for item in value.values()))
    if isinstance(value, list):
        return set().union(*(placeholders(item) for item in value))
    return set(re.findall(r"\{([a-z_]+)\}", value)) if isinstance(value, str) else set()


def test_names_are_unique_within_a_vendor() -> None:
    names = Counter((load(path)["vendor"], load(path)["name"]) for path in FILES)
    assert [name for name, times in names.items() if times > 1] == []


def test_every_vendor_has_exchanges_that_are_served_and_every_status_is_met() -> None:
    census = Counter((load(path)["vendor"], load(path)["status"]) for path in FILES)
    told = {vendor for vendor, status in census if status in ("served", "assumption")}
    documents = {path.name.partition(".")[0] for path in OPENAPI.glob("*.yaml")}
    assert told == documents - {"control"}
    assert {status for _, status in census} > {"served", "overruled", "assumption"}
