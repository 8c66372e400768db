"""`/{vendor}/openapi.json` and `/{vendor}/docs`: the vendor's document and a page to read it on.

The documents are transcriptions for tests. What a vendor promises only in prose is laid over its
published document, and this server is named first. The page is built here, whole, with nothing
fetched from anywhere.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from bodydouble.data import document_path
from bodydouble.web.reference.overlays import tightened
from bodydouble.web.reference.page import page

Json = Any
FOLDED = [Middleware(GZipMiddleware, minimum_size=1_400)]
HEADERS = {
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:",
    "x-content-type-options": "nosniff",
}


def reference_routes(names: Iterable[str]) -> list[Route]:
    """The routes of every vendor; one without a document answers 404 and says so."""
    routes = []
    for name in names:
        routes.append(Route(f"/{name}/openapi.json", _document(name), middleware=FOLDED))
        # Both, because a redirect would have to know what clients call this server.
        for path in (f"/{name}/docs", f"/{name}/docs/"):
            routes.append(Route(path, _page(name), middleware=FOLDED))
    return routes


def _document(name: str) -> Any:
    async def answer(request: Request) -> Response:
        """The document as JSON."""
        document = local_document(name, request.state.origin)
        return _missing(name) if document is None else JSONResponse(document)

    return answer


def _page(name: str) -> Any:
    async def answer(request: Request) -> Response:
        """The document as a page."""
        document = local_document(name, request.state.origin)
        if document is None:
            return _missing(name)
        return HTMLResponse(page(document, name), headers=HEADERS)

    return answer


def _missing(name: str) -> Response:
    told = f"this installation has no OpenAPI document for {name}"
    return JSONResponse({"bodydouble": told}, status_code=404)


def local_document(name: str, base: str) -> Json:
    """The document with this server first among its servers, or None where there is none."""
    try:
        document = read_document(document_path(name))
    except FileNotFoundError:
        return None
    servers = document.get("servers") or [{"url": ""}]
    path = urlsplit(str(servers[0].get("url", ""))).path
    mine = {"url": f"{base}/{name}{path}", "description": "this bodydouble"}
    return {**document, "servers": [mine, *servers]}


@cache
def read_document(path: Path) -> Json:
    """A document under its overlay, if it has one. FileNotFoundError if it is not there."""
    document = _plain(path)
    overlay = path.with_suffix(".overlay.yaml")
    return tightened(document, _plain(overlay)) if overlay.is_file() else document


def _plain(path: Path) -> Json:
    """Plain JSON data, in which dates are text and no two places share an object."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    data = yaml.load(path.read_text(encoding="utf-8"), Loader=loader)
    return json.loads(json.dumps(data, default=str))
