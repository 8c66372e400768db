"""Everything that is no vendor's API, put together: media, uploads, control plane, front page.

It mounts; what is mounted knows what to do.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from understudy.web.cdn import cdn_routes
from understudy.web.reference import reference_routes

if TYPE_CHECKING:
    from understudy.web.app import Understudy


def site(understudy: Understudy) -> Starlette:
    """The Starlette application beside the vendors."""

    async def front(request: Request) -> Response:
        return JSONResponse({"understudy": list(understudy.providers)})

    routes: list[BaseRoute] = [
        Route("/", front),
        *cdn_routes(understudy),
        *reference_routes(understudy),
    ]
    if find_spec("understudy.web.uploads"):
        from understudy.web.uploads import upload_route

        routes.append(upload_route(understudy))
    if find_spec("understudy.web.control"):
        from understudy.web.control import control_routes

        routes += control_routes(understudy)
    return Starlette(routes=routes)
