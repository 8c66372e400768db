"""What the server as a whole can tell: whether it lives, and whom it stands in for."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from functools import cache
from typing import Any

import yaml
from starlette.requests import Request
from starlette.responses import Response

from bodydouble import __version__
from bodydouble.data import openapi_dir
from bodydouble.web.control.wire.access import Services, json_response, known_query


async def health(app: Services, request: Request) -> Response:
    """Alive, and which version."""
    known_query(request)
    return json_response(
        {
            "status": "ok",
            "version": __version__,
            "sandboxes": len(app.registry.last_used),
            "sandboxes_max": app.settings.sandboxes_max,
        }
    )


async def document(app: Services, request: Request) -> Response:
    """This control plane's own OpenAPI document."""
    return json_response(await asyncio.to_thread(_document))


@cache
def _document() -> Any:
    return yaml.safe_load((openapi_dir() / "control.yaml").read_text("utf-8"))


async def providers(app: Services, request: Request) -> Response:
    """Every vendor: where it is mounted, what is disputed and what is guessed."""
    known_query(request)
    origin = app.settings.public_url or str(request.base_url).rstrip("/")
    origin = origin.removesuffix("/_bodydouble")
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
            "words": {state.value: word for state, word in provider.words.items()},
            "quirks": [asdict(quirk) for quirk in provider.quirks],
            "assumptions": [asdict(assumption) for assumption in provider.assumptions],
        }
        for provider in app.providers.values()
    ]
    return json_response({"providers": rows})
