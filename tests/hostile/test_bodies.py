"""Whatever stands in a body, a vendor refuses it in its own words or takes it; none crashes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bodydouble.conformance.harness import filled_path
from bodydouble.data import document_path
from tests.hostile.targets import JSON, NOBODYS_ID, TARGETS, Session, Target

TOO_MUCH = 17 * 1024 * 1024
DEEP = b"[" * 100_000 + b"]" * 100_000
NO_OBJECT = {
    "nothing": b"",
    "a brace": b"{",
    "null": b"null",
    "a list": b"[]",
    "a text": b'"x"',
    "a number": b"5",
    "no UTF-8": b'{"prompt": "\xff\xfe"}',
    "UTF-16": '{"prompt": "x"}'.encode("utf-16"),
    "NaN": b'{"duration": NaN}',
    "infinity": b'{"duration": -Infinity}',
    "a lone surrogate": b'{"prompt": "\\ud800"}',
    "a raw NUL": b'{"prompt": "\x00"}',
    "a list without end": DEEP,
    "depth in a field": b'{"prompt": ' + DEEP + b"}",
    "objects without end": b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
    "a trailing comma": b'{"prompt": "x",}',
    "two documents": b"{}{}",
    "a form": b"prompt=x&model=y",
}


def address(path: str) -> str:
    """An operation's path with ids that do not exist."""
    return filled_path(path, NOBODYS_ID)


@pytest.mark.parametrize("body", NO_OBJECT.values(), ids=NO_OBJECT)
def test_no_operation_takes_a_body_that_is_no_json_object(session: Session, body: bytes) -> None:
    before = session.kept()
    for operation in session.operations("POST", "PUT"):
        answer = session.ask(operation.method, address(operation.path), content=body, headers=JSON)
        session.refusal(answer, before)
        assert answer.status_code in (400, 404, 415, 422), (operation.path, answer.status_code)


@pytest.mark.parametrize("body", NO_OBJECT.values(), ids=NO_OBJECT)
def test_an_operation_that_reads_no_body_does_not_mind_one(session: Session, body: bytes) -> None:
    job, before = session.order(), session.kept()
    for operation in session.operations("GET"):
        answer = session.ask("GET", address(operation.path), content=body, headers=JSON)
        assert answer.status_code in (200, 400, 404), (operation.path, answer.text[:200])
    assert job
    assert before <= session.kept()


@pytest.mark.parametrize("chunked", [False, True], ids=["announced", "chunked"])
def test_seventeen_megabytes_are_413_wherever_they_are_sent(
    session: Session, chunked: bool
) -> None:
    before = session.kept()

    async def chunks() -> Any:
        for _ in range(17):
            yield b" " * (TOO_MUCH // 17)

    for path in (session.target.path, session.me):
        content = chunks() if chunked else b" " * TOO_MUCH
        answer = session.ask("POST", path, content=content, headers=JSON)
        session.refusal(answer, before)
        assert answer.status_code == 413


@pytest.mark.parametrize(
    "kind",
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "x", "", b"\xff"],
)
def test_another_content_type_is_no_crash_and_no_charge(
    session: Session, kind: str | bytes
) -> None:
    before = session.kept()
    content = json.dumps(session.target.order).encode()
    headers = {"content-type": kind}
    answer = session.ask("POST", session.target.path, content=content, headers=headers)
    if answer.status_code >= 300:
        session.refusal(answer, before)


def test_no_object_and_no_depth_in_any_field_is_a_crash(session: Session) -> None:
    for name in [*session.target.order, "unknown", "", "__proto__", "x" * 10_000, "\u0000", "💥"]:
        for raw in (
            b"1" * 400,
            b"-1e999",
            b"1e999",
            b"1e308",
            b"-1",
            b"0.1",
            b"{}",
            b"[]",
            b"[[1]]",
            b'"\\u0000"',
            b'""',
            b'" "',
            b"true",
            b"null",
            b"9223372036854775808",
            b'"' + b"x" * 200_000 + b'"',
            b'["a","a"]',
            b'{"a":{"b":[null]}}',
            b'{"a":' * 900 + b"1" + b"}" * 900,
            b"[" * 900 + b"]" * 900,
        ):
            before = session.kept()
            body = {**session.target.order, name: "@"}
            content = json.dumps(body).encode().replace(b'"@"', raw)
            answer = session.ask("POST", session.target.path, content=content, headers=JSON)
            if answer.status_code >= 300:
                session.refusal(answer, before)


JSONS: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=20)
    | st.sampled_from(["16:9", "RESOLUTION_720", "MOTION2", "kling-v2-1", "http://a/b.png", "-5"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_any_change_of_the_usual_order_is_taken_or_refused(target: Target) -> None:
    session = Session(target)
    seen: set[bool] = set()

    @settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.dictionaries(st.sampled_from([*target.order, "image", "unknown"]), JSONS, max_size=3))
    @example({})
    @example({"prompt": 5})
    def change(changes: dict[str, Any]) -> None:
        before = session.kept()
        content = json.dumps({**target.order, **changes}).encode()
        answer = session.ask("POST", target.path, content=content, headers=JSON)
        seen.add(answer.status_code < 300)
        if answer.status_code >= 300:
            session.refusal(answer, before)

    change()
    session.close()
    assert seen == {True, False}, "the changes must reach both an accepted and a refused order"


def documented(place: Any) -> Iterator[str]:
    """The names of all members that an OpenAPI document knows."""
    if isinstance(place, dict):
        yield from place.get("properties", ())
    for inner in place.values() if isinstance(place, dict) else place:
        if isinstance(inner, dict | list):
            yield from documented(inner)


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_any_object_at_any_operation_is_taken_or_refused(target: Target) -> None:
    session = Session(target)
    operations = session.operations("POST", "PUT")
    # A list is wrong for at least one member of whatever an operation reads.
    document = yaml.safe_load(document_path(target.name).read_text("utf-8"))
    wrong: dict[str, Any] = {name: [] for name in documented(document)}
    met: set[str] = set()

    @settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.dictionaries(st.sampled_from(target.members), JSONS, max_size=6))
    @example({})
    @example(wrong)
    def throw(body: dict[str, Any]) -> None:
        content = json.dumps(body).encode()
        for operation in operations:
            before = session.kept()
            path = address(operation.path)
            answer = session.ask(operation.method, path, content=content, headers=JSON)
            if answer.status_code >= 300:
                met.add(operation.name)
                session.refusal(answer, before)

    throw()
    session.close()
    assert met == {operation.name for operation in operations}
