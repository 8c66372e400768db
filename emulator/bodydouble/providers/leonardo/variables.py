"""Reading a request the way Leonardo's GraphQL engine does: variables, their types, its complaints.

A request's variables come from the query string and the JSON body together; unknown ones are
refused first, then missing ones, then wrong types, one complaint at a time. It knows types, not
what the values mean. Wordings: docs.leonardo.ai/docs/api-error-messages and, where that page is
silent, Hasura's own.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from bodydouble.core import wire
from bodydouble.core.errors import Refused
from bodydouble.core.wire import Call
from bodydouble.providers.leonardo.errors import invalid, shown

_NAME = re.compile(r"[_A-Za-z][_0-9A-Za-z]*")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_INT = re.compile(r"[+-]?[0-9]{1,18}")
_INT_MAX = 2**31
_EXPECTED = {
    "String": "a string",
    "Boolean": "a boolean",
    "Int": "a 32-bit integer",
    "bigint": "an integer",
    "Float": "a float",
}


@dataclass(frozen=True, slots=True)
class Variable:
    """One variable. ``type`` is the GraphQL type's name; ``choices`` make it an enum, ``fields`` an
    input object, ``many`` a list of it, ``ignored`` lets any value pass unread."""

    name: str
    type: str = "String"
    required: bool = False
    choices: tuple[str, ...] = ()
    fields: tuple[Variable, ...] = ()
    many: bool = False
    ignored: bool = False


def read_variables(call: Call, field: str, variables: tuple[Variable, ...]) -> dict[str, Any]:
    """The values that were given, nulls left out; ``field`` is the GraphQL field errors name.

    Refused(INVALID): `Unexpected variable <name>`, a missing variable, a wrong type.
    """
    if not variables and not call.query_string and call.method == "GET":
        return {}  # as every poll comes
    known = {variable.name: variable for variable in variables}
    given = _given(call, known, variables)
    for name in given:
        if name not in known:
            raise invalid(f"Unexpected variable {shown(name)}", code="bad-request")
    for variable in variables:
        if variable.required and given.get(variable.name) is None:
            raise _missing(variable.name)
    at = f"$.selectionSet.{field}.args.arg1"
    return {
        name: _value(known[name], given[name], f"{at}.{name}")
        for name in known
        if given.get(name) is not None
    }


def read_uuid(text: str) -> str:
    """The id of a path, in lower case. Refused(INVALID) in the database's words."""
    if not is_uuid(text):
        error = f'invalid input syntax for type uuid: "{shown(text)}"'
        raise invalid(error, code="data-exception")
    return text.lower()


def is_uuid(text: str) -> bool:
    """Whether ``text`` has the shape of a UUID."""
    return _UUID.fullmatch(text.lower()) is not None


def _missing(name: str) -> Refused:
    return invalid(
        f'expecting a value for non-nullable variable: "{name}"', code="validation-failed"
    )


def _given(
    call: Call, known: Mapping[str, Variable], variables: Iterable[Variable]
) -> dict[str, Any]:
    given: dict[str, Any] = {
        name: _from_text(known[name], text) if name in known else text
        for name, text in call.query.items()
    }
    if call.method not in ("GET", "DELETE") and call.body.strip():
        try:
            body = call.json
        except Refused:
            body = []
        if body is not None and not isinstance(body, dict):
            # A malformed body is said to read as one without its first required field.
            raise _missing(next((v.name for v in variables if v.required), "object"))
        given |= body or {}
    return given


def _from_text(variable: Variable, text: str) -> Any:
    """A query parameter as the JSON value it stands for; text that does not fit stays text."""
    if variable.many or variable.fields or variable.ignored:
        try:
            return wire.read_json(text.encode())
        except ValueError:
            return text
    if variable.type == "Boolean":
        return {"true": True, "false": False, "": True}.get(text.lower(), text)
    if variable.type in ("Int", "bigint") and _INT.fullmatch(text):
        return int(text)
    if variable.type == "Float":
        try:
            return float(text)
        except ValueError:
            return text
    return text


def _value(variable: Variable, value: Any, path: str) -> Any:
    if variable.ignored:
        return value
    if variable.many:
        # One value where a list belongs is a list of one.
        items = value if isinstance(value, list) else [value]
        return [_item(variable, item, f"{path}[{index}]") for index, item in enumerate(items)]
    return _item(variable, value, path)


def _item(variable: Variable, value: Any, path: str) -> Any:
    if variable.choices:
        return _enum(variable, value, path)
    if variable.fields:
        return _object(variable, value, path)
    fits = {
        "String": isinstance(value, str),
        "Boolean": isinstance(value, bool),
    }.get(variable.type, isinstance(value, int | float) and not isinstance(value, bool))
    if not fits:
        raise _mismatch(_EXPECTED[variable.type], variable.type, value, path)
    if variable.type in ("Int", "bigint"):
        return _integer(variable, value, path)
    if variable.type == "Float" and not math.isfinite(value):
        raise _mismatch(_EXPECTED["Float"], "Float", value, path)
    return value


def _integer(variable: Variable, value: int | float, path: str) -> int:
    bound = _INT_MAX if variable.type == "Int" else _INT_MAX**2
    whole = isinstance(value, int) or value.is_integer()
    if not whole or not -bound <= value < bound:
        raise invalid(
            f"The value {value} lies outside the bounds or is not an integer. "
            "Maybe it is a float, or is there integer overflow?",
            code="validation-failed",
            path=path,
        )
    return int(value)


def _enum(variable: Variable, value: Any, path: str) -> str:
    if not isinstance(value, str) or not _NAME.fullmatch(value):
        raise _mismatch("an enum value", variable.type, value, path)
    if value not in variable.choices:
        listed = ", ".join(f"'{choice}'" for choice in variable.choices)
        raise invalid(
            f"expected one of the values [{listed}] for type '{variable.type}', "
            f"but found '{shown(value)}'",
            code="validation-failed",
            path=path,
        )
    return value


def _object(variable: Variable, value: Any, path: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _mismatch("an object", variable.type, value, path)
    fields = {field.name: field for field in variable.fields}
    for name in value:
        if name not in fields:
            raise invalid(
                f"field '{shown(name)}' not found in type: '{variable.type}'",
                code="validation-failed",
                path=path,
            )
    for field in variable.fields:
        if field.required and value.get(field.name) is None:
            raise invalid(
                f"missing required field '{field.name}'", code="validation-failed", path=path
            )
    return {
        name: _value(fields[name], item, f"{path}.{name}")
        for name, item in value.items()
        if item is not None
    }


def _mismatch(expected: str, type_name: str, value: Any, path: str) -> Refused:
    found = "an object"
    for kind, words in (
        (bool, "a boolean"),
        (int | float, "a number"),
        (str, "a string"),
        (list, "an array"),
        (type(None), "null"),
    ):
        if isinstance(value, kind):
            found = words
            break
    error = f"expected {expected} for type '{type_name}', but found {found}"
    return invalid(error, code="validation-failed", path=path)
