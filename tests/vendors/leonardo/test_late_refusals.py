"""Leonardo's refusals that only a history brings about: they leave as little behind as others."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bodydouble.sandbox.account_view import UPLOADS_PER_ACCOUNT_MAX
from tests.hostile.targets import NOBODYS_ID, Ask, Session, target

ROOT = "/api/rest/v1"


def test_every_picture_is_looked_at_before_money_is_taken() -> None:
    session = Session(target("leonardo"))
    user = session.ask("GET", f"{ROOT}/me").json()["user_details"][0]["user"]["id"]
    listed = session.ask("GET", f"{ROOT}/generations/user/{user}").json()["generations"]
    picture = listed[0]["generated_images"][0]["id"]
    start = {"prompt": "x", "model": "KLING2_1", "imageId": picture, "imageType": "GENERATED"}

    def post(path: str, **body: Any) -> Ask:
        return lambda: session.ask("POST", ROOT + path, json=body)

    def asks() -> Iterator[tuple[int, Ask]]:
        for id, kind in ((NOBODYS_ID, "GENERATED"), (picture, "UPLOADED"), ("x", "GENERATED")):
            end = {"id": id, "type": kind}
            yield 400, post("/generations-image-to-video", **start, endFrameImage=end)
        job = session.order()
        yield 400, post("/generations-motion-svd", imageId=job)
        upscale = {"sourceGenerationId": job, "resolution": "RESOLUTION_720"}
        yield 400, post("/generations-video-upscale", **upscale)
        yield 400, post("/generations", prompt="x", num_images=9)
        for _ in range(UPLOADS_PER_ACCOUNT_MAX):
            assert post("/init-image", extension="png")().status_code == 200
        yield 413, post("/init-image", extension="png")
        session.plane("PUT", "/accounts/leonardo/main/balance", {"amount": "1"})
        yield 400, post("/generations-image-to-video", **start)
        yield 400, post("/generations", prompt="x")

    assert session.refusals(asks()) == 9
    session.close()
