"""A claim about calls that no client should send: they crash nothing and make no job.

They carry the vendor's constant headers and a valid key, and no rate limit stops them, so that they
reach the handlers; an operation whose handler none of them reached fails.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from bodydouble.conformance.exchanges import Example
from bodydouble.conformance.harness import ProviderHarness, filled_path, unlimited
from bodydouble.conformance.running import prefixed
from bodydouble.core.provider import Operation, Provider
from bodydouble.core.wire import Reply
from bodydouble.web.pipeline.routing import routes_of

# Bodies no vendor accepts; each must end in a refusal, whatever the route.
NONSENSE = (
    b"",
    b"{",
    b"null",
    b"[]",
    b'"text"',
    b"\xff\xfe",
    b"[" * 100_000,
    b'{"prompt": NaN}',
    b'{"prompt": "\\ud800"}',
    b'{"prompt": 1e999, "model": {}, "duration": "x", "type": []}',
    b'{"model": "\\u0000", "prompt": {"a": [null]}, "seed": 99999999999999999999}',
    b'{"seed": ' + b"9" * 5000 + b"}",
)
# What may stand where an example has a good value; some vendors may accept some of it.
VALUES: tuple[Any, ...] = (
    *(None, True, -1, 0, 0.5, 10**30, 1e308, "", "nope", "\ud800", "\x00", "x" * 20_000),
    *([], [[]], ["\ud800"], [None] * 300, {}, {"a": {"b": [None]}}),
)
IDS = ("nope", "%00", "\x00", "0", "-1", "é", "..", "x" * 3000, "9" * 400)
METHODS = ("PATCH", "TRACE", "BREW", "get", "")
HEADERS = (
    *({"content-type": one} for one in ("", "text/plain", "multipart/form-data", "\xff", ";;=")),
    {"content-type": "application/x-www-form-urlencoded"},
    {"content-type": "application/json; charset=x"},
    *({"content-encoding": one} for one in ("gzip", "br", "gzip, gzip")),
    {"content-length": "-1", "range": "bytes=9-1", "idempotency-key": "x" * 3000, "accept": "\xff"},
)


async def hostile_calls_are_refused(provider: Provider, examples: Sequence[Example]) -> None:
    """Nothing a client sends crashes an operation, and no nonsense makes a job."""
    routes = routes_of(provider)
    for operation in provider.operations:
        fitting = [one for one in examples if routes.find(one.method, one.path)[0] is operation]
        # Of each kind of body, the longest: it has the most members to go wrong.
        fullest = {one.kind: one for one in sorted(fitting, key=lambda one: len(one.content))}
        harness = ProviderHarness(unlimited(provider), examples=examples)
        with prefixed(operation.name):
            await _nonsense(harness, operation)
            if not operation.open:
                assert await harness.jobs() == [], "it made a job of nonsense"
            plain = Example(operation.method, filled_path(operation.path, "nope"), {})
            for example in (*fullest.values(), plain):
                reply = await _bent(harness, operation, example)
            assert operation.name in harness.entered, (
                f"no call reached its handler, the last was answered with {reply.status} "
                f"{reply.body!r:.200}: headers that the vendor requires are taken from those that "
                "all golden exchanges carry which make a job"
            )


async def _nonsense(harness: ProviderHarness, operation: Operation) -> None:
    path = filled_path(operation.path, "nope")
    for value in IDS:
        query = f"page={value}&limit={value}&=&&offset=-1&{value}"
        await harness.call(operation.method, filled_path(operation.path, value), b"{}", query=query)
    for body in NONSENSE:
        _no_500(await harness.call(operation.method, path, body), operation, body)
    known = {one.method for one in harness.provider.operations}
    for method in sorted(set(METHODS) - known):
        reply = await harness.call(method, path, b"{}")
        assert 400 <= reply.status < 500, f"the method {method!r} is answered with {reply.status}"


async def _bent(harness: ProviderHarness, operation: Operation, example: Example) -> Reply:
    """The example under odd headers, with an odd value for each member; the last reply."""
    headers = {name.lower(): value for name, value in example.headers}
    for odd in HEADERS:
        given = {"content-type": example.kind} | headers | odd
        reply = await harness.call(
            operation.method, example.path, example.content, query=example.query, headers=given
        )
        _no_500(reply, operation, given)
    for name, value in harness.headers.items():
        for odd_value in ("", "\xff", value * 2000):
            await harness.call(operation.method, example.path, headers=headers | {name: odd_value})
    for body in _bodies(example.body):
        bent = replace(example, body=body)
        reply = await harness.submit(bent)
        _no_500(reply, operation, bent.content)
    return reply


def _bodies(body: Any) -> Iterator[Any]:
    """``body`` with something odd at one place each, itself included."""
    yield from VALUES
    if isinstance(body, dict):
        yield from ({**body, name: 1} for name in ("nonsense", "__proto__", "", "\ud800"))
        for name, value in body.items():
            yield {key: one for key, one in body.items() if key != name}
            yield from ({**body, name: odd} for odd in _bodies(value))
    elif isinstance(body, list):
        yield from ([*body, odd] for odd in VALUES)
        for n, value in enumerate(body[:2]):
            yield from ([*body[:n], odd, *body[n + 1 :]] for odd in _bodies(value))


def _no_500(reply: Reply, operation: Operation, sent: object) -> None:
    assert reply.status != 500 or not operation.billed, f"{sent!r:.120} is answered with 500"
