"""What OpenAI says of a bad parameter, from pydantic's errors: a sentence and a code.

The forms are those of recorded replies, of this API and of its others; it knows no parameter by
name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from bodydouble.core.errors import Refused
from bodydouble.core.forms import Part
from bodydouble.providers.openai_videos.errors import bad

if TYPE_CHECKING:
    from pydantic import BaseModel, ValidationError

    M = TypeVar("M", bound=BaseModel)

# A refusal repeats no more than this of what somebody sent.
GIVEN_CHARS_MAX = 200
_NAMES = {str: "a string", bool: "a boolean", int: "an integer", float: "a decimal"}
_NAMES |= {list: "an array", dict: "an object", Part: "a file", type(None): "null"}
_WANTED = {
    "string_type": "a string",
    "list_type": "an array",
    "bool_type": "a boolean",
    "bool_parsing": "a boolean",
    "dict_type": "an object",
    "model_type": "an object",
    "model_attributes_type": "an object",
}
_QUOTED = re.compile(r"'((?:[^'\\]|\\.)*)'")


def read(model: type[M], given: Mapping[str, Any]) -> M:
    """``given`` read as ``model``. Refused: INVALID."""
    from pydantic import ValidationError

    try:
        return model.model_validate(given)
    except ValidationError as error:
        raise worded(error) from None


def worded(error: ValidationError) -> Refused:
    """The refusal of the first thing that is wrong."""
    first = error.errors(include_url=False)[0]
    kind, given, limits = first["type"], first.get("input"), first.get("ctx", {})
    param = _path(first["loc"])
    if kind == "missing":
        return bad(param, "missing_required_parameter", f"Missing required parameter: '{param}'.")
    if kind == "extra_forbidden":
        return bad(param, "unknown_parameter", f"Unknown parameter: '{param}'.")
    if kind == "literal_error":
        return _unlisted(param, given, str(limits["expected"]))
    if kind == "string_too_short":
        text = "Expected a string with minimum length 1, but got an empty string instead."
        return bad(param, "empty_string", f"Invalid '{param}': empty string. {text}")
    if kind in ("string_too_long", "too_long"):
        what, code = ("string", "string") if kind == "string_too_long" else ("array", "array")
        most = limits["max_length"]
        article = "an" if what == "array" else "a"
        length = len(given) if isinstance(given, (str, list)) else limits.get("actual_length")
        text = (
            f"Expected {article} {what} with maximum length {most}, but got {article} {what} with "
            f"length {length} instead."
        )
        return bad(param, f"{code}_above_max_length", f"Invalid '{param}': {what} too long. {text}")
    if kind in _WANTED:
        return wrong_type(param, _WANTED[kind], given)
    return bad(param, "invalid_value", f"Invalid '{param}': {first['msg']}.", given)


def wrong_type(param: str, wanted: str, given: Any) -> Refused:
    """The refusal of a value of another type; to be raised."""
    got = next((name for kind, name in _NAMES.items() if type(given) is kind), "another type")
    text = f"Invalid type for '{param}': expected {wanted}, but got {got} instead."
    return bad(param, "invalid_type", text)


def unlisted(param: str, given: Any, allowed: tuple[str, ...]) -> Refused:
    """The refusal of a value outside its list; to be raised."""
    shown = str(given)[:GIVEN_CHARS_MAX]
    text = f"Invalid value: '{shown}'. Supported values are: {_listed(allowed, 'and')}."
    return bad(param, "invalid_value", text, given)


def _unlisted(param: str, given: Any, expected: str) -> Refused:
    allowed = tuple(_QUOTED.findall(expected))
    if isinstance(given, str):
        return unlisted(param, given, allowed)
    return wrong_type(param, f"one of {_listed(allowed, 'or')}", given)


def _listed(allowed: tuple[str, ...], last: str) -> str:
    quoted = [f"'{one}'" for one in allowed]
    if len(quoted) < 3:
        return f" {last} ".join(quoted)
    return f"{', '.join(quoted[:-1])}, {last} {quoted[-1]}"


def _path(places: tuple[int | str, ...]) -> str:
    text = ""
    for place in places:
        text += f"[{place}]" if isinstance(place, int) else f".{place}" if text else place
    return text[:GIVEN_CHARS_MAX]
