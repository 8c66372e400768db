"""Scripts of odd input: hostile text, odd types, odd headers. Free where the account is poor."""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from bodydouble_contracts.drivers.moves import job_of, spellings
from bodydouble_contracts.drivers.scenario import scenario
from bodydouble_contracts.drivers.session import Session
from bodydouble_contracts.history.exchanges import Request
from bodydouble_contracts.history.pointers import put
from bodydouble_contracts.reading import texts

TEXTS = (
    "\U0001f3ac\U0001f9d1\u200d\U0001f680 zum Mond",
    "\u202eright to left\u202c",
    "e\u0301 and \u00e9, \ufb01 and fi",
    "'; DROP TABLE jobs; --",
    "<script>alert(1)</script>",
    "${jndi:ldap://x} {{7*7}} %s %n",
    "\u0000 null and \u0007 bell",
    "\ud800 lone surrogate",
    "../../etc/passwd",
    "\ufeff\u2028\u2029",
)


@scenario("hostile_text", "2")
def hostile_text(session: Session) -> None:
    """Text in odd scripts, accepted or refused, then read back."""
    for way in session.profile.ways():
        for text in TEXTS:
            body = texts.saying(session.profile, session.filled(way.body), text)
            made = session.submit(way.name, body=body, intent={"hostile_text": "1"})
            if made.ok:
                session.call("read", job=job_of(made))


@scenario("odd_values", "1", ("role:empty", "broke:empty"))
def odd_values(session: Session) -> None:
    """Every member of the sample as null, list, object, huge number, NaN; for an empty wallet."""
    values: tuple[Any, ...] = (None, [], {}, [[]], 10**400, -1, 1e308, True, "", " ", "\U0001f3ac")
    for way in session.profile.ways():
        body = dict(session.filled(way.body, "empty"))
        for name in body:
            for value in values:
                odd = {**body, name: value}
                session.submit(way.name, "empty", body=odd, intent={"odd": "value"})
                session.advance(2)
        for raw in odd_bodies(body):
            session.submit(way.name, "empty", raw=raw, intent={"odd": "raw"})
            session.advance(2)
    session.balance("empty")


def odd_bodies(body: dict[str, Any]) -> list[bytes]:
    """Return bodies that are JSON only to some, or much of it."""
    text = json.dumps(body)
    return [
        b"[" * 2000 + b"]" * 2000,
        b'{"a":' * 900 + b"1" + b"}" * 900,
        text[:-1].encode() + b', "x": NaN}',
        text[:-1].encode() + b', "x": Infinity}',
        text.encode("utf-16"),
        b"\xef\xbb\xbf" + text.encode(),
        b"\xff\xfe\x00",
        text.encode() + b"}",
        json.dumps({**body, "x" * 5000: "y"}).encode(),
    ]


@scenario("odd_headers", "1", ("role:empty", "broke:empty"))
def odd_headers(session: Session) -> None:
    """Wrong and missing content types, odd accepts, repeated and long headers."""
    heads: tuple[tuple[tuple[str, str], ...], ...] = (
        (),
        (("Content-Type", "text/plain"),),
        (("Content-Type", "application/xml"),),
        (("Content-Type", "application/json; charset=latin-1"),),
        (("Content-Type", "application/x-www-form-urlencoded"),),
        (("Content-Type", "multipart/form-data"),),
        (("Content-Type", "application/json"), ("Accept", "application/xml")),
        (("Content-Type", "application/json"), ("Accept-Encoding", "br;q=bad")),
        (("Content-Type", "application/json"), ("X-Long", "x" * 4000)),
        (("Content-Type", "application/json"), ("Content-Type", "text/plain")),
    )
    for way in session.profile.ways():
        raw = json.dumps(session.filled(way.body, "empty")).encode()
        operation = session.profile.operations[way.op]
        target = session.profile.mount + operation.path
        for pairs in heads:
            session.send(Request(operation.method, target, "empty", pairs, raw), {"odd": "header"})
        for name in session.profile.section("idempotency").get("headers", [])[:1]:
            for key in ("", " ", "k" * 300, "\u00e9", "a b"):
                pairs = (("Content-Type", "application/json"), (name, key))
                session.send(Request(operation.method, target, "empty", pairs, raw), {"odd": "key"})


@scenario("odd_methods", "1")
def odd_methods(session: Session) -> None:
    """Verbs the vendor does not document, on paths it does."""
    seen = set()
    for operation in session.profile.operations.values():
        if operation.pattern.groupindex or operation.path in seen or operation.does == "media":
            continue
        seen.add(operation.path)
        for method in ("PATCH", "PUT", "OPTIONS", "DELETE"):
            if session.profile.match(method, session.profile.mount + operation.path) is None:
                session.send(
                    Request(method, session.profile.mount + operation.path), {"odd": "method"}
                )


@scenario("odd_ids", "1")
def odd_ids(session: Session) -> None:
    """Ids of every shape but the right one."""
    odd = ("0", "-1", "null", "..", "%2e%2e", "a" * 300, "\U0001f3ac", "' OR 1=1", "x%00y", " ")
    for operation in session.profile.doing("read"):
        for name in operation.pattern.groupindex:
            for value in odd:
                session.call(operation.name, intent={"odd": "id"}, parts={name: value})


@scenario("spelled_anew", "2")
def spelled_anew(session: Session) -> None:
    """The same JSON value in other spellings has the same outcome."""
    for way in session.profile.ways():
        body = session.filled(way.body)
        group = session.fresh("spelling")
        for raw in spellings(body):
            session.submit(way.name, raw=raw, intent={"spelling": group})
        group = session.fresh("spelling")
        for place, value in numbers(body):
            for spelled in (f"{value}", f"{value}.0", f"{value}e0", f"{value}E+0"):
                marked = deepcopy(body)
                put(marked, place, "@")
                text = json.dumps(marked).replace('"@"', spelled)
                intent = {"spelling": f"{group}-{place}"}
                session.submit(way.name, raw=text.encode(), intent=intent)


def numbers(body: dict[str, Any], within: str = "") -> Iterator[tuple[str, int]]:
    """Yield the whole numbers of a body with their pointers, through its objects."""
    for name, value in body.items():
        if isinstance(value, dict):
            yield from numbers(value, f"{within}/{name}")
        elif isinstance(value, int) and not isinstance(value, bool):
            yield f"{within}/{name}", value
