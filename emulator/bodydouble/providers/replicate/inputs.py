"""What Replicate's validator says of a bad body: problems with type, field and description.

The forms are those of recorded replies, which are a well-known JSON Schema validator's; kinds that
were not recorded are worded as it words them (assumption). It knows no field by name.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from bodydouble.core.errors import Cause, FieldProblem, Flaw, Refused

Problem = dict[str, str]
PROBLEMS_MAX = 20
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s\x00-\x1f]+")
_FLAWS = {
    "required": Flaw.MISSING,
    "additional_property_not_allowed": Flaw.UNKNOWN,
    "invalid_type": Flaw.TYPE,
    "enum": Flaw.CHOICE,
    "format": Flaw.FORMAT,
}


def invalid(problems: list[Problem]) -> Refused:
    """The refusal that carries these problems; the first names the field."""
    first = problems[0]
    flaw = _FLAWS.get(first["type"], Flaw.RANGE)
    field = FieldProblem(first["field"], flaw, text=first["description"])
    return Refused(Cause.INVALID, first["description"], fields=(field,), problems=problems)


def problem(kind: str, field: str, description: str) -> Problem:
    """One problem."""
    return {"type": kind, "field": field, "description": description}


def problems_of(
    path: str,
    given: Mapping[str, Any],
    members: Mapping[str, Mapping[str, Any]],
    *,
    required: Iterable[str],
    closed: bool = False,
) -> list[Problem]:
    """What is wrong with an object's members; ``closed``: it may have no others."""
    found = [
        problem("required", path, f"{name} is required") for name in required if name not in given
    ]
    if closed:
        found += [
            problem(
                "additional_property_not_allowed",
                path,
                f"Additional property {name[:100]} is not allowed",
            )
            for name in given
            if name not in members
        ]
    for name, value in given.items():
        if name in members:
            found += _of_value(f"{path}.{name}" if path else name, name, value, members[name])
    return found[:PROBLEMS_MAX]


def _of_value(path: str, name: str, value: Any, schema: Mapping[str, Any]) -> list[Problem]:
    expected, kind = schema["type"], json_type(value)
    if kind != expected and not (expected == "number" and kind == "integer"):
        text = f"Invalid type. Expected: {expected}, given: {kind}"
        return [problem("invalid_type", path, text)]
    if "enum" in schema and value not in schema["enum"]:
        allowed = ", ".join(json.dumps(one) for one in schema["enum"])
        text = f"{name} must be one of the following: {allowed}"
        return [problem("enum", path, text)]
    if "minimum" in schema and value < schema["minimum"]:
        text = f"Must be greater than or equal to {schema['minimum']}"
        return [problem("number_gte", path, text)]
    if "maximum" in schema and value > schema["maximum"]:
        text = f"Must be less than or equal to {schema['maximum']}"
        return [problem("number_lte", path, text)]
    if schema.get("format") == "uri" and not _URI.fullmatch(value):
        return [not_uri(path)]
    found: list[Problem] = []
    if expected == "array":
        for place, one in enumerate(value[:PROBLEMS_MAX]):
            found += _of_value(f"{path}.{place}", f"{name}.{place}", one, schema["items"])
    return found


def not_uri(path: str) -> Problem:
    """A text that is no address."""
    return problem("format", path, "Does not match format 'uri'")


def json_type(value: Any) -> str:
    """What a value is called in JSON Schema; a whole number is an integer however it is written."""
    if value is None:
        return "null"
    if isinstance(value, float) and value.is_integer():
        return "integer"
    kinds = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array"}
    return kinds.get(type(value), "object")
