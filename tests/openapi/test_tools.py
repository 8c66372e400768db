"""What tools that read the documents must find said in them, in the words such tools know.

Schemathesis is one (`test_schemathesis.py`): each test here is about something it once reported.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.openapi.reading import VENDORS, deref, operations, tightened

CONFIG = Path(__file__).parents[2] / "docs" / "schemathesis.toml"
DOCUMENTS = (*VENDORS, "control")
FORM = "multipart/form-data"
EXCEPTIONS = [
    (project["title"], exception)
    for project in tomllib.loads(CONFIG.read_text("utf-8"))["project"]
    for exception in project.get("operations", [])
]


def contents(doc: dict[str, Any], kind: str) -> Iterator[tuple[str, Any]]:
    """The schemas of one media type in requests and answers, with the operation's name."""
    for _, _, op in operations(doc):
        parts = [op.get("requestBody", {}), *op["responses"].values()]
        for part in parts:
            told = deref(doc, part).get("content", {})
            if kind in told:
                yield op["operationId"], deref(doc, told[kind]["schema"])


def nodes(doc: dict[str, Any], schema: Any) -> Iterator[dict[str, Any]]:
    """A schema and every schema in it; no form refers to itself."""
    schema = deref(doc, schema)
    if isinstance(schema, dict):
        yield schema
    inner = schema.values() if isinstance(schema, dict) else schema
    for one in inner if isinstance(schema, (dict, list)) else ():
        yield from nodes(doc, one)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_stream_says_what_one_event_holds(name: str) -> None:
    # Before OpenAPI 3.2 and its itemSchema there is no other place for it than the schema.
    for op, schema in contents(tightened(name), "text/event-stream"):
        assert schema["type"] == "object", op
        assert "data" in schema["required"], op
        assert schema["properties"]["data"]["type"] == "string", op


def test_some_document_has_a_stream_and_some_a_form_with_a_file() -> None:
    assert any([*contents(tightened(name), "text/event-stream")] for name in VENDORS)
    assert any(
        one.get("format") == "binary"
        for name in VENDORS
        for _, schema in contents(tightened(name), FORM)
        for one in nodes(tightened(name), schema)
    )


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_form_with_a_file_puts_its_conditions_as_choices(name: str) -> None:
    # Who draws such a form has bytes in hand, which no validator of JSON can put to an `if`.
    doc = tightened(name)
    for op, schema in contents(doc, FORM):
        found = [*nodes(doc, schema)]
        if any(one.get("format") == "binary" for one in found):
            assert [one for one in found if "if" in one] == [], op


@pytest.mark.parametrize(
    ("title", "exception"), EXCEPTIONS, ids=[f"{n}" for n, _ in enumerate(EXCEPTIONS)]
)
def test_every_exception_is_about_operations_that_there_are(title: str, exception: Any) -> None:
    (doc,) = [doc for doc in map(tightened, DOCUMENTS) if doc["info"]["title"] == title]
    named = exception.get("include-operation-id", [])
    names = {named} if isinstance(named, str) else set(named)
    assert names <= {op["operationId"] for _, _, op in operations(doc)}
