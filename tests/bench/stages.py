"""Where a poll and a submission spend their microseconds, stage by stage and vendor by vendor.

In one process, without sockets: the application is called as a server calls it. Each stage's
function is timed on its own, without what it calls of the others; what is left is "the rest". The
least of many short loops is told, because whatever else the machine does only ever adds.
"""

from __future__ import annotations

import asyncio
import inspect
import json
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import httpx

from bodydouble.sandbox import open_sandbox
from bodydouble.stores import memory
from bodydouble.web import app as application
from bodydouble.web.app import Application
from bodydouble.web.http import messages
from bodydouble.web.pipeline import pipeline
from bodydouble.web.settings import Settings
from tests.bench.report import Effort, Row, tell
from tests.vendors.asking import VENDORS, asking

LOOPS = {"poll": (60, 40), "submit": (40, 10)}
# What a server with a fresh memory of so many requests does not remember.
PROMPTS = 64
Asked = list[tuple[dict[str, Any], bytes]]


class Stopwatch:
    """Time spent in named stages, each without the stages inside it."""

    def __init__(self) -> None:
        self.spent_ns: dict[str, int] = {}
        self.calls = 0
        self._inside_ns = [0]

    def timed(self, stage: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """``function``, which counts as ``stage``."""
        spent, inside, clock = self.spent_ns, self._inside_ns, time.perf_counter_ns

        def done(started: int) -> None:
            took = clock() - started
            spent[stage] = spent.get(stage, 0) + took - inside.pop()
            inside[-1] += took
            self.calls += 1

        if inspect.iscoroutinefunction(function):

            async def timed_later(*given: Any, **named: Any) -> Any:
                inside.append(0)
                started = clock()
                try:
                    return await function(*given, **named)
                finally:
                    done(started)

            return timed_later

        def timed_now(*given: Any, **named: Any) -> Any:
            inside.append(0)
            started = clock()
            try:
                return function(*given, **named)
            finally:
                done(started)

        return timed_now


def watching_us() -> float:
    """What it costs to be timed once, beyond what the stage itself is charged for it."""
    watch = Stopwatch()
    nothing = watch.timed("nothing", lambda: None)
    least = float("inf")
    for _ in range(50):
        watch.spent_ns.clear()
        started = time.perf_counter_ns()
        for _ in range(100):
            nothing()
        took = time.perf_counter_ns() - started
        least = min(least, (took - watch.spent_ns["nothing"]) / 100_000)
    return least


@contextmanager
def watched(app: Application, vendor: str, watch: Stopwatch) -> Iterator[None]:
    """Has the stages of a vendor's requests timed."""
    one = app.pipeline(vendor)
    provider = one.provider
    with ExitStack() as undone:

        def watch_over(stage: str, owner: Any, name: str) -> None:
            # Records are frozen for everybody else, too.
            setter = type.__setattr__ if isinstance(owner, type) else object.__setattr__
            before = getattr(owner, name)
            setter(owner, name, watch.timed(stage, before))
            undone.callback(setter, owner, name, before)

        watch_over("app, call", application, "Call")
        watch_over("app, call", app.mounts, "find")
        watch_over("app, call", app.proxies, "origin")
        watch_over("route", one.routes, "find")
        watch_over("key", provider, "credential")
        watch_over("key", app.registry, "find")
        watch_over("transaction", memory._Transaction, "__aenter__")
        watch_over("commit", memory._Transaction, "__aexit__")
        watch_over("sandbox, clock", app.registry, "used")
        watch_over("sandbox, clock", pipeline, "OpenSandbox")
        watch_over("chance, request id", pipeline, "request_draw")
        watch_over("chance, request id", provider, "request_id")
        watch_over("gates, limits", one, "_pass_gates")
        watch_over("gates, limits", provider, "windows")
        watch_over("gates, limits", pipeline, "decide")
        watch_over("account view", pipeline, "SandboxAccountView")
        watch_over("rules of a submission", open_sandbox.OpenSandbox, "submit")
        watch_over("headers, JSON", one, "_encoded")
        watch_over("log line", pipeline, "line_of")
        watch_over("log line", memory._Transaction, "append")
        watch_over("send", messages, "send_reply")
        for operation in provider.operations:
            watch_over("handler", operation, "handle")
        yield


def scope_of(method: str, path: str, headers: dict[str, str]) -> dict[str, Any]:
    """A request as a server hands it over."""
    named = {"host": "127.0.0.1:8750", "accept": "*/*", "accept-encoding": "gzip, deflate"}
    raw = [(name.lower().encode(), text.encode()) for name, text in {**named, **headers}.items()]
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "scheme": "http",
        "query_string": b"",
        "headers": raw,
        "client": ("127.0.0.1", 50_000),
        "server": ("127.0.0.1", 8750),
    }


