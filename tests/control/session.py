"""A server in this process, one sandbox, and its control plane, for the tests of that plane.

Speaks HTTP through httpx's ASGI transport, as a tester would; what a vendor's client would send is
written down here once per vendor.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from bodydouble.web.app import Application
from bodydouble.web.settings import Settings

PLANE = "/_bodydouble"


@dataclass(frozen=True)
class Vendor:
    """How one vendor's client submits and asks."""

    submit_path: str
    poll_path: str
    body: dict[str, Any]
    price: str
    cancel_path: str = ""


VENDORS: dict[str, Vendor] = {
    "smartlyq": Vendor(
        "/smartlyq/v1/videos/generate",
        "/smartlyq/v1/jobs/{job}",
        {"model": "kling-v2-1", "type": "text_to_video"},
        "0.0700",
        "/smartlyq/v1/jobs/{job}/cancel",
    ),
    "leonardo": Vendor(
        "/leonardo/api/rest/v1/generations-text-to-video",
        "/leonardo/api/rest/v1/generations/{job}",
        {"resolution": "RESOLUTION_480"},
        "",
    ),
    "infinityblue": Vendor(
        "/infinityblue/v1/video/generations",
        "/infinityblue/v1/video/generations/{job}",
        {"model": "kling-v2-5-turbo", "duration": 5, "width": 640, "height": 360},
        "",
    ),
    "uniall": Vendor(
        "/uniall/v1/video/generations",
        "/uniall/v1/videos/{job}",
        {"model": "kling-v3-std-silent", "aspect_ratio": "16:9", "duration": 3},
        "",
    ),
}


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
        self, vendor: str = "smartlyq", prompt: str = "a fox", **headers: str
    ) -> httpx.Response:
        """A submission as the vendor's client sends it."""
        known = VENDORS[vendor]
        named = {"authorization": f"Bearer {self.keys[vendor]}", **headers}
        body = {**known.body, "prompt": prompt}
        return await self.client.post(known.submit_path, json=body, headers=named)

    async def poll(self, job: str, vendor: str = "smartlyq") -> httpx.Response:
        """A poll as the vendor's client sends it."""
        named = {"authorization": f"Bearer {self.keys[vendor]}"}
        return await self.client.get(VENDORS[vendor].poll_path.format(job=job), headers=named)

    async def jobs(self) -> list[dict[str, Any]]:
        """Every job, oldest first."""
        listed = await self.done("GET", "/jobs")
        rows: list[dict[str, Any]] = listed["jobs"]
        return rows[::-1]


@asynccontextmanager
async def control_session(
    settings: Settings | None = None, **asked: Any
) -> AsyncIterator[ControlSession]:
    """A server with one sandbox made as ``asked``."""
    app = Application(settings or Settings(seed=1))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        made = await client.post(f"{PLANE}/sandboxes", json={"rate": 0, "seed": 7, **asked})
        assert made.status_code == 201, made.text
        yield ControlSession(client, app, made.json())
