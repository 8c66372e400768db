"""How an answer is held against a golden exchange: keys, types and fixed values, at every path.

The rules are those of `fixtures/README.md`. It knows JSON and headers, and neither the
emulator nor a vendor.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

SHOWN_CHARACTERS = 120


@dataclass(frozen=True, slots=True)
class Leeway:
    """Where an answer may differ: paths of the subset ``$.a[0].b[*]``."""

    volatile: tuple[re.Pattern[str], ...] = ()
    extra: tuple[re.Pattern[str], ...] = ()
    subset: tuple[re.Pattern[str], ...] = ()

    @classmethod
    def of(cls, exchange: Mapping[str, Any]) -> Leeway:
        """What a file allows."""
        return cls(*(_patterns(exchange.get(name, ())) for name in ("volatile", "extra", "subset")))


def _patterns(paths: Iterable[str]) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(re.escape(path).replace(r"\[\*\]", r"\[\d+\]")) for path in paths)


def _among(patterns: tuple[re.Pattern[str], ...], path: str) -> bool:
    return any(pattern.fullmatch(path) for pattern in patterns)


def body_differences(expected: Any, given: Any, leeway: Leeway, path: str = "$") -> list[str]:
    """Sentences about every place where ``given`` is not what the example promises."""
    if _among(leeway.volatile, path):
        if expected is None or _same_type(expected, given):
            return []
        return [f"{path} is {_kind(given)}, not {_kind(expected)}: {_shown(given)}"]
    if not _same_type(expected, given):
        return [f"{path} is {_kind(given)}, not {_kind(expected)}: {_shown(given)}"]
    if isinstance(expected, dict):
        return _object(expected, given, leeway, path)
    if isinstance(expected, list):
        return _array(expected, given, leeway, path)
    if expected != given:
        return [f"{path} is {_shown(given)}, not {_shown(expected)}"]
    return []


def _object(
    expected: dict[str, Any], given: dict[str, Any], leeway: Leeway, path: str
) -> list[str]:
    found = [f"{path}.{key} is missing" for key in expected if key not in given]
    found += [
        f"{path}.{key} is not in the example: {_shown(given[key])}"
        for key in given
        if key not in expected and not _among(leeway.extra, f"{path}.{key}")
    ]
    for key, value in expected.items():
        if key in given:
            found += body_differences(value, given[key], leeway, f"{path}.{key}")
    return found


def _array(expected: list[Any], given: list[Any], leeway: Leeway, path: str) -> list[str]:
    if _among(leeway.subset, path):
        return [
            f"{path} has nothing like {_shown(value)}"
            for index, value in enumerate(expected)
            if all(body_differences(value, one, leeway, f"{path}[{index}]") for one in given)
        ]
    if len(expected) != len(given):
        return [f"{path} has {len(given)} elements, not {len(expected)}"]
    found = []
    for index, (value, one) in enumerate(zip(expected, given, strict=True)):
        found += body_differences(value, one, leeway, f"{path}[{index}]")
    return found


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    kinds = {dict: "object", list: "array", str: "string", int: "integer", float: "fraction"}
    return kinds.get(type(value), "null")


def _same_type(expected: Any, given: Any) -> bool:
    if _kind(expected) == "fraction":
        return _kind(given) in ("fraction", "integer")
    return _kind(expected) == _kind(given)


def _shown(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)[:SHOWN_CHARACTERS]


def header_differences(promised: Mapping[str, str | None], given: Mapping[str, str]) -> list[str]:
    """Sentences about every promised header that is not as promised."""
    lower = {name.lower(): value for name, value in given.items()}
    found = []
    for name, value in promised.items():
        known = lower.get(name.lower())
        if value is None:
            if known is not None:
                found.append(f"header {name} should be absent, and is {known!r}")
        elif known is None:
            found.append(f"header {name} is missing")
        elif not _header_equal(name, value, known):
            found.append(f"header {name} is {known!r}, not {value!r}")
    return found


def _header_equal(name: str, promised: str, given: str) -> bool:
    if promised == "*":
        return bool(given)
    if name.lower() == "content-type":
        return given == promised or given.startswith(f"{promised};")
    return given == promised