async def asked(app: Application, client: httpx.AsyncClient, vendor: str) -> dict[str, Asked]:
    """The vendor's poll of a job that has ended, and its submissions."""
    wanted: dict[str, Any] = {"balance": "1000000", "speed": 1000, "rate": 1}
    made = (await client.post("/_bodydouble/sandboxes", json=wanted)).raise_for_status().json()
    wanted = {"provider": vendor, "rate_limit": 10**9}
    plane = f"/_bodydouble/sandboxes/{made['id']}"
    key = (await client.post(f"{plane}/keys", json=wanted)).raise_for_status().json()["key"]
    way = asking(vendor)
    headers = way.headers(key)
    small = way.body("A fox.", small=True)
    first = await client.post(way.submit_path, json=small, headers=headers)
    poll = way.poll_path.format(job=way.job(first.raise_for_status()))
    await client.patch(f"{plane}/clock", json={"advance": "1h"})
    bodies = [json.dumps(way.body(f"A fox, {n}.", small=True)).encode() for n in range(PROMPTS)]
    submit = [
        (
            scope_of(
                "POST",
                way.submit_path,
                {**headers, "content-type": "application/json", "content-length": str(len(body))},
            ),
            body,
        )
        for body in bodies
    ]
    return {"poll": [(scope_of("GET", poll, headers), b"")], "submit": submit}


async def looped(
    call: Callable[..., Awaitable[None]], requests: Asked, kind: str
) -> tuple[float, int]:
    """Microseconds a request, the least of many loops, and the status that came last."""
    status = 0

    async def send(message: Any) -> None:
        nonlocal status
        status = message.get("status", status)

    loops, length = LOOPS[kind]
    least = float("inf")
    for number in range(loops):
        prepared = []
        for at in range(number * length, (number + 1) * length):
            scope, body = requests[at % len(requests)]
            prepared.append(({**scope, "headers": list(scope["headers"])}, _received(body)))
        started = time.perf_counter_ns()
        for scope, receive in prepared:
            await call(scope, receive, send)
        least = min(least, (time.perf_counter_ns() - started) / length / 1000)
    return least, status


def _received(body: bytes) -> Callable[[], Awaitable[dict[str, Any]]]:
    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


async def staged(vendor: str, kind: str) -> dict[str, float] | None:
    """Microseconds by stage, and in all without a stopwatch; None where a plan refuses so many."""
    app = Application(Settings(seed=1))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        requests = (await asked(app, client, vendor))[kind]
        in_all, status = await looped(app, requests, kind)
        if status >= 300:
            return None
        watch, best, each_us = Stopwatch(), dict[str, float](), watching_us()
        with watched(app, vendor, watch):
            rounds, length = LOOPS[kind]
            for _ in range(rounds):
                watch.spent_ns.clear()
                watch.calls = 0
                took = await _once(app, requests, length)
                told = {stage: ns / length / 1000 for stage, ns in watch.spent_ns.items()}
                told["the rest"] = took - sum(told.values()) - watch.calls / length * each_us
                for stage, us in told.items():
                    best[stage] = min(us, best.get(stage, us))
    return {**best, "in all, unwatched": in_all}


async def _once(app: Application, requests: Asked, length: int) -> float:
    async def send(message: Any) -> None:
        pass

    prepared = [(dict(scope), _received(body)) for scope, body in (requests * length)[:length]]
    started = time.perf_counter_ns()
    for scope, receive in prepared:
        await app(scope, receive, send)
    return (time.perf_counter_ns() - started) / length / 1000


def measure(effort: Effort) -> Iterator[Row]:
    """A row for each stage, with every vendor's microseconds beside the slowest one's."""
    for kind in LOOPS:
        seen = {}
        for vendor in VENDORS:
            stages = asyncio.run(staged(vendor, kind))
            if stages is None:
                tell(f"  {kind} {vendor}: refused under load")
            else:
                seen[vendor] = stages
        for stage in dict.fromkeys(stage for stages in seen.values() for stage in stages):
            by_vendor = {vendor: stages.get(stage, 0.0) for vendor, stages in seen.items()}
            note = ", ".join(f"{vendor} {us:.1f}" for vendor, us in by_vendor.items())
            yield Row(f"{kind}: {stage}", max(by_vendor.values()), "us at most", note=note)
