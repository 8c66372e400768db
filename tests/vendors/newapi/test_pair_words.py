"""The words of the observed pairs: each kind of wrong reply is found, and no word is misspelt."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.vendors.newapi.pairs import KINDS, NAMES, PAIRS, Reply, Values, differences

STAMPED = {
    "x-oneapi-request-id": "20261126103756784249788" + "fcf441ce" + "4rwNrK1R",
    "x-new-api-version": "v1",
    "content-type": "application/json; charset=utf-8",
}
ID, OTHER = "task_" + "a" * 32, "task_" + "b" * 32
LIST = {"<each>": {"id": "<str>"}, "<by>": "id"}

RIGHT: list[tuple[Any, Any]] = [
    ({"a": "<int>", "b": "<number>"}, {"a": 1, "b": 1.5}),
    ({"b": 1, "<more>": True}, {"a": 0, "b": 1}),
    ({"a": "<s>", "b": "<ms>"}, {"a": 1795689476, "b": 1795689476760}),
    ({"id": "<id>", "task_id": "<id>"}, {"id": ID, "task_id": ID}),
    ({"a": "~x+ {task}"}, {"a": "xx T"}),
    ({"a": "{quota}"}, {"a": 175000}),
    ({"a": "<sorted>"}, {"a": {"x": [{"a": 1, "b": 2}], "y": {}}}),
    ({"a": ["<any>", None]}, {"a": [{}, None]}),
    (LIST, [{"id": "a"}, {"id": "b"}]),
    ({"<some>": {"id": "b"}}, [{"id": "a"}, {"id": "b"}]),
]
WRONG: dict[str, tuple[Any, Any]] = {
    "order": ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
    "missing": ({"a": 1, "b": 2}, {"a": 1}),
    "one more": ({"a": 1}, {"a": 1, "b": 2}),
    "missing among more": ({"a": 1, "<more>": True}, {"b": 2}),
    "a fraction for a whole": ({"a": 35}, {"a": 35.0}),
    "true for one": ({"a": 1}, {"a": True}),
    "true for a whole": ({"a": "<int>"}, {"a": True}),
    "null for text": ({"a": "<str>"}, {"a": None}),
    "seconds for milliseconds": ({"a": "<ms>"}, {"a": 1795689476}),
    "milliseconds for seconds": ({"a": "<s>"}, {"a": 1795689476760}),
    "two ids": ({"id": "<id>", "task_id": "<id>"}, {"id": ID, "task_id": OTHER}),
    "no id": ({"id": "<id>"}, {"id": "task_1"}),
    "part of a pattern": ({"a": "~x"}, {"a": "xx"}),
    "unsorted": ({"a": "<sorted>"}, {"a": {"x": [{"b": 1, "a": 2}]}}),
    "a longer list": ({"a": [1]}, {"a": [1, 2]}),
    "another list": ({"a": [1]}, {"a": [2]}),
    "an empty list": (LIST, []),
    "one of each": (LIST, [{"id": "a"}, {"id": 2}]),
    "another order of each": (LIST, [{"id": "b"}, {"id": "a"}]),
    "none of some": ({"<some>": {"id": "c"}}, [{"id": "a"}]),
    "an object for a list": (LIST, {"id": "a"}),
    "text for an object": ({"a": {"b": 1}}, {"a": "b"}),
}


def told(expected: dict[str, Any], body: bytes, status: int = 200, **headers: str) -> list[str]:
    """What a reply with the usual headers, and others besides, has against what is expected."""
    values = Values({"task": "T", "quota": 175000})
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return differences(expected, Reply(status, {**STAMPED, **names}, body), values)


@pytest.mark.parametrize(("expected", "got"), RIGHT, ids=lambda value: json.dumps(value)[:30])
def test_what_is_right_is_let_be(expected: Any, got: Any) -> None:
    assert told({"status": 200, "json": expected}, json.dumps(got).encode()) == []


@pytest.mark.parametrize("kind", WRONG)
def test_what_is_wrong_in_a_body_is_found(kind: str) -> None:
    expected, got = WRONG[kind]
    assert told({"status": 200, "json": expected}, json.dumps(got).encode()) != []


def test_what_is_wrong_around_a_body_is_found() -> None:
    assert told({"status": 200, "empty": True}, b"") == []
    assert told({"status": 200, "empty": True}, b"x") != []
    assert told({"status": 204}, b"") != []
    assert told({"status": 200, "json": {}}, b"no JSON") != []
    assert told({"status": 200, "json": {}}, b"{}", content_type="application/json") != []
    assert told({"status": 200, "type": "application/json"}, b"{}") != []
    assert told({"status": 200, "text": "~a.c"}, b"abd") != []
    assert told({"status": 200, "headers": {"location": "/"}}, b"") != []
    assert told({"status": 200, "absent": ["retry-after"]}, b"", retry_after="1") != []
    assert told({"status": 200}, b"", x_oneapi_request_id="mine") != []
    assert told({"status": 200, "stamped": False}, b"", x_oneapi_request_id="mine") == []
    assert told({"status": 200, "absent": ["x-new-api-version"]}, b"") != []


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for inner in value.items() if isinstance(value, dict) else ():
        yield from _texts(list(inner))
    for inner in value if isinstance(value, list) else ():
        yield from _texts(inner)


def test_no_placeholder_is_misspelt() -> None:
    texts = [text for pair in PAIRS for text in _texts(pair)]
    kinds = {kind for text in texts if (kind := text.strip("<>")) != text}
    # A pattern counts its repetitions in braces, and bodies in raw text have braces of their own.
    names = {name for text in texts for name in re.findall(r"\{(-?[a-z_]+)\}", text)}
    assert kinds - KINDS == set()
    assert names - NAMES == set()
    assert len(kinds) > 8
    assert len(names) > 6
