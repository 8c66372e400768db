"""A server in this process, one sandbox, and its control plane, for the tests of that plane.

Speaks HTTP through httpx's ASGI transport, as a tester would; what a vendor's client would send is
the judge's to say.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx

from bodydouble.web.app import Application
from bodydouble.web.settings import Settings
from tests.vendors.asking import asking

PLANE = "/_bodydouble"


class ControlSession:
    """One sandbox, its keys, and the client of its control plane."""

    def __init__(self, client: httpx.AsyncClient, app: Application, made: dict[str, Any]) -> None:
        self.client = client
        self.app = app
        self.made = made
        self.id: str = made["id"]
        self.keys: dict[str, str] = made["keys"]
        self.root = f"{PLANE}/sandboxes/{self.id}"

    async def ask(self, method: str, path: str, body: Any = None) -> httpx.Response:
        """One request to the control plane, below this sandbox."""
        if body is None:
            return await self.client.request(method, self.root + path)
        return await self.client.request(method, self.root + path, json=body)

    async def done(self, method: str, path: str, body: Any = None) -> Any:
        """The JSON of a request that must succeed."""
        answer = await self.ask(method, path, body)
        assert answer.status_code < 300, answer.text
        return answer.json() if answer.content else None

    async def submit(
        self,
        vendor: str = "smartlyq",
        prompt: str = "a fox",
        *,
        small: bool = False,
        **headers: str,
    ) -> httpx.Response:
        """A submission as the vendor's client sends it; ``small`` is drawn quickly."""
        known = asking(vendor)
        named = known.headers(self.keys[vendor], **headers)
        body = known.body(prompt, small=small)
        return await self.client.post(known.submit_path, json=body, headers=named)

    async def poll(self, job: str, vendor: str = "smartlyq") -> httpx.Response:
        """A poll as the vendor's client sends it."""
        return await self._get(asking(vendor).poll_path, job, vendor)

    async def result(self, job: str, vendor: str) -> httpx.Response:
        """A look at what a job gave, as the vendor's client takes it."""
        return await self._get(asking(vendor).result_path, job, vendor)

    async def _get(self, path: str, job: str, vendor: str) -> httpx.Response:
        named = asking(vendor).headers(self.keys[vendor])
        return await self.client.get(path.format(job=job), headers=named)

    async def jobs(self) -> list[dict[str, Any]]:
        """Every job, oldest first."""
        listed = await self.done("GET", "/jobs")
        rows: list[dict[str, Any]] = listed["jobs"]
        return rows[::-1]


@asynccontextmanager
async def control_session(
    settings: Settings | None = None, **fields: Any
) -> AsyncIterator[ControlSession]:
    """A server with one sandbox made with these fields."""
    app = Application(settings or Settings(seed=1))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        made = await client.post(f"{PLANE}/sandboxes", json={"rate": 0, "seed": 7, **fields})
        assert made.status_code == 201, made.text
        yield ControlSession(client, app, made.json())
