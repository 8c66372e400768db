"""Reads a profile's YAML with the line of every key, and holds it against the profile's schema.

What is wrong is said in one sentence with file and line, the first thing first. What a schema
cannot say (a name that leads nowhere, a file that is missing) is `consistency`'s.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from bodydouble_contracts.vendors.parts import either

Json = Any
Where = tuple[str | int, ...]
SCHEMA_FILE = Path(__file__).with_name("profile.schema.json")
MANY = 14
"""So many known keys are named beside an unknown one; more are no help."""
ALL_KEYS = "`bodydouble-contracts profile-keys` explains every key"


class ProfileError(ValueError):
    """A profile that cannot be used; the text names file, line, and what to do."""


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]  # stubs
    """YAML without timestamps: a date is a text."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in rules if not tag.endswith(":timestamp")]
    for first, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


@dataclass(slots=True)
class Marked:
    """The data of one file, and the line on which each key and each row stands."""

    file: str
    data: Json
    lines: dict[Where, int] = field(default_factory=dict)

    def line(self, where: Where) -> int:
        """Return the line of a place, or of the nearest thing around it."""
        while where and where not in self.lines:
            where = where[:-1]
        return self.lines.get(where, 1)

    def error(self, where: Where, text: str) -> ProfileError:
        """Return the error that says something of a place."""
        return ProfileError(f"{self.file}, line {self.line(where)}: {text}")


@cache
def schema() -> Json:
    """Return the profile's JSON Schema."""
    return json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))


@cache
def _validator() -> Any:
    import jsonschema_rs

    return jsonschema_rs.Draft202012Validator(schema())


def read_marked(path: Path) -> Marked:
    """Parse a YAML file. Raises ProfileError where it cannot be read or is no mapping."""
    out = Marked(str(path), None)
    try:
        loader = _Loader(path.read_text(encoding="utf-8"))
        node = loader.get_single_node()
        _mark(out, node, (), ())  # before the loader writes merged keys out
        data = loader.construct_document(node) if node is not None else None
    except OSError as error:
        raise ProfileError(f"{path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ProfileError(f"{path} is no UTF-8: save it as UTF-8") from error
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ProfileError(f"{path}, line {line}: this is no YAML: {error.problem}") from error
    except yaml.YAMLError as error:
        raise ProfileError(f"{path} is no YAML: {error}") from error
    except RecursionError as error:
        raise ProfileError(
            f"{path} is nested too deep: a profile has a handful of levels"
        ) from error
    if not isinstance(data, dict):
        raise out.error((), f"a profile is a mapping of keys, not {named(data)}")
    out.data = text_keys(data)
    return out


def text_keys(data: Json) -> Json:
    """Return data whose keys are all text: YAML reads a bare 404 as a number."""
    if isinstance(data, dict):
        return {str(k): text_keys(v) for k, v in data.items()}
    return [text_keys(v) for v in data] if isinstance(data, list) else data


def _mark(out: Marked, node: Any, where: Where, above: tuple[int, ...]) -> None:
    if id(node) in above:
        raise out.error(where, "an anchor stands within itself: write the part out")
    above = (*above, id(node))
    if isinstance(node, yaml.SequenceNode):
        for number, row in enumerate(node.value):
            out.lines[*where, number] = row.start_mark.line + 1
            _mark(out, row, (*where, number), above)
    elif isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if key.value == "<<":
                merged = value.value if isinstance(value, yaml.SequenceNode) else [value]
                for other in merged:
                    _mark(out, other, where, above)
                continue
            place = (*where, str(key.value))
            if str(key.value) in seen:
                out.lines[place] = key.start_mark.line + 1
                raise out.error(place, f"the key {key.value!r} stands here a second time")
            seen.add(str(key.value))
            out.lines[place] = key.start_mark.line + 1
            _mark(out, value, place, above)


def check(marked: Marked) -> None:
    """Raise ProfileError for the first line that the schema refuses."""
    errors = list(_validator().iter_errors(marked.data))
    misspelt = [e.instance_path for e in errors if e.kind.name == "additionalProperties"]
    # A key that is missing where another is unknown is the same slip of the pen.
    real = [e for e in errors if e.kind.name != "required" or e.instance_path not in misspelt]
    told = [t for error in real for t in sentences(error)]
    if told:
        where, text = min(told, key=lambda t: (marked.line(t[0]), len(t[0])))
        raise marked.error(where, text)


def sentences(error: Any) -> Iterator[tuple[Where, str]]:
    """Yield what one error of the schema means to a reader, and where."""
    where: Where = tuple(error.instance_path)
    kind = error.kind.name
    value = named(error.instance)
    if kind == "additionalProperties":
        known = sorted(at(schema(), error.schema_path[:-1]).get("properties", {}))
        for name in error.kind.unexpected:
            yield (*where, name), unknown(name, known, where)
    elif kind == "required":
        yield where, f"{spelled(where)} lacks the key {error.kind.property!r}: add it"
    elif kind == "enum":
        words = [w for w in error.kind.options if not isinstance(w, bool)]
        yield where, f"{spelled(where)} is {value}, and may be {either(words)}"
    elif kind == "type":
        wanted = at(schema(), error.schema_path)
        kinds = either(wanted if isinstance(wanted, list) else [wanted])
        yield where, f"{spelled(where)} is {value}, where the schema wants {kinds}"
    elif kind == "pattern":
        yield where, f"{spelled(where)} is {value}, which does not fit {error.kind.pattern}"
    elif kind == "propertyNames":
        yield where, f"a name under {spelled(where)} is not allowed: {error.message}"
    else:
        yield where, f"{spelled(where)}: {error.message}"


def unknown(name: str, known: list[str], where: Where) -> str:
    """Return what to say of a key that nobody knows."""
    noun = "capability" if where == ("capabilities",) else "key"
    near = difflib.get_close_matches(name, known, 1)
    if near:
        help_ = f"did you mean {near[0]!r}?"
    elif len(known) <= MANY:
        help_ = f"known are {', '.join(known)}"
    else:
        help_ = ALL_KEYS
    return f"there is no {noun} {name!r} in {spelled(where)}: {help_}"


def spelled(where: Where) -> str:
    """Return a place as people write it: `operations.submit.path`, or the profile."""
    out = ""
    for part in where:
        out += f"[{part}]" if isinstance(part, int) else f".{part}" if out else str(part)
    return out or "the profile"


def at(node: Json, path: Any) -> Json:
    """Return what stands at a path of the schema, references followed."""
    for part in path:
        if isinstance(node, dict) and part == "$ref":
            node = schema()["$defs"][node["$ref"].rpartition("/")[2]]
        else:
            node = node[part]
    return node


def named(value: Json) -> str:
    """Return a value for a sentence: a short text in quotes, else what kind of thing it is."""
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    if value is None:
        return "nothing"
    words = {True: "yes or true", False: "no or false"}
    text = words[value] if isinstance(value, bool) else repr(value)
    return text if len(text) < 60 else f"{text[:57]}…"
