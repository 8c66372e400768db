"""Control: a test's fresh sandbox, time moved over many events, many rules, and a fork.

In process unless a row says HTTP. A row compares neighbours in time where it is a ratio.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from statistics import median
from typing import Any

import httpx

from tests.bench.local import SUBMIT, Local, took_ms, usual_us
from tests.bench.report import Effort, Row, middle_ratio, tell
from tests.bench.wire import ORDER, pinned, server

BODY = json.dumps(ORDER).encode()
FROZEN: dict[str, Any] = {"rate": 0, "balance": "1000000.0000"}
_EVENTS = 10_000
_FORKED = 1_000
_RULES = [
    {"when": {"prompt": f"nobody asks for number {number}"}, "then": {"fail": "moderated"}}
    for number in range(100)
]


def _fresh(rounds: int) -> Iterator[Row]:
    local = Local()
    local.open(FROZEN)
    inside = [took_ms(lambda: local.control("POST", "/sandboxes", {})) for _ in range(rounds * 20)]
    yield Row("a fresh sandbox in process", median(inside), "ms", most=1)
    with server("bodydouble") as (port, pid):
        pinned(1, pid)
        with httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
            over = [
                took_ms(lambda: client.post("/_bodydouble/sandboxes", json={}).raise_for_status())
                for _ in range(rounds * 20)
            ]
    yield Row("a fresh sandbox over HTTP", median(over[1:]), "ms", most=5)


def _advance(rounds: int) -> Iterator[Row]:
    seen = []
    for _ in range(max(2, rounds // 4)):
        local = Local()
        sandbox = local.open(FROZEN)
        for _ in range(_EVENTS // 2):
            local.call("POST", SUBMIT, BODY)
        started = time.perf_counter()
        settled = local.control("PATCH", f"/sandboxes/{sandbox}/clock", {"advance": "1h"})
        seen.append(time.perf_counter() - started)
        assert settled["settled"] == _EVENTS, f"{settled['settled']} events happened"
    yield Row(f"advancing the clock over {_EVENTS:,} events", median(seen), "s", most=0.5)


def _rules(rounds: int) -> Iterator[Row]:
    plain, ruled = Local(), Local()
    plain.open(FROZEN)
    sandbox = ruled.open(FROZEN)
    scenario = {"name": "normal", "rules": _RULES}
    ruled.control("PUT", f"/sandboxes/{sandbox}/scenario", scenario)
    for name, method, path, body in (
        ("submit", "POST", SUBMIT, BODY),
        ("poll", "GET", "/smartlyq/v1/jobs/{}", b""),
    ):
        asked = []
        for local in (plain, ruled):
            job = local.call("POST", SUBMIT, BODY)["data"]["job_uid"]
            asked.append((local, path.format(job)))
        times: tuple[list[float], list[float]] = ([], [])
        for _ in range(rounds):
            for (local, address), seen in zip(asked, times, strict=True):
                seen += usual_us(lambda: local.call(method, address, body), 4)  # noqa: B023
        yield Row(f"a {name} under 100 rules", middle_ratio(times[1], times[0]), "x", most=1.3)


def _fork(rounds: int) -> Iterator[Row]:
    local = Local()
    sandbox = local.open(FROZEN)
    for _ in range(_FORKED):
        local.call("POST", SUBMIT, BODY)
    address = f"/sandboxes/{sandbox}/forks"
    seen = [took_ms(lambda: local.control("POST", address)) for _ in range(rounds * 4)]
    yield Row(f"a fork of {_FORKED:,} jobs", median(seen), "ms", most=5)


def measure(effort: Effort) -> Iterator[Row]:
    """Rows about the control plane."""
    pinned(0)
    for theme in (_fresh, _advance, _rules, _fork):
        tell(f"  {theme.__name__[1:]}")
        yield from theme(effort.rounds)
