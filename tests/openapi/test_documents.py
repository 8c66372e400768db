"""The transcribed documents: valid, sourced, linked, and in agreement with the golden exchanges.

Refuses to know the emulator; what the vendor publishes is compared with itself only.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import validate

from tests.openapi.reading import (
    VENDORS,
    complaints,
    deref,
    document,
    merged,
    operation,
    operations,
    overlay,
    place,
    tightened,
)

FIXTURES = Path(__file__).parents[2] / "fixtures"
TEMPLATED = {"{": "", "}": ""}


def exchanges(vendor: str) -> list[dict[str, Any]]:
    """Return the replayable exchanges of a vendor that its default reading must explain."""
    files = sorted((FIXTURES / vendor).glob("*.json"))
    loaded = [json.loads(path.read_text("utf-8")) for path in files]
    return [one for one in loaded if one["status"] in ("served", "assumption")]


ALL = [pytest.param(v, one, id=f"{v}/{one['name']}") for v in VENDORS for one in exchanges(v)]


@pytest.mark.parametrize("vendor", VENDORS)
@pytest.mark.parametrize("read", [document, tightened], ids=["published", "tightened"])
def test_the_document_is_valid_openapi(vendor: str, read: Any) -> None:
    validate(read(vendor))


@pytest.mark.parametrize("vendor", VENDORS)
def test_every_operation_is_named_once_and_has_a_source_with_a_date(vendor: str) -> None:
    found = operations(document(vendor))
    names = [op["operationId"] for _, _, op in found]
    assert len(set(names)) == len(names)
    assert [
        op["operationId"] for _, _, op in found if set(op["x-source"]) != {"page", "date"}
    ] == []


@pytest.mark.parametrize("vendor", VENDORS)
def test_every_link_leads_to_an_operation(vendor: str) -> None:
    doc = document(vendor)
    names = {op["operationId"] for _, _, op in operations(doc)}
    answers = [a for _, _, op in operations(doc) for a in op["responses"].values()]
    links = [link for a in answers for link in deref(doc, a).get("links", {}).values()]
    assert links
    assert {link["operationId"] for link in links} <= names


@pytest.mark.parametrize("vendor", VENDORS)
def test_every_example_fits_its_published_schema(vendor: str) -> None:
    doc = document(vendor)
    found = [
        f"{op['operationId']}: {trouble}"
        for _, _, op in operations(doc)
        for media in _contents(doc, op)
        for example in _examples(media)
        for trouble in complaints(doc, media["schema"], example)
    ]
    assert found == []


@pytest.mark.parametrize("vendor", VENDORS)
def test_every_documented_request_survives_the_overlay(vendor: str) -> None:
    doc = tightened(vendor)
    bodies = [
        (op["operationId"], media["schema"], example)
        for _, _, op in operations(doc)
        for media in op.get("requestBody", {}).get("content", {}).values()
        for example in _examples(media)
    ]
    assert bodies
    assert [
        (name, lost) for name, schema, one in bodies if (lost := complaints(doc, schema, one))
    ] == []


def _contents(doc: dict[str, Any], op: dict[str, Any]) -> list[dict[str, Any]]:
    parts = [op.get("requestBody", {}), *(deref(doc, a) for a in op["responses"].values())]
    return [c for part in parts for c in part.get("content", {}).values() if "schema" in c]


def _examples(media: dict[str, Any]) -> list[Any]:
    single = [media["example"]] if "example" in media else []
    return single + [one["value"] for one in media.get("examples", {}).values()]


@pytest.mark.parametrize(("vendor", "exchange"), ALL)
@pytest.mark.parametrize("read", [document, tightened], ids=["published", "tightened"])
def test_a_golden_answer_fits_the_document(vendor: str, exchange: Any, read: Any) -> None:
    if exchange.get("document") == "absent":
        pytest.skip("an address that the document does not describe")
    if exchange.get("document") == "published" and read is tightened:
        pytest.skip("a sample of another model family")
    doc = read(vendor)
    path = path_filled(exchange)
    described = operation(doc, exchange["request"]["method"], path)
    assert described, f"no operation for {exchange['request']['method']} {path}"
    status = str(exchange["response"]["status"])
    if status not in described["responses"] and read is document:
        pytest.skip("the published document leaves this status out; the overlay adds it")
    answer = deref(doc, described["responses"][status])
    body = exchange["response"].get("body")
    content = answer.get("content", {})
    if body is None:
        return
    assert complaints(doc, content["application/json"]["schema"], whole(exchange, body)) == []


def whole(exchange: dict[str, Any], body: Any) -> Any:
    """Return the example with what the vendor leaves out of it, and values for placeholders."""
    out = places_filled(exchange, body)
    for path, value in exchange.get("samples", {}).items():
        if path.startswith("$."):
            out[path.removeprefix("$.")] = value
    return out


def path_filled(exchange: dict[str, Any]) -> str:
    """Return the path with a sample for each placeholder: a name may be several segments long."""
    path: str = exchange["request"]["path"].partition("?")[0]
    for name, value in exchange.get("samples", {}).items():
        path = path.replace("{" + name + "}", str(value))
    return path.translate(str.maketrans(TEMPLATED))


def places_filled(exchange: dict[str, Any], body: Any) -> Any:
    """Return the body with the file's own sample for each placeholder."""
    text = json.dumps(body)
    for name, value in exchange.get("samples", {}).items():
        text = text.replace('"{' + name + '}"', json.dumps(value))
    return json.loads(text)


