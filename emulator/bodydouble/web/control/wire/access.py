"""The control plane's way into a sandbox: found, opened, settled, paged. No verb lives here."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import Any, Protocol, TypeVar

import orjson
from pydantic import BaseModel, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from bodydouble.core.bodies import BODY_BYTES_MAX
from bodydouble.core.clock import iso_ms
from bodydouble.core.errors import Cause, Refused
from bodydouble.core.jobs import Alias, Job
from bodydouble.core.provider import Provider
from bodydouble.core.sandboxes import APART, Sandbox
from bodydouble.core.store import Store
from bodydouble.sandbox.open_sandbox import OpenSandbox
from bodydouble.sandbox.overrides import CannotOverride
from bodydouble.web.control.wire.problems import Problem, Wrong, from_pydantic, invalid
from bodydouble.web.http.streams import Streams
from bodydouble.web.keys.registry import Registry, real_us
from bodydouble.web.settings import Settings
from bodydouble.web.webhooks.scheduler import Scheduler

# YAML takes a thousand times as long to read as JSON.
YAML_BYTES_MAX = 256 * 1024
_YAML = ("application/yaml", "application/x-yaml", "text/yaml", "text/x-yaml")
M = TypeVar("M", bound=BaseModel)

PAGE_DEFAULT = 100
PAGE_MAX = 1_000


class Services(Protocol):
    """What the control plane needs of the application it is mounted in."""

    settings: Settings
    store: Store
    providers: Mapping[str, Provider]
    registry: Registry
    scheduler: Scheduler
    streams: Streams
    # What metrics there are to tell, and their media type; None where none are kept.
    exposition: Callable[[], tuple[bytes, str]] | None


def json_response(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """A JSON answer."""
    return Response(orjson.dumps(body), status, headers, "application/json")


@asynccontextmanager
async def opened(app: Services, request: Request) -> AsyncIterator[OpenSandbox]:
    """The sandbox of the path, held and settled to now. Problem 404; 409 for what cannot be."""
    id = request.path_params["sandbox"]
    if APART in id:
        raise not_found("sandbox", id)
    try:
        async with app.store.transaction(id) as tx:
            record = await tx.get(Sandbox, id)
            if record is None:
                raise not_found("sandbox", id)
            now_us = real_us()
            record = app.registry.used(tx, record, now_us)
            sandbox = OpenSandbox(tx, record, app.providers, now_us)
            await sandbox.settle()
            yield sandbox
        await app.registry.weighed(sandbox)
    except CannotOverride as error:
        raise Problem(409, str(error)) from None
    except Refused as refused:
        if refused.refusal.cause is Cause.INTERNAL:
            raise Problem(503, refused.refusal.text) from None
        raise


async def after_commit(app: Services, sandbox: OpenSandbox) -> None:
    """After the commit: has sent what a verb put out, or tells the scheduler what it planned."""
    # Waiting for an answer takes an event loop, and where nothing is sent none is needed.
    if sandbox.released:
        await app.scheduler.catch_up(sandbox.record.id)
    else:
        app.scheduler.notice(sandbox)


def not_found(kind: str, id: str) -> Problem:
    """A 404 for something of ``kind``."""
    return Problem(404, f"there is no {kind} {id!r}")


async def asked_of(request: Request, model: type[M], most: int = BODY_BYTES_MAX) -> M:
    """The body, JSON or YAML, as a model; none at all is an empty object. Problem 400, 413, 422."""
    known_query(request)
    body = await body_of(request, most)
    if is_yaml(request):
        body = _json_of(body)
    try:
        return model.model_validate_json(body or b"{}")
    except ValidationError as error:
        raise from_pydantic(error) from None


async def body_of(request: Request, most: int = BODY_BYTES_MAX) -> bytes:
    """The body as it came. Problem 413."""
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > most:
            raise Problem(413, f"a body has at most {most} bytes")
        chunks.append(chunk)
    return b"".join(chunks)


def is_yaml(request: Request) -> bool:
    """Whether the body says that it is YAML."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return kind in _YAML or kind.endswith("+yaml")


def _json_of(body: bytes) -> bytes:
    # Loading YAML takes longer than most requests, and few bodies are written in it.
    from bodydouble.yaml_files import BadYaml, read

    if len(body) > YAML_BYTES_MAX:
        raise Problem(413, f"a body in YAML has at most {YAML_BYTES_MAX} bytes: send JSON")
    try:
        return orjson.dumps(read("the body", body.decode("utf-8", "replace"), Any).content)
    except (BadYaml, TypeError) as bad:
        raise Problem(400, str(bad)) from None


def provider_named(app: Services, name: str, field: str = "provider") -> Provider:
    """The provider; Problem 422 that lists the known ones."""
    if name not in app.providers:
        known = ", ".join(app.providers)
        raise invalid(Wrong(field, f"no provider is called {name!r}: there are {known}"))
    return app.providers[name]


async def job_named(sandbox: OpenSandbox, id: str) -> Job:
    """The job by its own id or any other of its names. Problem 404."""
    job = await sandbox.tx.get(Job, id)
    if job is None:
        alias = await sandbox.tx.get(Alias, id)
        job = await sandbox.tx.get(Job, alias.job) if alias else None
    if job is None:
        raise not_found("job", id)
    return job


def integer_of(request: Request, name: str, default: int, low: int, high: int) -> int:
    """A whole number of the query string within bounds. Problem 422."""
    text = request.query_params.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdecimal() and len(text) <= 9) or not (
        low <= int(text) <= high
    ):
        raise invalid(Wrong(name, f"is a whole number from {low} to {high}, not {text!r}"))
    return int(text)


def one_of_query(request: Request, name: str, known: Iterable[str]) -> str | None:
    """A word of the query string that must be a known one. Problem 422."""
    text = request.query_params.get(name)
    if text is not None and text not in (listed := list(known)):
        raise invalid(Wrong(name, f"is one of {', '.join(listed)}, not {text!r}"))
    return text


def page_of(request: Request, *filters: str) -> tuple[int, int]:
    """(offset, limit) of a query string that may hold ``filters``, too. Problem 422."""
    known_query(request, "offset", "limit", *filters)
    return (
        integer_of(request, "offset", 0, 0, 1_000_000),
        integer_of(request, "limit", PAGE_DEFAULT, 1, PAGE_MAX),
    )


def known_query(request: Request, *names: str) -> None:
    """Refuses parameters nobody reads, because a misspelt filter would list everything."""
    given = [name for name, _ in request.query_params.multi_items()]
    wrongs = [
        Wrong(name, f"is no parameter here: there are {', '.join(names) or 'none'}")
        for name in dict.fromkeys(given)
        if name not in names
    ]
    wrongs += [Wrong(name, "is given more than once") for name in names if given.count(name) > 1]
    if wrongs:
        raise invalid(*wrongs)


def clock_body(sandbox: OpenSandbox) -> dict[str, Any]:
    """The clock as everybody sees it."""
    return {
        "now": iso_ms(sandbox.now_us),
        "now_us": sandbox.now_us,
        "rate": sandbox.record.clock.rate,
    }
