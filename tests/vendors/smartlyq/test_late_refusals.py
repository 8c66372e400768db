"""SmartlyQ's refusals that only a history brings about: they leave as little behind as others."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from bodydouble.core.webhooks import ACTIVE_WEBHOOKS_MAX
from tests.hostile.targets import Ask, Session, target

HOOK = {"url": "https://example.com/hook", "events": ["job.completed"]}


@pytest.fixture
def session() -> Iterator[Session]:
    opened = Session(target("smartlyq"))
    yield opened
    opened.close()


def test_a_webhook_is_changed_whole_or_not_at_all(session: Session) -> None:
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

    assert session.refusals(asks()) == 17


def test_a_job_that_is_over_stays_as_it_is(session: Session) -> None:
    def asks() -> Iterator[tuple[int, Ask]]:
        job = session.order()
        session.plane("PATCH", f"/jobs/{job}", {"finish": True})
        for _ in range(2):
            yield 409, lambda: session.ask("POST", f"/v1/jobs/{job}/cancel", json={})
        yield 404, lambda: session.ask("POST", "/v1/webhooks/deliveries/9/replay", json={})

    assert session.refusals(asks()) == 3


def test_unknown_members_are_ignored(session: Session) -> None:
    assert session.order(unknown={"a": [1]}, webhook_url="http://127.0.0.1/")
