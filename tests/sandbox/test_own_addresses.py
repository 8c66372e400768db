"""A submission may name an address for its own job: it hears what it asked for, no one else."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from bodydouble.core.account_view import AccountView, Callback
from bodydouble.core.jobs import Submission
from bodydouble.core.keys import Key, digest
from bodydouble.core.webhooks import AccountEvent, Delivery, VendorWebhooks, Webhook
from bodydouble.core.wire import Call, Reply
from tests.sandbox.toy import KEY, TOY, Toy


def names(event: AccountEvent) -> tuple[str, ...]:
    return (f"task.{event.job.state}",) if event.job is not None else ()


def body(event: AccountEvent, name: str, id: str, webhook: Webhook) -> bytes:
    return json.dumps({"event": name}).encode()


HOOKS = VendorWebhooks(
    events=(),
    names=names,
    event_id=lambda draw: draw.uuid4(),
    body=body,
    headers=lambda webhook, delivery, at_us: (("x-secret", webhook.secret),),
    waits_us=lambda quirks: (),
    callbacks=True,
)


async def create(call: Call, view: AccountView) -> Reply:
    asked: dict[str, Any] = call.json_object()
    draw = await view.job_draw()
    names = {"job": draw.uuid4()}
    order = Submission("create", "a", "a fox", 10, names, 320, 180, 24, 1000)
    told = Callback(**{**asked, "events": tuple(asked["events"])}) if asked else None
    return Reply(200, {"id": (await view.submit(order, callback=told)).id})


def server() -> Toy:
    operations = (replace(TOY.operations[0], handle=create), *TOY.operations[1:])
    return Toy(
        replace(TOY, operations=operations, webhooks=HOOKS, slots=None, awaiting_slot_state="")
    )


async def told(toy: Toy, asked: dict[str, Any]) -> list[tuple[str, str, str]]:
    """(event, address, secret) of what one job sent until its end."""
    answer = await toy.send("POST", "/v1/tasks", json=asked)
    assert answer.status_code == 200, answer.text
    await toy.advance(600)
    await toy.send("GET", "/v1/tasks")
    deliveries = await toy.open(lambda one: one.tx.list(Delivery, "toy/main"))
    found = [
        (one, await toy.open(lambda at, one=one: at.tx.get(Webhook, one.webhook)))
        for one in deliveries
    ]
    return [(one.event, hook.url, hook.secret) for one, hook in found]


ADDRESS = "http://127.0.0.1:9/mine"


async def test_it_hears_of_its_job_from_the_acceptance_on() -> None:
    asked = {"url": ADDRESS, "events": [], "secret": "hush"}
    states = ("queued", "running", "succeeded")
    assert await told(server(), asked) == [(f"task.{one}", ADDRESS, "hush") for one in states]


async def test_it_hears_only_what_it_asked_for() -> None:
    asked = {"url": ADDRESS, "events": ["task.succeeded"]}
    assert await told(server(), asked) == [("task.succeeded", ADDRESS, "")]


async def test_without_one_nobody_hears() -> None:
    assert await told(server(), {}) == []


async def test_it_takes_the_place_of_the_keys_address_and_has_its_secret() -> None:
    toy = server()
    await toy.send("GET", "/v1/tasks")
    key = Key(digest(KEY), toy.sandbox, "toy", "toy/main", "toy-…")
    await toy.app.store.put_key(
        replace(key, callback_url="http://127.0.0.1:9/keys", callback_secret="keys own")
    )
    asked = {"url": ADDRESS, "events": ["task.succeeded"]}
    assert await told(toy, asked) == [("task.succeeded", ADDRESS, "keys own")]
