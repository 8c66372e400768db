"""One vendor as a test sees it: where it is, the key that opens this sandbox, and a client.

It hands out addresses and secrets; what is sent with them is the test's.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import httpx

    from bodydouble.core.provider import Provider


class Server(Protocol):
    """What a vendor needs of its emulator: where it is, and how to reach it without a socket."""

    @property
    def origin(self) -> str: ...
    @property
    def async_transport(self) -> httpx.AsyncBaseTransport: ...


class Vendor:
    """What ``bodydouble.<vendor>`` is: ``base_url``, ``key``, ``env``, ``client()``."""

    def __init__(
        self, provider: Provider, key: str, server: Server, listen: Callable[[], str]
    ) -> None:
        self.name = provider.name
        self.key = key
        self.hosts = provider.hosts
        self.webhooks = provider.webhooks
        # Whether it is among those that are meant where no vendor is named.
        self.usual = provider.sample is not None and provider.sample.usual
        self._environment = provider.environment
        self._keyed = provider.key_headers
        self._required = provider.sample_headers()
        self._path = f"/{provider.name}{provider.base_path}"
        self._server = server
        self._listen = listen

    @property
    def base_url(self) -> str:
        """What an official client takes as its base URL; from here on the emulator listens."""
        return self._listen() + self._path

    @property
    def headers(self) -> dict[str, str]:
        """The header that carries the key, and those that the vendor requires."""
        return {**self._keyed(self.key), **self._required}

    @property
    def env(self) -> dict[str, str]:
        """What official clients read: ``<VENDOR>_API_KEY``, ``<VENDOR>_BASE_URL`` and their own.

        The first two are there for every vendor, whether or not a client of its reads them.
        """
        return self._environment(self.key, f"{self._listen()}/{self.name}")

    def client(self, **options: Any) -> httpx.Client:
        """An `httpx.Client` with key and base URL that needs no socket. Options are httpx's."""
        import httpx

        transport = getattr(self._server, "transport", None)
        if transport is None:
            raise TypeError("an AsyncEmulator has async clients only: use async_client()")
        return httpx.Client(**self._options(transport, options))

    def async_client(self, **options: Any) -> httpx.AsyncClient:
        """The same as an `httpx.AsyncClient`."""
        import httpx

        return httpx.AsyncClient(**self._options(self._server.async_transport, options))

    def _options(self, transport: Any, options: dict[str, Any]) -> dict[str, Any]:
        headers = {**self.headers, **options.pop("headers", {})}
        usual = {"base_url": self._server.origin + self._path, "trust_env": False, "verify": False}
        return {**usual, "transport": transport, "headers": headers, **options}

    def __repr__(self) -> str:
        return f"<{self.name} at {self._server.origin}{self._path}>"
