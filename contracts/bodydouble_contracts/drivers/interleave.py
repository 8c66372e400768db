"""Concurrency without threads: requests as coroutines, stepped in a drawn order.

Only an app in this process can be stepped. Elsewhere the requests leave together and the order is
whatever it is; a target that can do neither gets them one after another.
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

from bodydouble_contracts.drivers.bodies import encode
from bodydouble_contracts.drivers.session import Session
from bodydouble_contracts.history.exchanges import Reply, Request
from bodydouble_contracts.targets.in_process import Sent
from bodydouble_contracts.targets.target import outcome

MAX_STEPS = 10_000


def at_once(session: Session, submissions: list[dict[str, Any]], schedule: list[int]) -> None:
    """Submit several samples at the same time, one step of one of them after the other."""
    asked = [request_for(session, spec) for spec in submissions]
    wires = [wired(session, request) for request in asked]
    start, together = (getattr(session.target, n, None) for n in ("start", "together"))
    if start is None and together is None:
        for spec in submissions:
            session.submit(**spec)
        return
    told: list[Reply | str] = []
    began = [session.begin() for _ in asked]
    if start is not None:
        running = [start(wire) for wire in wires]
        interleave(running, schedule)
        told = [outcome(sent.reply) for sent in running]
    elif together is not None:
        told = together(wires)
    for request, reply, tick in zip(asked, told, began, strict=True):
        lost = reply if isinstance(reply, str) else ""
        whole = None if isinstance(reply, str) else reply
        sent_us = time.monotonic_ns() // 1000
        session.note(request, whole, began=tick, sent=sent_us, lost=lost, intent={"at_once": "1"})


def wired(session: Session, request: Request) -> Request:
    """Return a request with its credentials."""
    return replace(request, headers=request.headers + session.credentials(request.role))


def request_for(session: Session, spec: dict[str, Any]) -> Request:
    """Return the request a submission would send."""
    sample = session.profile.sample(spec.get("sample", "cheapest"))
    operation = session.profile.operations[sample.op]
    heads = {"Content-Type": "application/json", **session.key_headers(spec.get("key"))}
    body = encode(session.filled(spec.get("body", sample.body), spec.get("role", "main")))
    target = session.profile.mount + operation.path
    sent = session.profile.sent(tuple(heads.items()))
    return Request(operation.method, target, spec.get("role", "main"), sent, body)


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
