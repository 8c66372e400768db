"""What Runway's validator says of a bad body: a list of issues with code, path and message.

The forms are those that recorded replies show (zod 4); where none was recorded the wording is an
assumption by analogy. It knows pydantic's errors and no member by name.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from bodydouble.core.errors import Cause, FieldProblem, Flaw, Refused

if TYPE_CHECKING:
    from pydantic import ValidationError

Issue = dict[str, Any]
ISSUES_MAX = 20
_DISCRIMINATOR = {
    "code": "invalid_union",
    "errors": [],
    "note": "No matching discriminator",
    "discriminator": "model",
    "path": ["model"],
    "message": "Invalid input",
}
_TYPES = {
    "string_type": "string",
    "int_type": "number",
    "int_parsing": "number",
    "int_from_float": "int",
    "float_type": "number",
    "bool_type": "boolean",
    "list_type": "array",
    "dict_type": "object",
    "model_type": "object",
    "model_attributes_type": "object",
}
_BOUNDS = {
    "greater_than_equal": ("too_small", "minimum", "ge", ">=", "number"),
    "less_than_equal": ("too_big", "maximum", "le", "<=", "number"),
    "too_long": ("too_big", "maximum", "max_length", "<=", "array"),
    "too_short": ("too_small", "minimum", "min_length", ">=", "array"),
}
_FLAWS = {
    "invalid_type": Flaw.TYPE,
    "invalid_value": Flaw.CHOICE,
    "too_big": Flaw.RANGE,
    "too_small": Flaw.RANGE,
    "unrecognized_keys": Flaw.UNKNOWN,
}
NO_MODEL: list[Issue] = [
    {
        "expected": "string",
        "code": "invalid_type",
        "path": ["model"],
        "message": "Invalid input: expected string, received undefined",
    },
    _DISCRIMINATOR,
]


def wrong_model() -> list[Issue]:
    """The model is none that this operation has."""
    return [_DISCRIMINATOR]


def custom(path: str, message: str) -> list[Issue]:
    """One member that cannot be used, for a reason of its own."""
    return [{"code": "custom", "message": message, "path": [path]}]


def invalid(issues: list[Issue]) -> Refused:
    """The refusal that carries these issues; the first names the field."""
    first = issues[0]
    path = ".".join(map(str, first["path"]))
    problem = FieldProblem(path, _FLAWS.get(first["code"], Flaw.FORMAT), text=first["message"])
    return Refused(Cause.INVALID, first["message"], fields=(problem,), issues=issues)


def issues_of(error: ValidationError) -> list[Issue]:
    """Every issue of a body, the unknown members together."""
    found: list[Issue] = []
    unknown: dict[tuple[Any, ...], list[str]] = {}
    for one in error.errors(include_url=False, include_input=True)[:ISSUES_MAX]:
        if one["type"] == "extra_forbidden":
            unknown.setdefault(one["loc"][:-1], []).append(str(one["loc"][-1]))
        else:
            found.append(_issue(one))
    for path, keys in unknown.items():
        named = ", ".join(f'"{key}"' for key in keys)
        message = f"Unrecognized key{'s' * (len(keys) > 1)}: {named}"
        issue = {"code": "unrecognized_keys", "keys": keys, "path": [*path], "message": message}
        found.append(issue)
    return found


def _issue(one: Any) -> Issue:
    kind, told = one["type"], one.get("ctx", {})
    # A union's branches are names of ours, not of the body.
    path = [part for part in one["loc"] if isinstance(part, int) or _MEMBER.fullmatch(part)]
    if kind == "missing" or kind in _TYPES:
        expected = _TYPES.get(kind, "string")
        received = "undefined" if kind == "missing" else _json_type(one["input"])
        message = f"Invalid input: expected {expected}, received {received}"
        return {"expected": expected, "code": "invalid_type", "path": path, "message": message}
    if kind == "literal_error":
        values = [text or int(number) for text, number in _LITERAL.findall(told["expected"])]
        options = "|".join(f'"{one}"' if isinstance(one, str) else str(one) for one in values)
        message = f"Invalid option: expected one of {options}"
        return {"code": "invalid_value", "values": values, "path": path, "message": message}
    if kind in _BOUNDS:
        code, name, key, sign, origin = _BOUNDS[kind]
        message = f"Too {code[4:]}: expected {origin} to be {sign}{told[key]}"
        bound = {"origin": origin, "code": code, name: told[key], "inclusive": True}
        return {**bound, "path": path, "message": message}
    if "message" in told:
        return {**told, "code": kind, "path": path}
    return {"code": "custom", "path": path, "message": "Invalid input"}


_MEMBER = re.compile(r"[a-z][A-Za-z]*")
_LITERAL = re.compile(r"'([^']*)'|(\d+)")


def _json_type(value: Any) -> str:
    if value is None:
        return "null"
    kinds = {bool: "boolean", int: "number", float: "number", str: "string", list: "array"}
    return kinds.get(type(value), "object")
