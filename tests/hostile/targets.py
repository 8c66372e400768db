"""Four vendors as targets of bad input, and what a refusal must look like.

A session is an emulator in this process with room for a hundred thousand requests; it knows each
vendor's usual request, its envelope and every operation's address. `refusal` holds an answer to the
rule of this folder: the vendor's own words, and nothing kept but counters and the request log.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx

from bodydouble.core.evidence.request_log import Exchange
from bodydouble.core.keys import digest
from bodydouble.core.limits import WindowCount
from bodydouble.core.provider import Operation
from bodydouble.core.sandboxes import Counter
from bodydouble.web.app import Application
from bodydouble.web.settings import Settings

ORIGIN = "http://bodydouble.test"
JSON = {"content-type": "application/json"}
PLENTY = {
    "smartlyq.requests_per_minute": 10**6,
    "leonardo.requests_per_minute": 10**6,
    "leonardo.submissions_per_minute": 10**6,
    "leonardo.pending_jobs": 10**6,
    "infinityblue.creates_per_minute": 0,
}
# What may change when a request is turned down.
COUNTED = (Counter, Exchange, WindowCount)


@dataclass(frozen=True)
class Target:
    """One vendor: two keys of two accounts, its usual order, and what its refusals look like."""

    name: str
    keys: tuple[str, str]
    path: str
    order: dict[str, Any]
    job: Callable[[Any], str]
    envelope: Callable[[Any], bool]
    # Server errors that this vendor documents for what a client may do wrong.
    own_5xx: tuple[int, ...] = ()


def _gateway(body: Any) -> bool:
    if set(body) == {"code", "message", "data"}:
        return True
    return set(body) == {"error"} and {"message", "type"} <= set(body["error"])


SMARTLYQ = Target(
    "smartlyq",
    ("sqk_live_mine", "sqk_live_theirs"),
    "/v1/videos/generate",
    {
        "model": "kling-v2-1",
        "type": "text_to_video",
        "prompt": "a curtain rises",
        "duration": 5,
        "mode": "Standard",
        "aspect_ratio": "16:9",
        "negative_prompt": "blur",
    },
    lambda body: str(body["data"]["job_uid"]),
    lambda body: (
        set(body) == {"success", "error", "meta"}
        and set(body["error"]) == {"code", "message", "details"}
    ),
)
LEONARDO = Target(
    "leonardo",
    ("11111111-2222-4333-8444-555555555555", "66666666-7777-4888-8999-000000000000"),
    "/api/rest/v1/generations-text-to-video",
    {
        "prompt": "a curtain rises",
        "model": "VEO3",
        "width": 1280,
        "height": 720,
        "resolution": "RESOLUTION_720",
        "duration": 4,
        "seed": 7,
        "isPublic": False,
        "negativePrompt": "blur",
        "styleIds": None,
    },
    lambda body: str(body["motionVideoGenerationJob"]["generationId"]),
    lambda body: set(body) == {"error", "path", "code"},
)
INFINITYBLUE = Target(
    "infinityblue",
    ("sk-" + "mine" * 12, "sk-" + "them" * 12),
    "/v1/video/generations",
    {
        "model": "kling-v2-5-turbo",
        "prompt": "a curtain rises",
        "duration": 5,
        "width": 1280,
        "height": 720,
        "fps": 24,
        "seed": 7,
        "n": 1,
        "response_format": "url",
        "user": "somebody",
        "metadata": {"negative_prompt": "blur"},
    },
    lambda body: str(body["task_id"]),
    lambda body: (
        set(body) == {"error"} and set(body["error"]) == {"message", "type", "code", "param"}
    ),
)
UNIALL = Target(
    "uniall",
    INFINITYBLUE.keys,
    "/v1/video/generations",
    {
        "model": "kling-v3-std-silent",
        "prompt": "a curtain rises",
        "aspect_ratio": "16:9",
        "duration": 5,
        "extra_body": {"cfg_scale": 0.5, "shot_type": "customize", "negative_prompt": "blur"},
    },
    lambda body: str(body["task_id"]),
    _gateway,
    # A model nobody offers is a 503 on new-api.
    own_5xx=(503,),
)
TARGETS = (SMARTLYQ, LEONARDO, INFINITYBLUE, UNIALL)


class Session:
    """An emulator in this process, spoken to without a socket and without `async`."""

    def __init__(self, target: Target, **settings: Any) -> None:
        self.target = target
        self.app = Application(
            Settings(frozen=True, seed=1, balances={"": "99999"}, quirks=PLENTY, **settings)
        )
        self._runner = asyncio.Runner()
        self._client = httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app), base_url=ORIGIN, timeout=60
        )
        # The first request opens the account, which is no consequence of a refusal.
        for name in ("mine", "theirs"):
            assert self.ask("GET", self.me, whose=name).status_code == 200

    @property
    def me(self) -> str:
        """A cheap address that needs a key."""
        paths = {"smartlyq": "/v1/me", "leonardo": "/api/rest/v1/me"}
        return paths.get(self.target.name, "/v1/models")

    def operations(self, *methods: str) -> list[Operation]:
        """The vendor's operations by method."""
        provider = self.app.providers[self.target.name]
        return [one for one in provider.operations if one.method in methods and not one.open]

    def key(self, whose: str = "mine") -> dict[str, str]:
        """The header that carries a key."""
        return {"authorization": f"Bearer {self.target.keys[whose == 'theirs']}"}

    def ask(self, method: str, path: str, *, whose: str = "mine", **more: Any) -> httpx.Response:
        """One request to the vendor with a key; ``headers`` are added to it."""
        headers = {**self.key(whose), **more.pop("headers", {})}
        return self.send(method, f"/{self.target.name}{path}", headers=headers, **more)

    def send(self, method: str, address: str, **more: Any) -> httpx.Response:
        """One request exactly as given."""
        return self._runner.run(self._client.request(method, address, **more))

    def order(self, **changes: Any) -> str:
        """Accepts a job; its id."""
        answer = self.ask("POST", self.target.path, json={**self.target.order, **changes})
        assert answer.status_code < 300, answer.text
        return self.target.job(answer.json())

    def kept(self, whose: str = "mine") -> frozenset[str]:
        """Everything the sandbox holds but counters and the request log."""
        return self._runner.run(self._kept(f"k{digest(self.target.keys[whose == 'theirs'])[:24]}"))

    async def _kept(self, sandbox: str) -> frozenset[str]:
        async with self.app.store.transaction(sandbox) as tx:
            records = await tx.everything()
        return frozenset(repr(one) for one in records if not isinstance(one, COUNTED))

    def refusal(self, answer: httpx.Response, before: frozenset[str]) -> None:
        """Holds an answer that turns something down to the rule."""
        status, target = answer.status_code, self.target
        assert 400 <= status < 600, (status, answer.text[:300])
        assert status < 500 or status in target.own_5xx, (status, answer.text[:300])
        assert answer.headers["content-type"].startswith("application/json"), answer.headers
        assert target.envelope(answer.json()), answer.text[:300]
        assert len(answer.content) < 5_000, "a refusal repeats too much of what was sent"
        assert self.kept() == before, "a refusal left something behind"

    def close(self) -> None:
        """Ends the loop and the server."""
        self._runner.run(self._client.aclose())
        self._runner.run(self.app.shutdown())
        self._runner.close()
