"""What the server as a whole can tell: whether it lives, can serve, and whom it stands in for."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import asdict
from functools import cache
from typing import Any

import yaml
from starlette.requests import Request
from starlette.responses import Response

from bodydouble import __version__
from bodydouble.core.provider import Provider
from bodydouble.data import openapi_dir
from bodydouble.web.control.wire.access import Services, json_response, known_query
from bodydouble.web.control.wire.problems import AWAY, Problem


async def live(app: Services, request: Request) -> Response:
    """The process answers; whether it can serve is `ready`'s."""
    known_query(request)
    return json_response({"status": "live"})


async def ready(app: Services, request: Request) -> Response:
    """The store answers, too. Problem 503 where it does not; why is `health`'s to tell."""
    known_query(request)
    if await app.registry.outage.ask():
        raise Problem(503, AWAY, headers={"retry-after": "1"})
    return json_response({"status": "ready"})


async def health(app: Services, request: Request) -> Response:
    """Ready, which version, and how full. Problem 503 with what the store said."""
    known_query(request)
    wrong = await app.registry.outage.ask()
    if wrong:
        raise Problem(503, wrong, headers={"retry-after": "1"})
    return json_response(
        {
            "status": "ok",
            "version": __version__,
            "sandboxes": len(app.registry.last_used),
            "sandboxes_max": app.settings.sandboxes_max,
        }
    )


async def metrics(app: Services, request: Request) -> Response:
    """What Prometheus reads. Problem 404 where none are kept."""
    known_query(request)
    if app.exposition is None:
        raise Problem(404, "no metrics are kept: start the server with --metrics")
    body, media_type = await asyncio.to_thread(app.exposition)
    return Response(body, headers={"content-type": media_type, "cache-control": "no-store"})


async def document(app: Services, request: Request) -> Response:
    """This control plane's own OpenAPI document, which names the vendors that are served here."""
    return json_response(named(await asyncio.to_thread(_document), app.providers))


@cache
def _document() -> Any:
    return yaml.safe_load((openapi_dir() / "control.yaml").read_text("utf-8"))


def named(document: Any, providers: Mapping[str, Provider]) -> Any:
    """A copy of the document where vendors and their quirks are those of ``providers``."""
    copy = deepcopy(document)
    schemas = copy["components"]["schemas"]
    schemas["Vendor"]["enum"] = list(providers)
    schemas["Introduced"]["properties"]["keys"]["required"] = list(providers)
    schemas["NewSandbox"]["properties"]["quirks"]["properties"] = {
        quirk.name: {"enum": list(quirk.choices)}
        for provider in providers.values()
        for quirk in provider.quirks
        if quirk.choices
    }
    return copy


async def providers(app: Services, request: Request) -> Response:
    """Every vendor: where it is mounted, what is disputed and what is guessed."""
    known_query(request)
    origin = request.state.origin
    rows = [
        {
            "name": provider.name,
            "title": provider.title,
            "url": f"{origin}/{provider.name}{provider.base_path}",
            "hosts": provider.hosts,
            "currency": provider.currency.name,
            "operations": [
                {"name": one.name, "method": one.method, "path": one.path, "about": one.about}
                for one in provider.operations
            ],
            "states": {state.value: word for state, word in provider.states.items()},
            "quirks": [
                {**asdict(quirk), **asdict(standing.quirk(quirk.short))}
                for quirk in provider.quirks
            ],
            "assumptions": [
                {"id": id, **asdict(known)} for id, known in standing.assumptions.items()
            ],
        }
        for provider in app.providers.values()
        for standing in (provider.standing(),)
    ]
    return json_response({"providers": rows})
