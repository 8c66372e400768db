"""The page asks the control plane, in process, what any client would ask it over HTTP.

So there is one set of verbs, and the page can do nothing that a script cannot. It asks for one who
was admitted already; it knows no sandbox and no rule.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

import orjson
from starlette.requests import Request
from starlette.types import Message

from bodydouble.web.control.routes import PREFIX, ControlPlane

Json = Any


class Verbs:
    """The control plane's verbs for one request of the page."""

    def __init__(self, control: ControlPlane, request: Request) -> None:
        self._control = control
        self._request = request

    async def get(self, path: str, /, **query: object) -> Json:
        """What is at ``path``, below ``/_bodydouble``. Problem."""
        return await self.ask("GET", path, query=query)

    async def ask(
        self, method: str, path: str, body: Json = None, query: Mapping[str, object] | None = None
    ) -> Json:
        """The JSON answer of one verb; None for an empty one. Problem as the verb raised it."""
        given = {name: value for name, value in (query or {}).items() if value is not None}
        asked, whole = self._request.scope, PREFIX + path
        scope = {
            "type": "http",
            "http_version": "1.1",
            "method": method,
            "scheme": asked.get("scheme", "http"),
            "path": whole,
            "raw_path": quote(whole, safe="/:~").encode(),
            "root_path": PREFIX,
            "query_string": urlencode(given).encode(),
            "headers": [(b"host", b"localhost"), (b"content-type", b"application/json")],
            "client": asked.get("client"),
            "server": asked.get("server"),
            "state": asked["state"],
        }
        sent = b"" if body is None else orjson.dumps(body)
        chunks: list[bytes] = []

        async def receive() -> Message:
            return {"type": "http.request", "body": sent, "more_body": False}

        async def send(message: Message) -> None:
            chunks.append(message.get("body", b""))

        await self._control.answer(scope, receive, send)
        content = b"".join(chunks)
        return orjson.loads(content) if content else None


def at(sandbox: str, *rest: str) -> str:
    """The path of something in a sandbox; each part is one or more segments."""
    return "/" + "/".join(("sandboxes", sandbox, *rest))
