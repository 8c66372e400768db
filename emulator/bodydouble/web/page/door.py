"""Which addresses are the page's, so that nothing of it is loaded until one of them is asked for.

``/_bodydouble/`` and what is below ``/_bodydouble/ui/``; and ``/`` where a browser asks, which no
vendor's root comes to. It knows no page.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.routing import BaseRoute, Match
from starlette.types import Receive, Scope, Send

from bodydouble.web.control.routes import PAGE, PREFIX, ControlPlane
from bodydouble.web.control.wire.access import Services

if TYPE_CHECKING:
    from bodydouble.web.page.routes import Page


class PageDoor(BaseRoute):
    """Takes the page's addresses, and makes the page when the first is asked for."""

    def __init__(self, app: Services, control: ControlPlane) -> None:
        self._app = app
        self._control = control
        self._page: Page | None = None

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Full for our paths, none for others."""
        path: str = scope["path"]
        ours = path in (PREFIX, f"{PREFIX}/") or path.startswith(f"{PAGE}/")
        if not ours and path == "/":
            ours = b"text/html" in dict(scope["headers"]).get(b"accept", b"")
        return (Match.FULL if ours and scope["type"] == "http" else Match.NONE), {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        if self._page is None:
            from bodydouble.web.page.routes import Page

            self._page = Page(self._app, self._control)
        await self._page(scope, receive, send)
