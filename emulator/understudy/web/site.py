"""Everything that is no vendor's API: media, uploads and the front page, as Starlette routes.

It finds the job or picture a link means and hands the plan to the media room.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

if TYPE_CHECKING:
    from understudy.web.app import Understudy


def site(understudy: Understudy) -> Starlette:
    """The Starlette application beside the vendors."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        try:
            yield
        finally:
            await understudy.store.close()

    async def front(request: Request) -> Response:
        return JSONResponse({"understudy": list(understudy.providers)})

    return Starlette(routes=[Route("/", front)], lifespan=lifespan)
