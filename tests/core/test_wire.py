"""A call is read lazily, and bad bytes become refusals."""

import json

import orjson
import pytest

from bodydouble.core import wire
from bodydouble.core.errors import Cause, Refused
from bodydouble.core.provider_kit import bearer
from bodydouble.core.wire import JSON_DEPTH_MAX, Call, read_json


def call(body: bytes = b"", query: bytes = b"", **headers: bytes) -> Call:
    named = tuple((name.encode(), value) for name, value in headers.items())
    return Call("POST", "/v1/x", query=query, headers=named, body=body)


@pytest.fixture(params=[json.loads, orjson.loads], ids=["stdlib", "orjson"])
def _decoder(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "decode_json", request.param)


@pytest.mark.usefixtures("_decoder")
@pytest.mark.parametrize(
    "body", [b"", b"{", b"\xff", b"[" * 200_000, b'{"a": }', b"\x00", b"{}{}", b"{'a': 1}"]
)
def test_what_is_no_json_is_refused(body: bytes) -> None:
    with pytest.raises(Refused) as refused:
        _ = call(body).json
    assert refused.value.refusal.cause is Cause.BAD_BODY


@pytest.mark.parametrize("body", [b'{"a": NaN}', b'{"a": Infinity}', b'{"a": "\\ud800"}'])
def test_numbers_and_texts_that_json_does_not_have_are_refused(
    body: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "decode_json", orjson.loads)
    with pytest.raises(Refused):
        _ = call(body).json


@pytest.mark.parametrize("body", [b"[]", b"null", b"1", b'"x"', b"true"])
def test_a_body_that_must_be_an_object_is_refused_if_it_is_none(body: bytes) -> None:
    with pytest.raises(Refused, match="object"):
        call(body).json_object()


def test_an_object_is_read_once() -> None:
    one = call(b'{"a": [1, "\xf0\x9f\x8e\xac"]}')
    assert one.json_object() == {"a": [1, "🎬"]}
    assert one.json is one.json


@pytest.mark.parametrize(
    ("query", "read"),
    [
        (b"", {}),
        (b"a=1&b=2", {"a": "1", "b": "2"}),
        (b"a=1&a=2", {"a": "1"}),
        (b"a=&b", {"a": "", "b": ""}),
        (b"a=%F0%9F%8E%AC+x", {"a": "🎬 x"}),
        (b"a=%ff", {"a": "\ufffd"}),
        (b"&&=&", {"": ""}),
    ],
)
def test_a_query_is_read_leniently_and_the_first_of_a_name_counts(
    query: bytes, read: dict[str, str]
) -> None:
    assert call(query=query).query == read


def test_every_value_of_a_repeated_parameter_can_be_had() -> None:
    one = call(query=b"a=1&b=2&a=&a=3")
    assert (one.query_all("a"), one.query_all("b"), one.query_all("c")) == (
        ["1", "", "3"],
        ["2"],
        [],
    )


def test_a_query_without_end_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        _ = call(query=b"a=1&" * 201).query
    assert refused.value.refusal.cause is Cause.BAD_BODY


def test_a_header_is_found_by_its_name_and_the_first_counts() -> None:
    one = Call("GET", "/", headers=((b"x-a", b"1"), (b"x-a", b"2"), (b"x-b", b"\xe9")))
    assert one.header(b"x-a") == "1"
    assert one.header(b"x-b") == "é"
    assert one.header(b"x-c") is None


@pytest.mark.parametrize(
    ("value", "secret"),
    [
        (b"Bearer abc", "abc"),
        (b"bearer  abc ", "abc"),
        (b"Basic abc", ""),
        (b"Bearer", ""),
        (b"", ""),
        (None, None),
    ],
)
def test_a_bearer_header_gives_its_secret(value: bytes | None, secret: str | None) -> None:
    assert bearer(call() if value is None else call(authorization=value)) == secret


@pytest.mark.usefixtures("_decoder")
@pytest.mark.parametrize("opens", [b"[", b'{"a":'])
def test_json_is_no_deeper_than_it_can_be_written_again(opens: bytes) -> None:
    closes = {b"[": b"]", b'{"a":': b"}"}[opens]

    def nested(levels: int) -> bytes:
        return opens * levels + b"1" + closes * levels

    deepest = read_json(nested(JSON_DEPTH_MAX - 1))
    # Within the records that keep it and the bodies that show it.
    assert orjson.loads(orjson.dumps({"kept": [{"body": deepest}]}))
    for levels in (JSON_DEPTH_MAX, 900, 100_000):
        with pytest.raises(ValueError, match=r"deep|depth|recursion"):
            read_json(nested(levels))
    assert read_json(b"[" + b",".join([b"{}"] * 1000) + b"]") == [{}] * 1000
