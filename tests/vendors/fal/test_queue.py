"""fal's queue where no official client looks: its stream's events, and queries nobody sends."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.openapi.reading import complaints, deref, tightened
from tests.vendors.session import Session

KEY = "01234567-89ab-cdef-0123-456789abcdef:" + "a" * 32
APP = "/fal-ai/kling-video"
MODEL = f"{APP}/v2.5-turbo/pro/text-to-video"


def session() -> Session:
    at = Session("/fal", KEY)
    at.headers = {"authorization": f"Key {KEY}"}
    return at


async def submitted(at: Session) -> str:
    answer = await at.post(MODEL, {"prompt": "a paper boat"})
    assert answer.status_code == 200, answer.text
    return f"{APP}/requests/{answer.json()['request_id']}"


async def test_each_event_of_a_stream_is_what_the_document_says_of_one() -> None:
    at = session()
    request = await submitted(at)
    await at.advance(600)
    answer = await at.get(f"{request}/status/stream?logs=1")
    assert answer.headers["content-type"] == "text/event-stream"
    (event,) = answer.text.strip().split("\n\n")
    name, _, data = event.partition(": ")
    doc = tightened("fal")
    schema = doc["components"]["schemas"]["StatusEvent"]
    assert complaints(doc, schema, {name: data}) == []
    told = json.loads(data)
    content = schema["properties"]["data"]["contentSchema"]
    assert complaints(doc, content, told) == []
    assert told == (await at.get(f"{request}/status?logs=1")).json()
    assert complaints(doc, content, {**told, "status": "DONE"}) != []
    described = deref(doc, doc["paths"]["/{owner}/{app}/requests/{request_id}/status/stream"])
    media = described["get"]["responses"]["200"]["content"]["text/event-stream"]
    assert deref(doc, media["schema"]) == schema


@pytest.mark.parametrize(
    ("query", "shown"),
    [("logs=1", True), ("logs=true", True), ("logs=0", False), ("logs=%C2%82", False), ("", False)],
)
async def test_a_query_that_makes_no_sense_asks_for_no_logs(query: str, shown: bool) -> None:
    at = session()
    request = await submitted(at)
    await at.advance(600)
    answer = await at.get(f"{request}/status?{query}")
    assert (answer.status_code, bool(answer.json()["logs"])) == (200, shown)


async def test_what_a_request_answers_depends_on_where_it_stands() -> None:
    at = session()
    request = await submitted(at)
    early = await at.get(request)
    assert (early.status_code, early.json()["detail"]) == (400, "Request is still in progress")
    await at.advance(600)
    late = await at.send("PUT", f"{request}/cancel")
    assert (late.status_code, late.json()) == (400, {"status": "ALREADY_COMPLETED"})
    other = await submitted(at)
    assert (await at.send("PUT", f"{other}/cancel")).status_code == 200
    assert (await at.get(other)).status_code == 499


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("", False),
        ("expand=", False),
        ("expand=AAA", False),
        ("expand=credits", True),
        ("expand=AAA&expand=credits", True),
        ("expand=AAA,credits", True),
    ],
)
async def test_credits_are_shown_where_expand_names_them_among_others(
    query: str, shown: bool
) -> None:
    answer = await session().get(f"/v1/account/billing?{query}")
    assert answer.status_code == 200
    told: dict[str, Any] = answer.json()
    assert ("credits" in told) is shown
