"""Every vendor's document is handed out, and can be read without fetching anything."""

import json
import re

import httpx
import pytest
from openapi_spec_validator import validate

from bodydouble import providers
from bodydouble.web.app import Application
from bodydouble.web.reference.page import page
from bodydouble.web.settings import Settings
from tests.openapi import reading
from tests.openapi.reading import tightened

VENDORS = providers.names()


async def get(path: str) -> httpx.Response:
    app = httpx.ASGITransport(Application(Settings(frozen=True, seed=1)))
    async with httpx.AsyncClient(transport=app, base_url="http://here:8750") as client:
        return await client.get(path)


@pytest.mark.parametrize("vendor", VENDORS)
async def test_the_document_is_valid_and_names_this_server_first(vendor: str) -> None:
    reply = await get(f"/{vendor}/openapi.json")
    assert reply.status_code == 200
    document = reply.json()
    validate(document)
    assert document["servers"][0]["url"].startswith(f"http://here:8750/{vendor}")


@pytest.mark.parametrize("vendor", VENDORS)
async def test_the_document_says_what_the_vendor_promises_only_in_prose(vendor: str) -> None:
    document = (await get(f"/{vendor}/openapi.json")).json()
    expected = json.loads(json.dumps(tightened(vendor), default=str))
    assert {**document, "servers": document["servers"][1:]} == expected
    assert (expected != reading.document(vendor)) == bool(reading.overlay(vendor)["actions"])


@pytest.mark.parametrize("vendor", VENDORS)
async def test_the_page_shows_every_operation_and_fetches_nothing(vendor: str) -> None:
    document = (await get(f"/{vendor}/openapi.json")).json()
    reply = await get(f"/{vendor}/docs")
    assert reply.headers["content-type"].startswith("text/html")
    operations = sum(m in item for item in document["paths"].values() for m in ("get", "post", "put", "delete"))  # noqa: E501  # fmt: skip
    assert reply.text.count("<article") == operations > 2
    assert not re.search(r"<(script|link[^>]+stylesheet|img|iframe)|url\(|@import", reply.text)


def test_texts_of_a_document_are_never_markup() -> None:
    evil = "<script>alert(1)</script>"
    schema = {"type": "object", "properties": {evil: {"description": evil, "enum": [evil]}}}
    answer = {
        "description": evil,
        "headers": {evil: {"description": evil}},
        "content": {evil: {"schema": schema, "example": evil}},
    }
    parameter = {"name": evil, "in": evil, "description": evil, "schema": {"type": evil}}
    words = dict.fromkeys(("summary", "description", "x-source", "x-assumption"), evil)
    answers = {"responses": {evil: answer}}
    document = {
        "info": {"title": evil, "description": evil},
        "paths": {f"/{evil}": {"post": {**words, "parameters": [parameter], **answers}}},
        "tags": [{"name": evil}],
        "servers": [{"url": evil, "description": evil}],
    }
    assert "<script>" not in page(document, "x")


def test_a_schema_that_holds_itself_ends() -> None:
    node = {"properties": {"next": {"$ref": "#/components/schemas/Node"}}}
    body = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Node"}}}}
    document = {
        "info": {"title": "x"},
        "paths": {"/": {"get": {"responses": {"200": body}}}},
        "components": {"schemas": {"Node": node}},
    }
    assert "as above" in page(document, "x")
    json.dumps(document)