WRITTEN = [
    pytest.param(vendor, one, id=f"{vendor}/{one['name']}")
    for vendor in VENDORS
    for one in exchanges(vendor)
    if one["request"].get("body") is not None
    and (one["response"]["status"] < 300 or one["name"].startswith(("error-400-", "error-422-")))
    and one.get("document") not in ("blind", "absent")
]


@pytest.mark.parametrize(("vendor", "exchange"), WRITTEN)
def test_the_overlay_tells_accepted_bodies_from_refused_ones(vendor: str, exchange: Any) -> None:
    doc = tightened(vendor)
    path = path_filled(exchange)
    described = operation(doc, exchange["request"]["method"], path)
    assert described
    schema = described["requestBody"]["content"]["application/json"]["schema"]
    found = complaints(doc, schema, places_filled(exchange, exchange["request"]["body"]))
    assert bool(found) == (exchange["response"]["status"] >= 300), found


DELIVERIES = sorted(FIXTURES.glob("*/deliveries/*.json"))


@pytest.mark.parametrize("path", DELIVERIES, ids=[path.stem for path in DELIVERIES])
@pytest.mark.parametrize("read", [document, tightened], ids=["published", "tightened"])
def test_a_golden_delivery_fits_the_document(path: Path, read: Any) -> None:
    exchange = json.loads(path.read_text("utf-8"))
    doc, body = read(exchange["vendor"]), places_filled(exchange, exchange["delivery"]["body"])
    # A body that does not say what it is about is the example of its file's name.
    named = exchange["name"].removeprefix("delivery-").replace("-", "_")
    event = doc["webhooks"][body.get("event") or body.get("type") or named]["post"]
    schema = event["requestBody"]["content"]["application/json"]["schema"]
    assert complaints(doc, schema, body) == []


@pytest.mark.parametrize("vendor", VENDORS)
def test_every_action_of_the_overlay_hits_something_and_changes_it(vendor: str) -> None:
    doc, actions = document(vendor), overlay(vendor)["actions"]
    assert actions
    for action in actions:
        parent, last = place(doc, action["target"])
        before = json.dumps(parent[last], sort_keys=True)
        parent[last] = merged(parent[last], action["update"])
        assert json.dumps(parent[last], sort_keys=True) != before, action["target"]


@pytest.mark.parametrize("vendor", VENDORS)
def test_every_action_of_the_overlay_has_a_reason_and_a_source_or_owns_up(vendor: str) -> None:
    lost = [
        action["target"]
        for action in overlay(vendor)["actions"]
        if not action.get("description")
        or not (
            action.get("x-assumption") is True
            or set(action.get("x-source", {})) == {"page", "date"}
        )
    ]
    assert lost == []


def test_an_action_that_misses_is_an_error() -> None:
    with pytest.raises(KeyError):
        place(document(VENDORS[0]), "$.paths['/no/such'].get")
