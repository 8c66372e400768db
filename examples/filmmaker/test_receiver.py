"""The receiver against the emulator: deliveries doubled, repeated, forged and broken off."""

from __future__ import annotations

from typing import Any

import pytest
from receiver import Receiver

from bodydouble.testing import Sandbox

ORDER = {"model": "kling-v2-1", "type": "text_to_video", "prompt": "a curtain rises"}


class Desk:
    """Counts the work that a receiver is given; the first time it may break off."""

    def __init__(self, breaks: int = 0) -> None:
        self.events: list[dict[str, Any]] = []
        self.breaks = breaks

    def work(self, event: dict[str, Any]) -> None:
        if self.breaks:
            self.breaks -= 1
            raise OSError("the disk is full")
        self.events.append(event)


@pytest.fixture
def desk(bodydouble: Sandbox) -> Desk:
    desk = Desk()
    receiver = Receiver(bodydouble.webhooks.subscribe(), desk.work)

    def serve(headers: Any, body: bytes) -> int:
        try:
            return receiver.take(headers, body)
        except OSError:
            return 500

    bodydouble.webhooks.handler = lambda one: serve(one.headers, one.body)
    return desk


def order(bodydouble: Sandbox) -> str:
    with bodydouble.smartlyq.client() as client:
        return str(client.post("/videos/generate", json=ORDER).json()["data"]["job_uid"])


def test_a_finished_film_is_announced_once(bodydouble: Sandbox, desk: Desk) -> None:
    job = order(bodydouble)
    bodydouble.clock.advance("1m")
    assert bodydouble.webhooks.expect("job.completed").verified
    assert [event["data"]["job_id"] for event in desk.events] == [job]


def test_a_delivery_that_comes_twice_is_worked_on_once(bodydouble: Sandbox, desk: Desk) -> None:
    bodydouble.faults.add("delivery", "duplicate", times=1)
    order(bodydouble)
    bodydouble.clock.advance("1m")
    bodydouble.webhooks.expect("job.completed", times=2)
    assert len(desk.events) == 1


def test_work_that_broke_off_is_done_when_it_is_delivered_again(
    bodydouble: Sandbox, desk: Desk
) -> None:
    desk.breaks = 1
    order(bodydouble)
    bodydouble.clock.advance("1m")
    assert not desk.events
    bodydouble.clock.advance("5m")
    assert len(desk.events) == 1


def test_what_is_badly_signed_is_refused_and_the_real_one_taken(
    bodydouble: Sandbox, desk: Desk
) -> None:
    bodydouble.faults.add("delivery", "bad-signature", times=1)
    order(bodydouble)
    bodydouble.clock.advance("10m")
    assert [one.verified for one in bodydouble.webhooks.received] == [False, True]
    assert len(desk.events) == 1
    bodydouble.lint()
