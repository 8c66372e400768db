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

from bodydouble.web.media.links import cdn_routes
from bodydouble.web.reference.documents import reference_routes

if TYPE_CHECKING:
    from bodydouble.web.app import Application


def site(app: Application) -> Starlette:
    """The Starlette application beside the vendors."""

    async def front(request: Request) -> Response:
        return JSONResponse({"bodydouble": list(app.providers)})

    routes: list[BaseRoute] = [
        Route("/", front),
        *cdn_routes(app),
        *reference_routes(app),
    ]
    if find_spec("bodydouble.web.media.uploads"):
        from bodydouble.web.media.uploads import upload_route

        routes.append(upload_route(app))
    if find_spec("bodydouble.web.control"):
        from bodydouble.web.control import control_routes

        routes += control_routes(app)
    return Starlette(routes=routes)
