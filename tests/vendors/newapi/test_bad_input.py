"""Bad input at both gateways, in both profiles: a refusal in the vendor's words, and no trace.

A 500 would be a crash of ours, which neither vendor documents for any of this.
"""

from __future__ import annotations

import json

import pytest

from tests.vendors.newapi.gateways import (
    BOTH,
    INFINITYBLUE,
    Gateway,
    create,
    job_of,
    refused,
    traces,
)

JSON = {"content-type": "application/json"}
DEEP = b'{"model": "x", "prompt": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"


def each(*, stock: tuple[bool, ...] = (False, True)) -> pytest.MarkDecorator:
    return pytest.mark.parametrize(
        ("gateway", "stock"),
        [(gateway, wire) for gateway in BOTH for wire in stock],
        ids=lambda value: getattr(value, "name", None) or ("newapi" if value else "documented"),
    )


def with_raw(gateway: Gateway, name: str, raw: str) -> bytes:
    """The usual request with one field as raw JSON text."""
    body = json.dumps({**gateway.body, name: "@"})
    return body.replace('"@"', raw).encode()


@each()
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b'"x"',
        b"5",
        b"\xff\xfe",
        b'{"a": NaN}',
        b'{"a": "\\ud800"}',
        DEEP,
    ],
    ids=["empty", "cut", "null", "list", "text", "number", "utf", "nan", "surrogate", "deep"],
)
async def test_a_body_that_is_no_json_object_is_400(
    gateway: Gateway, stock: bool, body: bytes
) -> None:
    session = gateway.session(stock=stock)
    answer = await refused(session, gateway, content=body, headers={**session.headers, **JSON})
    assert answer.status_code == 400
    assert "error" in answer.json()


@each()
@pytest.mark.parametrize(
    ("name", "raw"),
    [
        ("prompt", "NaN"),
        ("prompt", "1" * 400),
        ("prompt", '"\\ud800"'),
        ("prompt", "{}"),
        ("model", "1e999"),
        ("model", '{"a": []}'),
        ("duration", "-1"),
        ("image", "[]"),
        ("image", '"\\u0000"'),
    ],
)
async def test_nonsense_in_a_field_is_refused(
    gateway: Gateway, stock: bool, name: str, raw: str
) -> None:
    session = gateway.session(stock=stock)
    content = with_raw(gateway, name, raw)
    answer = await refused(session, gateway, content=content, headers={**session.headers, **JSON})
    assert answer.status_code in (400, 404, 503)
    assert answer.json()


@each(stock=(True,))
@pytest.mark.parametrize(
    "text",
    [
        '{"prompt": "\\ud800"}',
        '{"image": "https://example.com/\\udfff"}',
        '{"cfg_scale": NaN}',
        "[]",
        "{",
        '{"a": ' + "[" * 100_000 + "]" * 100_000 + "}",
    ],
    ids=["surrogate", "surrogate in an address", "nan", "list", "cut", "deep"],
)
async def test_metadata_written_as_text_that_is_no_object_is_ignored(
    gateway: Gateway, stock: bool, text: str
) -> None:
    session = gateway.session(stock=stock)
    plain = (await job_of(session, await create(session, gateway))).submission
    job = await job_of(session, await create(session, gateway, metadata=text))
    assert (job.submission.prompt, job.submission.width) == (plain.prompt, plain.width)


@each()
@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", None])
async def test_another_content_type_is_400(gateway: Gateway, stock: bool, kind: str | None) -> None:
    session = gateway.session(stock=stock)
    headers = {**session.headers, **({"content-type": kind} if kind else {})}
    content = json.dumps(gateway.body).encode()
    assert (await refused(session, gateway, content=content, headers=headers)).status_code == 400


@each()
async def test_a_charset_beside_the_content_type_is_fine(gateway: Gateway, stock: bool) -> None:
    session = gateway.session(stock=stock)
    headers = {**session.headers, "content-type": "Application/JSON; charset=utf-8"}
    content = json.dumps(gateway.body).encode()
    answer = await session.send("POST", "/v1/video/generations", content=content, headers=headers)
    assert answer.status_code == 200


@each()
async def test_thirty_megabytes_are_refused(gateway: Gateway, stock: bool) -> None:
    session = gateway.session(stock=stock)
    content = b"x" * (30 * 1024 * 1024)
    answer = await refused(session, gateway, content=content, headers={**session.headers, **JSON})
    documented = gateway is INFINITYBLUE and not stock
    # The stock program's gate says 400, whatever is wrong with a body.
    assert answer.status_code == (400 if stock else 413)
    kinds = {answer.json()["error"]["type"]}
    assert kinds == {"invalid_request_error" if documented else "new_api_error"}


@each()
@pytest.mark.parametrize(
    "id", ["x", "task_", "..", "%00", "%2e%2e%2fetc", "é", "x" * 5000, "task_%F0%9F%92%A9"]
)
async def test_a_strange_task_id_is_simply_unknown(gateway: Gateway, stock: bool, id: str) -> None:
    session = gateway.session(stock=stock)
    answer = await session.get(f"/v1/video/generations/{id}")
    assert answer.status_code in (400, 404)
    assert answer.json()


@each()
async def test_a_task_of_another_key_does_not_exist(gateway: Gateway, stock: bool) -> None:
    session = gateway.session(stock=stock)
    task = await create(session, gateway)
    other = {"authorization": "Bearer sk-somebody-else"}
    mine = await session.get(f"/v1/video/generations/{task}")
    foreign = await session.get(f"/v1/video/generations/{task}", headers=other)
    absent = await session.get("/v1/video/generations/task_none", headers=other)
    assert (mine.status_code, foreign.status_code) == (200, absent.status_code)
    assert foreign.json() == absent.json()


@each()
async def test_of_repeated_headers_the_first_counts(gateway: Gateway, stock: bool) -> None:
    session = gateway.session(stock=stock)
    secret, other = session.headers["authorization"], "Bearer sk-other"
    twice = [("authorization", secret), ("authorization", other)]
    answer = await session.client.post(
        f"{session.prefix}/v1/video/generations", json=gateway.body, headers=twice
    )
    assert answer.status_code == 200
    assert (await traces(session, gateway))[0] == 1


@each()
async def test_two_thousand_query_parameters_are_no_crash(gateway: Gateway, stock: bool) -> None:
    session = gateway.session(stock=stock)
    query = "&".join(f"a{number}=1" for number in range(2000))
    assert (await session.get(f"/v1/models?{query}")).status_code in (200, 400)


@each(stock=(False,))
async def test_repeating_a_create_makes_a_second_task_and_a_second_charge(
    gateway: Gateway, stock: bool
) -> None:
    session = gateway.session(stock=stock)
    headers = {**session.headers, "idempotency-key": "one"}
    for _ in range(2):
        await session.post("/v1/video/generations", gateway.body, headers=headers)
    assert (await traces(session, gateway))[:2] == (2, 2)


@each(stock=(False,))
async def test_a_seed_and_a_key_make_the_same_ids_again(gateway: Gateway, stock: bool) -> None:
    first, second = [await create(gateway.session(stock=stock), gateway) for _ in range(2)]
    assert first == second
    assert len(first) == len("task_") + 32
