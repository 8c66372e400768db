"""Golden exchanges as files: found, read, held to their format; and the requests that make a job.

The format is that of `fixtures/README.md` and of the schema beside it. What is wrong with a file is
one sentence that names the file and the place in it. Nothing is sent from here.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from bodydouble.core.errors import Refused
from bodydouble.core.provider import Provider
from bodydouble.data import PROVIDERS, exchanges_dir, fixtures_dir
from bodydouble.web.pipeline.routing import Routes, routes_of

EXAMPLES_MAX = 40
# What bodydouble leaves out on purpose; files about it only say what a vendor sends.
LEFT_OUT = frozenset(("recharges", "other-models"))
_BOUNDARY = "bodydouble-golden-exchange"


@dataclass(frozen=True, slots=True)
class Example:
    """A request that the vendor accepts and that makes a job.

    ``body`` is JSON-able, or bytes as they are; where ``kind`` is a form's, it is the form's
    fields, and ``file`` (``name``, ``type``, ``base64``) comes after them. ``balance`` is what the
    wallet must hold for it, in the vendor's unit; empty: what it opens with.
    """

    method: str
    path: str
    body: Any = None
    query: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    balance: str = ""
    kind: str = "application/json"
    file: Mapping[str, str] | None = None

    @classmethod
    def of(cls, request: Mapping[str, Any], balance: str = "") -> Example:
        """A request as golden exchanges write it."""
        kind, body, file = "application/json", request.get("body"), None
        if "raw" in request:
            body = request["raw"].encode()
        elif "form" in request:
            kind, body = "application/x-www-form-urlencoded", request["form"]
        elif "multipart" in request:
            fields, file = request["multipart"].get("fields", {}), request["multipart"].get("file")
            kind = f"multipart/form-data; boundary={_BOUNDARY}"
            body = json.loads(fields) if isinstance(fields, str) else fields
        query, headers = request.get("query", {}), request.get("headers", {})
        method, path = request["method"], request["path"]
        return cls(
            method, path, body, urlencode(query), tuple(headers.items()), balance, kind, file
        )

    @property
    def content(self) -> bytes:
        """The body as it is sent, which is of the type ``kind``."""
        if isinstance(self.body, bytes) or self.body is None:
            return self.body or b""
        if self.kind == "application/json" or not isinstance(self.body, dict):
            return json.dumps(self.body).encode()
        if self.kind.startswith("multipart/"):
            return b"".join(self._parts())
        fields = {name: _field(value) for name, value in self.body.items()}
        return urlencode(fields, errors="surrogatepass").encode()

    def _parts(self) -> Iterator[bytes]:
        mark = f"--{_BOUNDARY}\r\nContent-Disposition: form-data; name="
        for name, value in self.body.items():
            yield f'{mark}"{name}"\r\n\r\n{_field(value)}\r\n'.encode("utf-8", "surrogatepass")
        if self.file is not None:
            name, kind = self.file["name"], self.file["type"]
            yield f'{mark}"file"; filename="{name}"\r\nContent-Type: {kind}\r\n\r\n'.encode()
            yield base64.b64decode(self.file["base64"]) + b"\r\n"
        yield f"--{_BOUNDARY}--\r\n".encode()


def _field(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


@dataclass(frozen=True, slots=True)
class GoldenExchange:
    """One file: where it is, and what it says."""

    path: Path
    content: Mapping[str, Any]

    @property
    def file(self) -> str:
        """Its path for people: from the working folder where it is in there."""
        return shown(self.path)


def shown(path: Path) -> str:
    """A path for people: from the working folder where it is in there."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


def golden_exchanges(provider: Provider, folder: Path | None = None) -> tuple[GoldenExchange, ...]:
    """The exchanges of a vendor that are to be answered. AssertionError where there are none."""
    folder = exchanges_dir(provider.name) if folder is None else folder
    paths = sorted((*folder.glob("*.json"), *folder.glob("deliveries/*.json")))
    read = [GoldenExchange(path, _read(path, provider.name)) for path in paths]
    kept = tuple(one for one in read if LEFT_OUT.isdisjoint(one.content.get("needs", ())))
    assert kept, _nowhere(provider.name, folder)
    return kept


