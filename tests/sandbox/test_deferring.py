"""Replies that wait for their job, jobs with a deadline, callbacks of one job, limits by balance.

On a toy vendor that has all four; time is moved, and what waits really waits.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from bodydouble.core.account_view import AccountView, Callback
from bodydouble.core.clock import Clock
from bodydouble.core.jobs import Job, Submission
from bodydouble.core.keys import Key
from bodydouble.core.lifecycle import State
from bodydouble.core.limits import FixedWindow, Window
from bodydouble.core.money.ledger import Account
from bodydouble.core.provider import Operation
from bodydouble.core.schedule import Due
from bodydouble.core.webhooks import (
    AccountEvent,
    Attempt,
    Delivery,
    VendorWebhooks,
)
from bodydouble.core.wire import AwaitedJob, Call, Reply
from bodydouble.sandbox.events import record
from bodydouble.sandbox.open_sandbox import OpenSandbox
from bodydouble.web.keys.registry import real_us
from tests.sandbox.toy import TOY, Toy, task

SECOND = 1_000_000
EVENTS = ("task.started", "task.ended")


async def order(call: Call, view: AccountView) -> Reply:
    """Accepts a job as the body wants it: held, with a deadline, told of."""
    asked = call.json_object()
    submission = Submission(
        operation="order",
        model="a",
        prompt="a fox",
        price=10,
        names={"job": (await view.job_draw()).uuid4()},
        width=320,
        height=180,
        fps=24,
        duration_ms=1000,
        cancel_after_us=asked["deadline"] * SECOND if "deadline" in asked else None,
    )
    callback = Callback(asked["url"], tuple(asked.get("events", ()))) if "url" in asked else None
    job = await view.submit(submission, callback=callback)
    reply = Reply(202, task(call, view, job))
    if "wait" not in asked:
        return reply

    def over(job: Job, view: AccountView) -> Reply:
        return Reply(201, task(call, view, job))

    until_us = view.now_us + asked["wait"] * SECOND
    return replace(reply, deferred=AwaitedJob(job.id, until_us, over))


def names(event: AccountEvent) -> tuple[str, ...]:
    if event.job is None or event.job.state is State.QUEUED:
        return ()
    return ("task.started",) if event.job.state is State.RUNNING else ("task.ended",)


WEBHOOKS = VendorWebhooks(
    events=EVENTS,
    names=names,
    event_id=lambda draw: draw.uuid4(),
    body=lambda event, name, event_id, webhook: name.encode(),
    headers=lambda webhook, delivery, at_us: (),
    waits_us=lambda quirks: (SECOND, SECOND),
    once=frozenset(("task.started",)),
)
HELD = replace(
    TOY,
    operations=(
        *TOY.operations,
        Operation("order", "POST", "/v1/orders", order, billed=True),
    ),
    webhooks=WEBHOOKS,
    slots=None,
)


def moved(seconds: float, rate: float) -> Callable[[OpenSandbox], Awaitable[None]]:
    async def move(sandbox: OpenSandbox) -> None:
        there = sandbox.record.clock.virtual_us + int(seconds * SECOND)
        sandbox.tx.put(replace(sandbox.record, clock=Clock(there, real_us(), rate)))

    return move


async def accepted(server: Toy) -> None:
    for _ in range(1000):
        if await server.open(lambda sandbox: sandbox.tx.count(Job, "toy/main")):
            return
        await asyncio.sleep(0)
    raise AssertionError("no job was accepted")


async def test_a_reply_waits_for_its_job_and_others_are_served_meanwhile() -> None:
    server = Toy(HELD)
    await server.send("GET", "/v1/tasks")
    await server.open(moved(0, 0.001))
    held = asyncio.create_task(server.send("POST", "/v1/orders", json={"wait": 60}))
    await accepted(server)
    assert (await server.send("GET", "/v1/tasks")).json()["data"][0]["status"] == "PENDING"
    assert not held.done()
    await server.open(moved(20, 0.001))
    answer = await held
    assert (answer.status_code, answer.json()["status"]) == (201, "SUCCEEDED")
    assert answer.json()["output"].endswith(".mp4")


async def test_a_reply_waits_no_longer_than_was_asked() -> None:
    server = Toy(HELD)
    await server.send("GET", "/v1/tasks")
    await server.open(moved(0, 1000))
    answer = await server.send("POST", "/v1/orders", json={"wait": 2})
    assert (answer.status_code, answer.json()["status"]) == (202, "PENDING")
    longer = await server.send("POST", "/v1/orders", json={"wait": 60})
    assert (longer.status_code, longer.json()["status"]) == (201, "SUCCEEDED")


async def test_while_time_stands_still_nothing_is_waited_for() -> None:
    server = Toy(HELD)
    answer = await server.send("POST", "/v1/orders", json={"wait": 60})
    assert (answer.status_code, answer.json()["status"]) == (202, "PENDING")


async def test_a_deadline_goes_with_the_job_that_kept_it() -> None:
    server = Toy(HELD)
    await server.send("POST", "/v1/orders", json={"deadline": 3600})
    await server.open(moved(60, 0))
    # Whoever lets time run until nothing more happens is not taken on to the deadline.
    assert await server.open(lambda sandbox: sandbox.settle()) == 2
    assert await server.open(lambda sandbox: sandbox.tx.count(Due)) == 0


async def test_a_job_is_canceled_at_its_deadline_and_not_a_moment_earlier() -> None:
    server = Toy(HELD)
    ended = {}
    for deadline in (0, 5, 20):
        id = (await server.send("POST", "/v1/orders", json={"deadline": deadline})).json()["id"]
        await server.advance(60)
        await server.send("GET", "/v1/tasks")
        job = await server.job(id)
        assert job.ended_at_us is not None
        ended[deadline] = (job.state, round((job.ended_at_us - job.accepted_at_us) / SECOND))
    lasted = ended[20][1]
    assert ended[0] == (State.CANCELED, 0)
    assert ended[5] == (State.CANCELED, 5)
    assert ended[20] == (State.SUCCEEDED, lasted)
    assert lasted < 20


async def deliveries(server: Toy) -> list[Delivery]:
    found: Any = await server.open(lambda sandbox: sandbox.tx.list(Delivery, "toy/main"))
    return list(found)


async def test_an_event_that_is_sent_once_is_not_tried_again() -> None:
    server = Toy(HELD)
    await server.send("POST", "/v1/orders", json={"url": "https://example.com/hook"})
    await server.advance(60)
    await server.send("GET", "/v1/tasks")
    tried = {}
    for delivery in await deliveries(server):

        async def failed(sandbox: OpenSandbox, delivery: Delivery = delivery) -> Delivery:
            return await record(sandbox, delivery, Attempt(sandbox.now_us, 500), None)

        tried[delivery.event] = (await server.open(failed)).next_at_us is not None
    assert tried == {"task.started": False, "task.ended": True}


def many(call: Call, key: Key, operation: Operation) -> tuple[Window, ...]:
    return (FixedWindow("many", 100, key.account),) if operation.billed else ()


def few(windows: tuple[Window, ...], account: Account) -> tuple[Window, ...]:
    if account.balance >= 980:
        return windows
    return (FixedWindow("few", 1, account.id),)


async def test_a_limit_tightens_with_what_the_account_holds() -> None:
    server = Toy(replace(HELD, windows=many, tightened=few))
    statuses = [(await server.send("POST", "/v1/orders", json={})).status_code for _ in range(5)]
    assert statuses == [202, 202, 202, 202, 429]
    await server.advance(60)
    assert (await server.send("POST", "/v1/orders", json={})).status_code == 202
