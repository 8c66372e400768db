"""The control plane is what its document says it is, whatever a caller sends."""

from __future__ import annotations

import asyncio
import tomllib
from pathlib import Path
from typing import Any

import httpx
import hypothesis
import schemathesis
from schemathesis.config import SchemathesisConfig
from starlette.types import Receive, Scope, Send

from bodydouble.web.app import Application
from bodydouble.web.settings import Settings
from tests.control.session import PLANE
from tests.vendors.asking import asking

APP = Application(Settings(seed=1, frozen=True))


async def at_home(scope: Scope, receive: Receive, send: Send) -> None:
    """The application, called under this machine's name: the generator calls itself testclient."""
    if scope["type"] == "http":
        headers = [pair for pair in scope["headers"] if pair[0] != b"host"]
        scope = {**scope, "client": None, "headers": [*headers, (b"host", b"localhost")]}
    await APP(scope, receive, send)


SHIPPED = tomllib.loads(Path(__file__).parents[2].joinpath("docs/schemathesis.toml").read_text())
CONFIG = SchemathesisConfig.from_dict(
    {
        "seed": 7,
        "cache": {"enabled": False},
        "generation": {"database": "none", "max-examples": 4},
        "project": [one for one in SHIPPED["project"] if "control plane" in one["title"]],
    }
)
SCHEMA = schemathesis.openapi.from_asgi(f"{PLANE}/openapi.json", at_home, config=CONFIG)


class Furnished:
    """A sandbox with one of everything, made again when an example has deleted it."""

    def __init__(self) -> None:
        self.ids: dict[str, str] = {}

    def __call__(self) -> dict[str, str]:
        return asyncio.run(self._ready())

    async def _ready(self) -> dict[str, str]:
        transport = httpx.ASGITransport(APP)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            if self.ids:
                known = await client.get(f"{PLANE}/sandboxes/{self.ids['sandbox']}")
                if known.status_code == 200:
                    return self.ids
            made = (await client.post(f"{PLANE}/sandboxes", json={"seed": 1, "rate": 0})).json()
            root, vendor = f"{PLANE}/sandboxes/{made['id']}", asking("smartlyq")
            answer = await client.post(
                vendor.submit_path,
                json=vendor.body("a fox"),
                headers=vendor.headers(made["keys"]["smartlyq"]),
            )
            fault = {"point": "delivery", "kind": "drop"}
            self.ids = {
                "sandbox": made["id"],
                "job": vendor.job(answer),
                "request": "1",
                "fault": (await client.post(f"{root}/faults", json=fault)).json()["id"],
                "snapshot": (await client.post(f"{root}/snapshots", json={})).json()["id"],
            }
        return self.ids


FURNISHED = Furnished()


@SCHEMA.parametrize()
@hypothesis.settings(
    max_examples=12,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=list(hypothesis.HealthCheck),
)
def test_nothing_a_caller_sends_is_answered_outside_the_document(case: Any) -> None:
    for name, id in FURNISHED().items():
        # What was made wrong on purpose stays wrong.
        if case.path_parameters and str(case.path_parameters.get(name, "")).isalnum():
            case.path_parameters[name] = id
    case.call_and_validate()
