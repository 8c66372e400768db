"""A body about a job that succeeded is written once, and anew where anything in it may differ."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import pytest

from bodydouble.conformance import samples
from bodydouble.core import provider_kit
from bodydouble.core.jobs import Job
from bodydouble.core.lifecycle import State
from bodydouble.core.records import changed
from bodydouble.core.wire import Call

DONE = changed(samples.job("j", "a", 1), state=State.SUCCEEDED)


@dataclass
class View:
    """As much of an account's view as a link takes."""

    origin: str = "http://here"

    def link(self, job: Job, extension: str) -> str:
        return f"{self.origin}/{job.id}.{extension}"


class Told:
    """A body that counts how often it was written."""

    def __init__(self) -> None:
        self.times = 0
        self.body = provider_kit.told_once(cast(Any, self.tell))
        self.call = Call("GET", "/jobs/j")

    def tell(self, job: Job, view: View, call: Call) -> dict[str, Any]:
        self.times += 1
        return {"id": job.id, "state": job.state, "link": view.link(job, "mp4"), **call.quirks}

    def ask(self, job: Job = DONE, view: View | None = None, call: Call | None = None) -> Any:
        return self.body(job, cast(Any, view or View()), call or self.call)


def test_it_is_written_once() -> None:
    told = Told()
    first = told.ask()
    assert (told.ask(), told.ask(), told.times) == (first, first, 1)
    assert first == b'{"id":"j","state":"succeeded","link":"http://here/j.mp4"}'


def test_a_job_that_is_not_over_is_written_each_time() -> None:
    told = Told()
    for state in (State.QUEUED, State.RUNNING, State.FAILED, State.CANCELED):
        job = changed(DONE, state=state)
        assert told.ask(job) == told.ask(job)
        assert told.ask(job)["state"] == state
    assert told.times == 12


def test_a_changed_record_another_address_and_other_quirks_are_seen() -> None:
    told = Told()
    told.ask()
    assert b"there" in told.ask(view=View("http://there"))
    assert b"here" in told.ask()
    other = Call("GET", "/jobs/j")
    other.quirks = {"wire": "other"}
    assert b"other" in told.ask(call=other)
    assert b"other" not in told.ask()
    assert told.times == 5
    told.ask(changed(DONE, refunded=True))
    assert told.times == 6


def test_neither_many_nor_long_bodies_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(provider_kit, "TOLD_MAX", 2)
    told = Told()
    jobs = [changed(DONE, id=f"j{number}") for number in range(3)]
    for job in jobs:
        told.ask(job)
    told.ask(jobs[0])
    assert told.times == 4
    monkeypatch.setattr(provider_kit, "TOLD_BYTES_MAX", 10)
    told = Told()
    told.ask()
    told.ask()
    assert told.times == 2
