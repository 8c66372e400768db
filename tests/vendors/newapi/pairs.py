"""The observed pairs as data, and whether a reply is the one that a pair expects.

The placeholders are described at the head of `fixtures/newapi/pairs.yaml`. Refuses to know any
vendor and how a request is sent.
"""

from __future__ import annotations

import gzip
import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import yaml

FIXTURES = Path(__file__).parents[3] / "fixtures"
PAIRS: list[dict[str, Any]] = yaml.safe_load(
    (FIXTURES / "newapi" / "pairs.yaml").read_text("utf-8")
)["pairs"]
STAMPS = {"x-oneapi-request-id": "~\\d{23}[0-9a-f]{8}[0-9A-Za-z]{8}", "x-new-api-version": "~.+"}
JSON_TYPE = "application/json; charset=utf-8"
BOUNDARY = "pairs-7f3a"
KINDS = frozenset(
    {"any", "str", "int", "number", "bool", "object", "sorted", "s", "ms", "id"}
    | {"more", "each", "some", "by"}
)
NAMES = frozenset(
    {"model", "task", "key", "bare", "quota", "-quota", "cost", "cents", "request_id"}
)
# An instant of this century, in seconds and in milliseconds.
SECONDS, MILLISECONDS = range(10**9, 10**10), range(10**12, 10**13)


@dataclass(frozen=True)
class Reply:
    """What came back; header names in small letters."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass
class Values:
    """What ``{name}`` stands for, and the task's id that a reply has shown."""

    named: dict[str, Any]
    id: str | None = field(default=None)

    def fill(self, value: Any) -> Any:
        """``value`` with every name replaced; a text that is one name becomes its value."""
        if isinstance(value, dict):
            return {self.fill(key): self.fill(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [self.fill(inner) for inner in value]
        if not isinstance(value, str):
            return value
        for name, told in self.named.items():
            if value == f"{{{name}}}":
                return told
            value = value.replace(f"{{{name}}}", str(told))
        return value


def body(request: dict[str, Any]) -> tuple[bytes, str | None]:
    """The bytes of a request, and the content type that goes with them by default."""
    if "json" in request:
        return json.dumps(request["json"], ensure_ascii=False).encode(), "application/json"
    if "bytes" in request:
        start, end = b'{"model":"nope","prompt":"', b'"}'
        filler = b"a" * (request["bytes"] - len(start) - len(end))
        return start + filler + end, "application/json"
    if "form" in request:
        return urlencode(request["form"]).encode(), "application/x-www-form-urlencoded"
    if "multipart" in request:
        parts = [
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
            for name, value in request["multipart"].items()
        ]
        whole = "".join([*parts, f"--{BOUNDARY}--\r\n"])
        return whole.encode(), f"multipart/form-data; boundary={BOUNDARY}"
    return request.get("raw", "").encode(), None


def differences(expected: dict[str, Any], reply: Reply, values: Values) -> list[str]:
    """What of a reply is not as expected; empty where all is."""
    values.named["request_id"] = reply.headers.get("x-oneapi-request-id", "(none)")
    expected = values.fill(expected)
    if reply.status != expected["status"]:
        return [f"status {reply.status}, not {expected['status']}: {reply.body[:300]!r}"]
    absent = set(expected.get("absent", ()))
    wanted = dict(expected.get("headers", {}))
    if expected.get("stamped", True):
        wanted = {**{k: v for k, v in STAMPS.items() if k not in absent}, **wanted}
    kind = expected.get("type", JSON_TYPE if "json" in expected else None)
    if kind is not None:
        wanted["content-type"] = kind
    found = [f"header {name} is there" for name in absent & set(reply.headers)]
    for name, text in wanted.items():
        found += _compared(text, reply.headers.get(name), f"header {name}", values)
    return found + _body_differences(expected, reply, values)


def _body_differences(expected: dict[str, Any], reply: Reply, values: Values) -> list[str]:
    content = reply.body
    if reply.headers.get("content-encoding") == "gzip":
        content = gzip.decompress(content)
    if "empty" in expected:
        return [f"bytes came: {content[:200]!r}"] if content else []
    if "text" in expected:
        return _compared(expected["text"], content.decode(), "text", values)
    if "json" not in expected:
        return []
    try:
        got = json.loads(content)
    except ValueError:
        return [f"no JSON: {content[:200]!r}"]
    return _compared(expected["json"], got, "$", values)


def _compared(expected: Any, got: Any, at: str, values: Values) -> list[str]:
    """What of one value is not as expected, each with its place."""
    if isinstance(expected, dict):
        return _compared_object(expected, got, at, values)
    if isinstance(expected, list):
        if not isinstance(got, list) or len(got) != len(expected):
            return [f"{at} is {got!r}, not {expected!r}"]
        pairs = zip(expected, got, strict=True)
        return [
            told for no, (one, it) in enumerate(pairs) for told in _compared(one, it, at, values)
        ]
    if isinstance(expected, str) and expected.startswith("~"):
        good = isinstance(got, str) and re.fullmatch(expected[1:], got) is not None
    elif isinstance(expected, str) and re.fullmatch(r"<\w+>", expected):
        good = _of_kind(expected[1:-1], got, values)
    else:
        good = type(got) is type(expected) and got == expected
    return [] if good else [f"{at} is {got!r}, not {expected!r}"]


def _compared_object(expected: dict[str, Any], got: Any, at: str, values: Values) -> list[str]:
    if "<each>" in expected or "<some>" in expected:
        return _compared_list(expected, got, at, values)
    if not isinstance(got, dict):
        return [f"{at} is {got!r}, no object"]
    members = [name for name in expected if name != "<more>"]
    if "<more>" not in expected and list(got) != members:
        return [f"{at} has {list(got)}, not {members}"]
    return [
        told
        for name in members
        for told in (
            _compared(expected[name], got[name], f"{at}.{name}", values)
            if name in got
            else [f"{at}.{name} is missing"]
        )
    ]


def _compared_list(expected: dict[str, Any], got: Any, at: str, values: Values) -> list[str]:
    if not isinstance(got, list) or not got:
        return [f"{at} is {got!r}, no list with something in it"]
    each = [
        _compared(expected.get("<each>", expected.get("<some>")), one, f"{at}[{no}]", values)
        for no, one in enumerate(got)
    ]
    if "<some>" in expected:
        return [] if [] in each else [f"{at} has none: {got!r:.400}"]
    found = [told for one in each for told in one]
    if not found and (by := expected.get("<by>")) and got != sorted(got, key=lambda one: one[by]):
        found.append(f"{at} is not in the order of {by}")
    return found


def _of_kind(kind: str, got: Any, values: Values) -> bool:
    whole = isinstance(got, int) and not isinstance(got, bool)
    if kind == "id":
        values.id = values.id or (got if isinstance(got, str) else None)
        return got == values.id and re.fullmatch(r"task_[0-9A-Za-z]{32}", str(got)) is not None
    checks = {
        "any": True,
        "str": isinstance(got, str),
        "int": whole,
        "number": whole or isinstance(got, float),
        "bool": isinstance(got, bool),
        "object": isinstance(got, dict),
        "sorted": isinstance(got, dict) and _sorted(got),
        "s": whole and got in SECONDS,
        "ms": whole and got in MILLISECONDS,
    }
    return checks[kind]


def _sorted(value: Any) -> bool:
    if isinstance(value, dict):
        return list(value) == sorted(value) and all(map(_sorted, value.values()))
    return all(map(_sorted, value)) if isinstance(value, list) else True
