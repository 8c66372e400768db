"""The shape of JSON bodies seen so far: paths, types, classes of texts, closed vocabularies.

It keeps what may be compared between two sessions and drops what never repeats: ids, instants,
amounts become classes. It refuses to say which of two shapes is right.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

Json = Any
ENOUGH_FOR_VOCABULARY = 30
ENOUGH_FOR_CLASSES = 3
MAX_WORDS = 12
MAX_DEPTH = 24
CLASSES = (
    ("empty", r""),
    ("uuid", r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"),
    ("instant", r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?(\.\d+)?(Z|[+-]\d\d:?\d\d)?"),
    ("date", r"\d{4}-\d\d-\d\d"),
    ("address", r"https?://.*"),
    ("whole number", r"-?\d+"),
    ("hex", r"[0-9a-f]{16,}"),
    ("data", r"data:.*"),
)
DECIMAL = re.compile(r"-?\d+\.(\d+)")


@dataclass(slots=True)
class Seen:
    """What stood at one path."""

    count: int = 0
    types: Counter[str] = field(default_factory=Counter)
    classes: Counter[str] = field(default_factory=Counter)
    words: Counter[str] = field(default_factory=Counter)
    strings: int = 0


@dataclass(slots=True)
class Shape:
    """All bodies of one kind. `always` counts how often each object path was there at all."""

    samples: int = 0
    paths: dict[str, Seen] = field(default_factory=dict)
    parents: Counter[str] = field(default_factory=Counter)

    def add(self, body: Json) -> None:
        """Take one body."""
        self.samples += 1
        self._walk("", body, 0)

    def _walk(self, path: str, value: Json, depth: int) -> None:
        if depth > MAX_DEPTH:
            return
        seen = self.paths.setdefault(path, Seen())
        seen.count += 1
        seen.types[type_of(value)] += 1
        if isinstance(value, dict):
            self.parents[path] += 1
            for name, inner in value.items():
                self._walk(f"{path}/{name}", inner, depth + 1)
        elif isinstance(value, list):
            for inner in value[:50]:
                self._walk(f"{path}/*", inner, depth + 1)
        elif isinstance(value, str):
            seen.strings += 1
            seen.classes[class_of(value)] += 1
            if len(seen.words) <= MAX_WORDS:
                seen.words[value[:80]] += 1

    def required(self, path: str) -> bool:
        """Whether a member stood in every object that could have held it."""
        parent = path.rpartition("/")[0]
        return self.paths[path].count >= self.parents.get(parent, 0) > 0

    def vocabulary(self, path: str) -> set[str]:
        """Return the closed set of words at a path, empty where too little was seen."""
        seen = self.paths[path]
        plain = set(seen.classes) <= {"text", "empty"}
        closed = seen.strings >= ENOUGH_FOR_VOCABULARY and len(seen.words) <= MAX_WORDS
        return set(seen.words) if plain and closed else set()


def type_of(value: Json) -> str:
    """Return JSON's name for a type; whole and broken numbers are one."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    if isinstance(value, str):
        return "string"
    return "array" if isinstance(value, list) else "object"


def class_of(text: str) -> str:
    """Return the class of a text: what kind of value it spells, never the value."""
    decimal = DECIMAL.fullmatch(text)
    if decimal:
        return f"decimal with {len(decimal[1])} places"
    for name, pattern in CLASSES:
        if re.fullmatch(pattern, text, re.DOTALL):
            return name
    return "text"


def differences(a: Shape, b: Shape, names: tuple[str, str]) -> list[str]:
    """Return what two shapes do not share, in sentences that name both witnesses."""
    out = []
    for path in sorted(set(a.paths) | set(b.paths)):
        if path not in b.paths:
            out += missing(path, a, b, names)
        elif path not in a.paths:
            out += missing(path, b, a, (names[1], names[0]))
        else:
            out += unlike(path, a, b, names)
    return out


def missing(path: str, have: Shape, lack: Shape, names: tuple[str, str]) -> list[str]:
    """Say that only one of two shapes has a path, if the other could have shown it."""
    parent = path.rpartition("/")[0]
    if parent not in lack.paths or "array" in lack.paths[parent].types:
        return []
    if not lack.parents.get(parent):
        return []
    always = "always" if have.required(path) else "sometimes"
    return [f"{path} is {always} there for {names[0]} and never for {names[1]}"]


def unlike(path: str, a: Shape, b: Shape, names: tuple[str, str]) -> list[str]:
    """Say how two shapes differ at one path."""
    x, y = a.paths[path], b.paths[path]
    types = set(x.types) ^ set(y.types)
    few = min(a.samples, b.samples) < ENOUGH_FOR_CLASSES
    if types and not (types == {"null"} and few):
        told = f"{' or '.join(sorted(x.types))} for {names[0]}"
        return [f"{path or 'the body'} is {told}, {' or '.join(sorted(y.types))} for {names[1]}"]
    # An empty text has no class: it says only that there was nothing to spell.
    mine, theirs = set(x.classes) - {"empty"}, set(y.classes) - {"empty"}
    if mine and theirs and not mine & theirs:
        told = f"{' or '.join(sorted(x.classes))} for {names[0]}"
        return [f"{path} spells {told}, {' or '.join(sorted(y.classes))} for {names[1]}"]
    words, others = a.vocabulary(path), b.vocabulary(path)
    if words and others and words != others:
        only = ", ".join(sorted(words ^ others)[:6])
        return [f"{path} has words that only one of {names[0]} and {names[1]} uses: {only}"]
    return []
