"""What the judge's moves send is what they say: other spellings are the same JSON value."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bodydouble_contracts.drivers.moves import spellings


@pytest.mark.parametrize(
    "body",
    [
        {"prompt": "a boat"},
        {"model": "x", "public": False, "parameters": {"prompt": "a boat", "audio": True}},
        {"model": "x", "public": False},
        {"sound": "\u00ae\U0001f3ac", "name": "a"},
        {"text": 'it says "a"', "more": ["a", False, None, "b"]},
        {"path": "\\a", "n": 1.5},
        {},
    ],
)
def test_a_body_spelled_anew_is_the_same_value(body: dict[str, Any]) -> None:
    assert all(json.loads(raw) == body for raw in spellings(body))


def test_one_spelling_escapes_a_plain_letter() -> None:
    body = {"public": False, "parameters": {"prompt": "a boat"}}
    assert any(b"\\u0061 boat" in raw for raw in spellings(body))
