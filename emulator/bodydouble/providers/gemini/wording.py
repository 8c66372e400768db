"""How interactions and webhooks say what is wrong with a body, read by pydantic models.

Sources: ai.google.dev/gemini-api/docs/api-errors (2026-09-20) and recorded refusals ("Unknown
parameter 'x' at 'input[1]'", "Expected an array, got object"); the other sentences are by analogy.
"""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from bodydouble.core.errors import Flaw, Refused
from bodydouble.providers.gemini.errors import bad

M = TypeVar("M", bound=BaseModel)

_WANTED = {
    "string_type": "a string",
    "bool_type": "a boolean",
    "int_type": "an integer",
    "list_type": "an array",
    "dict_type": "an object",
    "model_type": "an object",
    "model_attributes_type": "an object",
}


class Body(BaseModel):
    """A body, or an object in one; a parameter that nobody knows is refused."""

    model_config = ConfigDict(strict=True, extra="forbid", protected_namespaces=())


def read(model: type[M], given: Any, at: str = "") -> M:
    """``given`` as ``model``; ``at`` is where it stands. Refused: INVALID."""
    try:
        return model.model_validate(given)
    except ValidationError as error:
        raise _worded(error.errors(include_url=False, include_context=True)[0], at) from None


def _worded(problem: Any, at: str) -> Refused:
    *before, name = problem["loc"] or ("",)
    place, path = _path(at, before), _path(at, problem["loc"])
    kind, given = problem["type"], problem["input"]
    if kind == "extra_forbidden":
        text = f"Unknown parameter '{name}'" + (f" at '{place}'" if place else "")
        return bad(path, Flaw.UNKNOWN, text, given, "parameter_unknown")
    if kind == "missing":
        return bad(path, Flaw.MISSING, f"Missing required parameter '{path}'")
    if kind in _WANTED:
        return wrong_type(path, _WANTED[kind], given)
    if kind in ("literal_error", "enum"):
        return unlisted(path, given, problem["ctx"]["expected"])
    text = f"Invalid value at '{path}'" if path else "Invalid value"
    return bad(path, Flaw.LENGTH, text, given)


def wrong_type(path: str, wanted: str, given: Any) -> Refused:
    """A refusal of a value of another type; to be raised."""
    where = f" at '{path}'" if path else ""
    return bad(path, Flaw.TYPE, f"Expected {wanted}, got {_type(given)}{where}", given)


def unlisted(path: str, given: Any, expected: str) -> Refused:
    """A refusal of a value that is none of those there are; to be raised."""
    shown = str(given)[:100]
    text = f"Invalid value '{shown}' at '{path}'. Supported values are: {expected}."
    return bad(path, Flaw.CHOICE, text, given)


def _path(at: str, parts: Any) -> str:
    path = at
    for part in parts:
        path += f"[{part}]" if isinstance(part, int) else f".{part}" if path else str(part)
    return path


def _type(given: Any) -> str:
    if given is None:
        return "null"
    if isinstance(given, bool):
        return "boolean"
    kinds = {str: "string", int: "number", float: "number", list: "array", dict: "object"}
    return kinds.get(type(given), "value")
