"""Refusals that only a history brings about: they leave as little behind as any other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from bodydouble.core.keys import digest
from bodydouble.core.webhooks import ACTIVE_WEBHOOKS_MAX
from bodydouble.sandbox.account_view import UPLOADS_PER_ACCOUNT_MAX
from tests.hostile.targets import INFINITYBLUE, LEONARDO, SMARTLYQ, UNIALL, Session, Target
from tests.vendors.newapi.gateways import png

HOOK = {"url": "https://example.com/hook", "events": ["job.completed"]}
Ask = Callable[[], httpx.Response]


def plane(session: Session, method: str, path: str, body: Any) -> Any:
    """One request to the control plane that must succeed, below the sandbox of the usual key."""
    id = f"k{digest(session.target.keys[0])[:24]}"
    address = f"http://127.0.0.1/_bodydouble/sandboxes/{id}{path}"
    answer = session.send(method, address, json=body)
    assert answer.status_code < 300, answer.text
    return answer.json()


def refusals(session: Session, asks: Iterator[tuple[int, Ask]]) -> int:
    """Holds each request to the rule of this folder; how many there were."""
    count = 0
    for status, ask in asks:
        before = session.kept()
        answer = ask()
        assert answer.status_code == status, answer.text
        session.refusal(answer, before)
        count += 1
    return count


def opened(target: Target) -> Iterator[Session]:
    session = Session(target)
    yield session
    session.close()


@pytest.fixture
def smartlyq() -> Iterator[Session]:
    yield from opened(SMARTLYQ)


@pytest.fixture
def leonardo() -> Iterator[Session]:
    yield from opened(LEONARDO)


@pytest.fixture(params=[INFINITYBLUE, UNIALL], ids=lambda target: target.name)
def gateway(request: pytest.FixtureRequest) -> Iterator[Session]:
    yield from opened(request.param)


def test_a_webhook_is_changed_whole_or_not_at_all(smartlyq: Session) -> None:
    session = smartlyq

    def hook(method: str, path: str, **body: Any) -> Ask:
        return lambda: session.ask(method, f"/v1/webhooks{path}", json=body)

    def asks() -> Iterator[tuple[int, Ask]]:
        assert hook("POST", "", **HOOK)().status_code == 201
        for bad in ("http://example.com/", "https://10.0.0.1/", "https://x:99999/", "", "https://"):
            yield 422, hook("POST", "", url=bad, events=["job.failed"])
            yield 422, hook("PUT", "/1", url=bad, events=["job.failed"], status="paused")
        yield 422, hook("PUT", "/1", url="https://other.example.com/", status="failing")
        yield 422, hook("PUT", "/1", url="https://other.example.com/", events=[])
        yield 422, hook("PUT", "/1", status="paused", events=["job.nothing"])
        yield 422, hook("PUT", "/1", url=5, status="paused")
        yield 404, hook("PUT", "/99", status="paused")
        assert hook("PUT", "/1", status="paused")().status_code == 200
        for _ in range(ACTIVE_WEBHOOKS_MAX):
            assert hook("POST", "", **HOOK)().status_code == 201
        yield 422, hook("POST", "", **HOOK)
        yield 422, hook("PUT", "/1", url="https://other.example.com/", status="active")

    assert refusals(session, asks()) == 17


def test_a_job_that_is_over_stays_as_it_is(smartlyq: Session) -> None:
    session = smartlyq

    def asks() -> Iterator[tuple[int, Ask]]:
        job = session.order()
        plane(session, "PATCH", f"/jobs/{job}", {"finish": True})
        for _ in range(2):
            yield 409, lambda: session.ask("POST", f"/v1/jobs/{job}/cancel", json={})
        yield 404, lambda: session.ask("POST", "/v1/webhooks/deliveries/9/replay", json={})

    assert refusals(session, asks()) == 3


def test_a_picture_that_came_with_an_order_nobody_can_pay_is_not_kept(gateway: Session) -> None:
    session = gateway
    order = {**session.target.order, "image": png(400, 400)}

    def asks() -> Iterator[tuple[int, Ask]]:
        plane(session, "PUT", f"/accounts/{session.target.name}/main/balance", {"amount": "0"})
        yield 403, lambda: session.ask("POST", session.target.path, json=order)
        plane(session, "PUT", f"/accounts/{session.target.name}/main/balance", {"amount": "0.0001"})
        yield 403, lambda: session.ask("POST", session.target.path, json=order)

    assert refusals(session, asks()) == 2


def test_leonardo_looks_at_every_picture_before_it_takes_money(leonardo: Session) -> None:
    session, root = leonardo, "/api/rest/v1"
    user = session.ask("GET", session.me).json()["user_details"][0]["user"]["id"]
    listed = session.ask("GET", f"{root}/generations/user/{user}").json()["generations"]
    picture = listed[0]["generated_images"][0]["id"]
    absent = "00000000-0000-4000-8000-00000000dead"
    start = {"prompt": "x", "model": "KLING2_1", "imageId": picture, "imageType": "GENERATED"}

    def post(path: str, **body: Any) -> Ask:
        return lambda: session.ask("POST", root + path, json=body)

    def asks() -> Iterator[tuple[int, Ask]]:
        for id, kind in ((absent, "GENERATED"), (picture, "UPLOADED"), ("x", "GENERATED")):
            end = {"id": id, "type": kind}
            yield 400, post("/generations-image-to-video", **start, endFrameImage=end)
        job = session.order()
        yield 400, post("/generations-motion-svd", imageId=job)
        yield (
            400,
            post("/generations-video-upscale", sourceGenerationId=job, resolution="RESOLUTION_720"),
        )
        yield 400, post("/generations", prompt="x", num_images=9)
        for _ in range(UPLOADS_PER_ACCOUNT_MAX):
            assert post("/init-image", extension="png")().status_code == 200
        yield 413, post("/init-image", extension="png")
        plane(session, "PUT", "/accounts/leonardo/main/balance", {"amount": "1"})
        yield 400, post("/generations-image-to-video", **start)
        yield 400, post("/generations", prompt="x")

    assert refusals(session, asks()) == 9
