"""Leonardo's second API as a client speaks it: a session, its models, and pictures that guide."""

from __future__ import annotations

from typing import Any

import httpx

from bodydouble.core.jobs import Job
from tests.vendors.leonardo.session import Leonardo, error

PATH = "/leonardo/api/rest/v2/generations"
KLING, GROK = "kling-3.0-turbo", "grok-imagine-1.5"
FAST, MINI = "seedance-2.0-fast", "seedance-2.0-mini"
UNKNOWN = "00000000-0000-4000-8000-00000000dead"


class Second(Leonardo):
    """A session that also speaks the second API."""

    async def make(self, model: str, /, **parameters: Any) -> httpx.Response:
        """A create request of ``model``; a parameter that is None is left out."""
        given = {"prompt": "a koala plays with a cat"} | parameters
        kept = {name: value for name, value in given.items() if value is not None}
        body = {"model": model, "public": False, "parameters": kept}
        return await self.client.post(PATH, json=body, headers=self.headers)

    async def made(self, model: str, /, **parameters: Any) -> Job:
        """The job of an accepted one."""
        answer = await self.make(model, **parameters)
        assert answer.status_code == 200, answer.text
        async with self.app.store.transaction(self.sandbox) as tx:
            job = await tx.get(Job, answer.json()["generate"]["generationId"])
        assert job is not None
        return job

    async def refused(self, model: str, /, **parameters: Any) -> tuple[str, str]:
        """The text and code of a refusal that stored and charged nothing."""
        before = await self.credits()
        status, text, _, code = error(await self.make(model, **parameters))
        assert status == 400
        assert await self.credits() == before
        return text, code


def pictured(id: str, kind: str = "UPLOADED", **more: Any) -> list[dict[str, Any]]:
    return [{"image": {"id": id, "type": kind}, **more}]
