"""Leonardo's session: its key, its paths, and the few steps that most of its tests share."""

from __future__ import annotations

import base64
import json
from typing import Any

import httpx

from bodydouble.core.jobs import Job
from bodydouble.core.media.uploads import Upload
from tests.vendors.session import Session

KEY = "11111111-2222-4333-8444-555555555555"
JOB = "motionVideoGenerationJob"
TEXT, IMAGE = "/generations-text-to-video", "/generations-image-to-video"
SVD, UPSCALE = "/generations-motion-svd", "/generations-video-upscale"
DOCUMENTED: dict[str, Any] = {
    "prompt": "a dog on a beach",
    "width": 832,
    "height": 480,
    "resolution": "RESOLUTION_480",
    "frameInterpolation": True,
    "promptEnhance": True,
    "isPublic": False,
    "elements": [{"akUUID": "ece8c6a9-3deb-430e-8c93-4d5061b6adbf", "weight": 1}],
}
# One white pixel.
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def png(width: int, height: int) -> bytes:
    """The first bytes of a PNG of this size: all that is looked at before it is drawn."""
    return PNG[:16] + width.to_bytes(4, "big") + height.to_bytes(4, "big") + PNG[24:]


class Leonardo(Session):
    """A session with Leonardo."""

    def __init__(self, secret: str = KEY, **more: Any) -> None:
        super().__init__("/leonardo/api/rest/v1", secret, **more)

    async def submit(self, **body: Any) -> str:
        """Accepts a text-to-video job and gives its generation id."""
        answer = await self.post(TEXT, {"prompt": "p", **body})
        assert answer.status_code == 200, answer.text
        id: str = answer.json()[JOB]["generationId"]
        return id

    async def generation(self, id: str) -> dict[str, Any]:
        """A generation as it is polled."""
        answer = await self.get(f"/generations/{id}")
        assert answer.status_code == 200, answer.text
        row: dict[str, Any] = answer.json()["generations_by_pk"]
        return row

    async def user(self) -> str:
        """The account's user id."""
        details = (await self.get("/me")).json()["user_details"]
        id: str = details[0]["user"]["id"]
        return id

    async def credits(self) -> int:
        """What `/me` says is left."""
        row = (await self.get("/me")).json()["user_details"][0]
        total: int = row["apiPaidTokens"] + row["apiSubscriptionTokens"]
        return total

    async def listed(self, **query: Any) -> list[dict[str, Any]]:
        """The account's generations."""
        answer = await self.get(f"/generations/user/{await self.user()}", params=query)
        rows: list[dict[str, Any]] = answer.json()["generations"]
        return rows

    async def seeded(self) -> list[str]:
        """Ids of the images the account owns from the start."""
        return [image["id"] for image in (await self.listed())[-1]["generated_images"]]

    async def announce(self, extension: str = "png") -> dict[str, Any]:
        """An announced upload."""
        answer = await self.post("/init-image", {"extension": extension})
        assert answer.status_code == 200, answer.text
        upload: dict[str, Any] = answer.json()["uploadInitImage"]
        return upload

    async def put(self, upload: dict[str, Any], data: bytes = PNG, **more: Any) -> httpx.Response:
        """Posts a file to an announced upload as the guide says: fields first, no key."""
        return await self.client.post(
            upload["url"],
            data=more.pop("fields", json.loads(upload["fields"])),
            files={"file": ("start.png", data, "image/png")},
            **more,
        )

    async def uploaded(self, data: bytes = PNG) -> str:
        """Id of an init image that has received its bytes."""
        upload = await self.announce()
        assert (await self.put(upload, data)).status_code == 204
        id: str = upload["id"]
        return id


def error(answer: httpx.Response) -> tuple[int, str, str, str]:
    """A refusal's status, error, path and code; it has no other key."""
    body = answer.json()
    assert set(body) == {"error", "path", "code"}, body
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    return answer.status_code, body["error"], body["path"], body["code"]


async def nothing_happened(session: Leonardo) -> bool:
    """Whether the account has its opening balance and no job and no upload."""
    jobs = await session.count(Job, "leonardo/main")
    uploads = await session.count(Upload, "leonardo/main")
    return (jobs, uploads, await session.balance()) == (0, 0, 28_500)
