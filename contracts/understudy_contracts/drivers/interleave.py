"""Concurrency without threads: requests as coroutines, stepped in a drawn order.

Only an app in this process can be stepped; elsewhere the requests go one after another, which
proves nothing about concurrency and is recorded as not overlapping.
"""

from __future__ import annotations

import time
from typing import Any

from understudy_contracts.drivers.world import World, encode
from understudy_contracts.history import Request
from understudy_contracts.targets import Lost, Sent

MAX_STEPS = 10_000


def at_once(world: World, submissions: list[dict[str, Any]], schedule: list[int]) -> None:
    """Submit several samples at the same time, one step of one of them after the other."""
    start = getattr(world.target, "start", None)
    if start is None:
        for spec in submissions:
            world.submit(**spec)
        return
    asked, running, began = [], [], []
    for spec in submissions:
        request = request_for(world, spec)
        wire = Request(
            request.method, request.target, request.role,
            request.headers + world.credentials(request.role), request.body,
        )  # fmt: skip
        asked.append(request)
        began.append(world.begin())
        running.append(start(wire))
    interleave(running, schedule)
    for request, sent, tick in zip(asked, running, began, strict=True):
        try:
            reply, lost = sent.reply(), ""
        except Lost as error:
            reply, lost = None, str(error)
        world.note(request, reply, tick, time.monotonic_ns() // 1000, lost, {"at_once": "1"})


def request_for(world: World, spec: dict[str, Any]) -> Request:
    """Return the request a submission would send."""
    sample = world.profile.sample(spec.get("sample", "cheapest"))
    operation = world.profile.operations[sample.op]
    heads = {"Content-Type": "application/json", **world.key_headers(spec.get("key"))}
    body = encode(world.filled(spec.get("body", sample.body)))
    target = world.profile.mount + operation.path
    return Request(operation.method, target, spec.get("role", "main"), tuple(heads.items()), body)


def interleave(running: list[Sent], schedule: list[int]) -> list[int]:
    """Step the requests in the order of the schedule, over and over; return the order taken."""
    live, turn, taken = list(range(len(running))), 0, []
    while live and turn < MAX_STEPS:
        chosen = live[schedule[turn % len(schedule)] % len(live)]
        turn += 1
        taken.append(chosen)
        if running[chosen].step():
            live.remove(chosen)
    return taken
