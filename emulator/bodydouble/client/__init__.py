"""A client of the control plane: sandboxes, clocks, jobs, money and faults, by name.

`Control` blocks, `AsyncControl` is awaited; each method of either sends one request. Answers are
JSON as `openapi/control.yaml` describes it. It knows neither the vendors' APIs nor where the server
runs, and loads httpx when it is first used.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from bodydouble.client.resources import Body, Resources

if TYPE_CHECKING:
    import ssl

    import httpx

__all__ = ["AsyncControl", "Control", "ControlError", "Resources"]

PREFIX = "/_bodydouble"
# A clock that is moved may send many webhooks before it answers.
TIMEOUT_S = 90.0


class ControlError(Exception):
    """The control plane refused, or was not there. ``errors`` are its ``{field, problem}`` rows.

    ``status`` is 0 where nobody answered.
    """

    def __init__(self, status: int, detail: str, errors: tuple[Mapping[str, str], ...] = ()):
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.errors = errors


class Control(Resources[Any]):
    """Steers a server: ``Control("http://127.0.0.1:8750").create_sandbox(seed=1)``.

    A context manager. ``transport`` is any httpx transport, such as `Emulator.transport`;
    ``verify`` says which certificates an https server may have.
    """

    def __init__(
        self,
        url: str,
        token: str | None = None,
        *,
        transport: httpx.BaseTransport | None = None,
        verify: bool | ssl.SSLContext = True,
        timeout_s: float = TIMEOUT_S,
    ) -> None:
        import httpx

        self.url = url.rstrip("/")
        self._http = httpx.Client(**_options(self.url, token, transport, verify, timeout_s))

    def ask(
        self, method: str, path: str, body: Body = None, query: Body = None, *, pick: str = ""
    ) -> Any:
        """See `Resources.ask`."""
        with _reaching(self.url):
            response = self._http.request(method, path, json=body, params=_given(query))
        return _answer(response, pick)

    def close(self) -> None:
        """Lets go of the connections."""
        self._http.close()

    def __enter__(self) -> Control:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


class AsyncControl(Resources[Awaitable[Any]]):
    """`Control` for coroutines: every method is awaited."""

    def __init__(
        self,
        url: str,
        token: str | None = None,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
        verify: bool | ssl.SSLContext = True,
        timeout_s: float = TIMEOUT_S,
    ) -> None:
        import httpx

        self.url = url.rstrip("/")
        self._http = httpx.AsyncClient(**_options(self.url, token, transport, verify, timeout_s))

    async def ask(
        self, method: str, path: str, body: Body = None, query: Body = None, *, pick: str = ""
    ) -> Any:
        """See `Resources.ask`."""
        with _reaching(self.url):
            response = await self._http.request(method, path, json=body, params=_given(query))
        return _answer(response, pick)

    async def aclose(self) -> None:
        """Lets go of the connections."""
        await self._http.aclose()

    async def __aenter__(self) -> AsyncControl:
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.aclose()


def _given(query: Body) -> dict[str, Any] | None:
    return {name: value for name, value in query.items() if value is not None} if query else None


def _options(
    url: str, token: str | None, transport: object, verify: bool | ssl.SSLContext, timeout_s: float
) -> dict[str, Any]:
    return {
        "base_url": f"{url}{PREFIX}",
        # A plain address needs no certificates, and loading them would take 20 ms.
        "verify": verify if url.startswith("https:") else False,
        "headers": {"x-bodydouble-token": token} if token else {},
        "transport": transport,
        "timeout": timeout_s,
        "trust_env": False,
    }


def _answer(response: httpx.Response, pick: str) -> Any:
    body: Any = None
    if response.content and "json" in response.headers.get("content-type", ""):
        body = json.loads(response.content)
    if response.is_success:
        return body[pick] if pick else body if body is not None else response.text or None
    fields = body if isinstance(body, dict) else {}
    detail = fields.get("detail") or f"{response.request.url} answered {response.status_code}"
    raise ControlError(response.status_code, detail, tuple(fields.get("errors", ())))


@contextmanager
def _reaching(url: str) -> Iterator[None]:
    """A connection that fails inside is a ControlError that says what to do."""
    import httpx

    try:
        yield
    except httpx.TransportError as error:
        detail = f"no bodydouble answers at {url} ({error}): is `bodydouble serve` on?"
        raise ControlError(0, detail) from error
