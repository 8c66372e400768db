"""YAML that people write, read into types, with errors that name file, line and field.

A key that occurs twice is an error, because the first would be lost without a word. What the
fields mean is for the type to say.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import yaml
from pydantic import TypeAdapter, ValidationError

ReadT = TypeVar("ReadT")
Place = tuple[str | int, ...]
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
VALUES_MAX = 50_000
"""Values of a file, each counted as often as an alias repeats it."""
DEPTH_MAX = 50


class BadYaml(ValueError):
    """A file that cannot be used; one line per fault, each with file, line and field."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


@dataclass(frozen=True, slots=True)
class YamlFile(Generic[ReadT]):
    """What a file says, and where it says it."""

    name: str
    content: ReadT
    lines: dict[Place, int]

    def fault(self, place: Place, problem: str) -> BadYaml:
        """The error to raise for what is wrong at ``place``."""
        return BadYaml([_told(self.name, self.lines, place, problem)])


def read(name: str, text: str, kind: Any) -> YamlFile[Any]:
    """``text``, which people know as ``name``, as ``kind``: a model or a dataclass. BadYaml."""
    loader = LOADER(text)
    try:
        root = loader.get_single_node()
        _check_size(name, root)
        lines = dict(_lines(root, ())) if root is not None else {}
        if twice := list(_twice(root, ())):
            told = [_told(name, lines, place, f"occurs twice, line {no}") for place, no in twice]
            raise BadYaml(told)
        value = loader.construct_document(root) if root is not None else None
        encoded = json.dumps(value, allow_nan=False, default=str)
    except BadYaml:
        raise
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise BadYaml([f"{name}:{line}: no YAML: {error.problem}"]) from None
    except (yaml.YAMLError, ValueError, TypeError, RecursionError) as error:
        raise BadYaml([f"{name}:1: no YAML that can be used: {error}"]) from None
    finally:
        loader.dispose()
    try:
        return YamlFile(name, TypeAdapter(kind).validate_json(encoded), lines)
    except ValidationError as error:
        faults = [_told(name, lines, tuple(row["loc"]), row["msg"]) for row in error.errors()]
        raise BadYaml(faults) from None


def _check_size(name: str, root: yaml.Node | None) -> None:
    """BadYaml for what is small in a file and endless once its aliases are followed."""
    sizes: dict[int, tuple[int, int]] = {}
    open_: set[int] = set()

    def measured(node: yaml.Node) -> tuple[int, int]:
        known = sizes.get(id(node))
        if known is not None:
            return known
        if id(node) in open_ or len(open_) > DEPTH_MAX:
            line = node.start_mark.line + 1
            raise BadYaml([f"{name}:{line}: no more than {DEPTH_MAX} values may lie in each other"])
        open_.add(id(node))
        inner = [measured(one) for one in _children(node)]
        open_.discard(id(node))
        size = 1 + sum(one for one, _ in inner)
        sizes[id(node)] = found = size, 1 + max((depth for _, depth in inner), default=0)
        return found

    if root is not None and measured(root)[0] > VALUES_MAX:
        raise BadYaml([f"{name}:1: there are more than {VALUES_MAX} values, aliases followed"])


def _children(node: yaml.Node) -> list[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        return [one for pair in node.value for one in pair]
    return list(node.value) if isinstance(node, yaml.SequenceNode) else []


def _told(name: str, lines: dict[Place, int], place: Place, problem: str) -> str:
    nearest = place
    # A field that is missing has no line of its own: its parent's is the nearest.
    while nearest and nearest not in lines:
        nearest = nearest[:-1]
    field = ".".join(str(part) for part in place) or "the file"
    return f"{name}:{lines.get(nearest, 1)}: {field}: {problem.removeprefix('Value error, ')}"


def _lines(node: yaml.Node, place: Place) -> Iterator[tuple[Place, int]]:
    yield place, node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield (*place, key.value), key.start_mark.line + 1
            yield from _below(value, (*place, key.value))
    elif isinstance(node, yaml.SequenceNode):
        for position, value in enumerate(node.value):
            yield from _lines(value, (*place, position))


def _below(node: yaml.Node, place: Place) -> Iterator[tuple[Place, int]]:
    # A mapping's own line is where its key stands, not where its value begins.
    return ((inner, line) for inner, line in _lines(node, place) if inner != place)


def _twice(node: yaml.Node | None, place: Place) -> Iterator[tuple[Place, int]]:
    if isinstance(node, yaml.MappingNode):
        seen: set[Any] = set()
        for key, value in node.value:
            if key.value in seen:
                yield (*place, key.value), key.start_mark.line + 1
            seen.add(key.value)
            yield from _twice(value, (*place, key.value))
    elif isinstance(node, yaml.SequenceNode):
        for position, value in enumerate(node.value):
            yield from _twice(value, (*place, position))
