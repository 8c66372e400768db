"""Which jobs were paid for and never fetched; the log is read once, however many jobs there are."""

from __future__ import annotations

from typing import Any

import pytest

from bodydouble.core.evidence.request_log import Exchange
from bodydouble.core.evidence.spending import orphans
from bodydouble.core.jobs import Job, Submission
from bodydouble.core.lifecycle import State
from bodydouble.core.timeline import Timeline
from bodydouble.core.webhooks import Delivery, DeliveryStatus

ENDED_US = 10


def job(id: str = "job_1", names: dict[str, str] | None = None, **changes: Any) -> Job:
    submission = Submission(
        "create", "m", "a fox", 7, {"job": id} if names is None else names, 64, 36, 24, 1000
    )
    usual: dict[str, Any] = {"state": State.SUCCEEDED, "ended_at_us": ENDED_US}
    usual |= {"accepted_at_us": 1, "updated_at_us": ENDED_US, "timeline": Timeline(1, 1, None)}
    return Job(id, "v/main", 1, "v", submission, **{**usual, **changes})


def got(body: str, at_us: int = ENDED_US, **changes: Any) -> Exchange:
    asked: dict[str, Any] = {"method": "GET", "status": 200, "job": ""} | changes
    return Exchange(
        *("1", 1, at_us, "v", "read", "v/main", "k", "k", asked["method"], "/", "", (), b""),
        *(asked["status"], (), body.encode()),
        job=asked["job"],
    )


@pytest.mark.parametrize(
    ("exchange", "left"),
    [
        (got("", job="job_1"), 0),
        (got('{"jobs": [{"id": "job_1"}]}'), 0),
        (got('{"url": "http://host/files/job_1.mp4"}'), 0),
        (got('{"id": "job_10"}'), 1),
        (got('{"id": "job_1"}', at_us=ENDED_US - 1), 1),
        (got('{"id": "job_1"}', method="POST"), 1),
        (got('{"id": "job_1"}', status=404), 1),
        (got('{"id": "job_1"}', job="another"), 0),
    ],
)
def test_what_counts_as_fetched(exchange: Exchange, left: int) -> None:
    assert len(orphans([job()], [exchange], [])) == left


def test_a_job_with_a_name_that_is_empty_is_not_in_every_answer() -> None:
    assert orphans([job(names={"job": "job_1", "variation": ""})], [got("{}")], [])


def test_a_name_of_several_words_is_found_where_all_of_them_are() -> None:
    one = job(names={"job": "models/m/operations/a1"})
    assert not orphans([one], [got('{"name": "models/m/operations/a1"}')], [])
    assert orphans([one], [got('{"name": "models/m/operations/a2"}')], [])


def test_what_was_announced_or_given_back_or_stopped_is_none() -> None:
    told = Delivery("1", "v/main", 1, "w", "done", "e", b"", ENDED_US, "job_1")
    delivered = Delivery(
        *("1", "v/main", 1, "w", "done", "e", b"", ENDED_US, "job_1"), DeliveryStatus.DELIVERED
    )
    assert len(orphans([job()], [], [told])) == 1
    assert not orphans([job()], [], [delivered])
    assert not orphans([job(refunded=True), job(state=State.CANCELED)], [], [])
    (running,) = orphans([job(state=State.RUNNING, ended_at_us=None)], [got("", job="job_1")], [])
    assert "never cancelled" in running.why


def test_ten_thousand_jobs_read_a_log_of_four_thousand_once() -> None:
    jobs = [job(f"job_{number}") for number in reversed(range(10_000))]
    exchanges = (got(f'{{"id": "job_{number}"}}') for number in range(4_000))
    # What is read a second time is empty by then.
    left = orphans(iter(jobs), exchanges, iter(()))
    assert [one.job.id for one in left] == [one.id for one in jobs[:6_000]]
