"""What a client sees of concurrency slots: who waits for one is told so, and in turn gets one."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from bodydouble.core.jobs import Job
from bodydouble.core.lifecycle import Event
from bodydouble.core.slots import Slot, Slots
from bodydouble.sandbox.open_sandbox import OpenSandbox
from tests.sandbox.toy import TOY, Toy


async def test_one_of_each_model_runs_and_the_others_are_said_to_wait_for_it() -> None:
    toy = Toy()
    first, second, third = [await toy.create(model="a") for _ in range(3)]
    other = await toy.create(model="b")
    words = [await toy.status(id) for id in (first, second, third, other)]
    assert words == ["PENDING", "THROTTLED", "THROTTLED", "PENDING"]
    await toy.advance(2)
    words = [await toy.status(id) for id in (first, second, third, other)]
    assert words == ["RUNNING", "THROTTLED", "THROTTLED", "RUNNING"]


async def test_a_slot_that_is_free_goes_to_the_first_in_line_at_that_instant() -> None:
    toy = Toy()
    ids = [await toy.create(model="a") for _ in range(3)]
    await toy.advance(100)
    assert [await toy.status(id) for id in ids] == ["SUCCEEDED"] * 3
    jobs = [await toy.job(id) for id in ids]
    for before, after in pairwise(jobs):
        assert after.started_at_us == before.ended_at_us
    assert {job.slot for job in jobs} == {Slot.NONE}


async def test_looking_or_not_the_same_jobs_run_at_the_same_time() -> None:
    watched, alone = Toy(), Toy()
    for toy in (watched, alone):
        ids = [await toy.create(model="a") for _ in range(4)]
    for _ in range(60):
        await watched.advance(1)
        for id in ids:
            await watched.status(id)
    await alone.advance(60)
    for id in ids:
        await alone.status(id)
        assert spans(await watched.job(id)) == spans(await alone.job(id))


def spans(job: Job) -> tuple[int, int]:
    """When a job started and ended, from its acceptance on."""
    assert job.started_at_us is not None
    assert job.ended_at_us is not None
    return job.started_at_us - job.accepted_at_us, job.ended_at_us - job.accepted_at_us


async def test_whoever_has_waited_long_enough_for_a_slot_still_waits_as_drawn() -> None:
    toy = Toy(replace(TOY, pace=replace(TOY.pace, wait_s=60)))
    first, second = [await toy.create(model="a") for _ in range(2)]
    await toy.open(lambda sandbox: _cancel(sandbox, first))
    assert await toy.status(second) == "PENDING"
    job = await toy.job(second)
    await toy.advance(job.timeline.wait_us / 1_000_000)
    assert await toy.status(second) == "RUNNING"


async def _cancel(sandbox: OpenSandbox, id: str) -> None:
    job = await sandbox.tx.get(Job, id)
    assert job is not None
    await sandbox.apply(job, Event.CANCEL, sandbox.now_us)


async def test_where_nobody_may_wait_the_next_is_refused_and_nothing_is_charged() -> None:
    toy = Toy(replace(TOY, slots=lambda quirks, job: Slots(1, 0, job.model, from_acceptance=True)))
    await toy.create(model="a")
    answer = await toy.send("POST", "/v1/tasks", json={"prompt": "x", "model": "a"})
    assert (answer.status_code, answer.json()) == (429, {"error": "queue_full"})
    assert await toy.balance() == 990
    await toy.create(model="b")
    await toy.advance(60)
    await toy.create(model="a")


async def test_a_limit_that_is_raised_lets_in_as_many_as_fit_when_the_next_slot_is_free() -> None:
    running = [1]
    toy = Toy(
        replace(TOY, slots=lambda quirks, job: Slots(running[0], group="", from_acceptance=True))
    )
    ids = [await toy.create() for _ in range(4)]
    running[0] = 3
    await toy.advance(13)
    words = [await toy.status(id) for id in ids]
    assert words == ["SUCCEEDED", "RUNNING", "RUNNING", "RUNNING"]