def _nowhere(vendor: str, folder: Path) -> str:
    if folder == exchanges_dir(vendor) and not entry_points(group=PROVIDERS, name=vendor):
        return (
            f"{vendor} has no golden exchange, because no entry point of the group {PROVIDERS} "
            "names it: register and install it, or pass the folder as exchanges"
        )
    return (
        f"{vendor} has no golden exchange: put an example from the vendor's pages into "
        f"{shown(folder / 'create.json')}, in the format of fixtures/README.md"
    )


def _read(path: Path, vendor: str) -> Mapping[str, Any]:
    try:
        exchange = json.loads(path.read_text("utf-8"))
    except ValueError as error:
        raise AssertionError(f"{shown(path)}: it is no JSON: {error}") from None
    for problem in _problems(exchange, path.stem, vendor):
        raise AssertionError(f"{shown(path)}: {problem}")
    found: Mapping[str, Any] = exchange
    return found


def _problems(exchange: Any, name: str, vendor: str) -> Iterator[str]:
    """What is not as the format has it; the most of what a person may misspell."""
    schema = _schema()
    if not isinstance(exchange, dict):
        yield "it is no JSON object"
        return
    yield from _keys("", exchange, schema)
    for key, value in (("name", name), ("vendor", vendor)):
        if exchange[key] != value:
            yield f"{key} is {exchange[key]!r}, not {value!r}"
    if ("request" in exchange and "response" in exchange) == ("delivery" in exchange):
        yield "it has either request and response, or delivery"
    for key in ("response", "delivery"):
        if key in exchange:
            yield from _keys(f"{key}.", exchange[key], schema["properties"][key])
    for place, request in _requests(exchange):
        yield from _keys(f"{place}.", request, schema["$defs"]["request"])
    known = {one["properties"]["do"]["const"] for one in schema["$defs"]["step"]["oneOf"]}
    for n, step in enumerate(exchange.get("setup", ())):
        if step.get("do") not in known:
            yield f"setup[{n}].do is {step.get('do')!r}, and none of {', '.join(sorted(known))}"


def _requests(exchange: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    if "request" in exchange:
        yield "request", exchange["request"]
    for n, step in enumerate(exchange.get("setup", ())):
        if "request" in step:
            yield f"setup[{n}].request", step["request"]


def _keys(place: str, value: Any, schema: Mapping[str, Any]) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{place.rstrip('.')} is no JSON object"
        return
    yield from (f"{place}{key} is missing" for key in schema["required"] if key not in value)
    yield from (
        f"{place}{key} is not known: there are {', '.join(schema['properties'])}"
        for key in value
        if key not in schema["properties"]
    )


@cache
def _schema() -> Any:
    return json.loads((fixtures_dir() / "exchange.schema.json").read_text("utf-8"))


def examples_of(provider: Provider, exchanges: Sequence[GoldenExchange]) -> tuple[Example, ...]:
    """The requests among ``exchanges`` that make a job in a new sandbox with enough money."""
    routes = routes_of(provider)
    found = (_example(routes, one.content) for one in exchanges)
    return tuple([example for example in found if example is not None][:EXAMPLES_MAX])


def _example(routes: Routes, exchange: Mapping[str, Any]) -> Example | None:
    steps = exchange.get("setup", ())
    if "request" not in exchange or "quirks" in exchange or exchange["response"]["status"] >= 300:
        return None
    if any(step["do"] != "balance" for step in steps):
        return None
    request = exchange["request"]
    try:
        operation, _ = routes.find(request["method"], request["path"])
    except Refused:
        return None
    return Example.of(request, steps[-1]["value"] if steps else "") if operation.billed else None


def constant_headers(examples: Sequence[Example]) -> tuple[tuple[str, str], ...]:
    """The headers that all ``examples`` carry alike: what the vendor wants of every request."""
    if not examples:
        return ()
    alike = set.intersection(*({(n.lower(), v) for n, v in one.headers} for one in examples))
    return tuple(sorted(pair for pair in alike if pair[0] != "content-type"))
