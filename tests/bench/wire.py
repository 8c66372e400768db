"""Requests over loopback against a bare Starlette route: poll, submit and the slowest hundredth.

Server and load generator have a core each where there are two. Slices are interleaved and each is
compared with its neighbours, because whatever else the machine does comes and goes.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import httpx
import uvloop

from tests.bench.load import drive
from tests.bench.report import Effort, Row, middle_ratio, tell

HERE = Path(__file__).parent
CONNECTIONS = 16
KEY = "sqk_live_bench"
ORDER = {
    "model": "kling-v2-1",
    "type": "text_to_video",
    "prompt": "A lone astronaut walks across red dunes at dawn",
    "duration": 10,
    "mode": "Professional",
    "aspect_ratio": "16:9",
}


def pinned(core: int, pid: int = 0) -> None:
    """Keeps a process on one core, where that can be done and there are two."""
    if hasattr(os, "sched_setaffinity") and (os.cpu_count() or 1) > 1:
        os.sched_setaffinity(pid, {core})


def unpinned() -> None:
    """Lets this process run on every core again."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, range(os.cpu_count() or 1))


@contextmanager
def server(*arguments: str, pin: bool = True) -> Iterator[tuple[int, int]]:
    """Runs ``servers.py`` and gives its port and its process id."""
    # What it complains of when it is stopped in the middle of something is no news.
    process = subprocess.Popen(
        [sys.executable, str(HERE / "servers.py"), *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    try:
        if pin:
            pinned(0, process.pid)
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())["port"], process.pid
    finally:
        process.terminate()
        process.wait()


def request(method: str, path: str, body: bytes = b"") -> bytes:
    """The bytes of a request as a usual client sends it."""
    head = (
        f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:8750\r\nAccept: */*\r\n"
        f"Accept-Encoding: gzip, deflate\r\nUser-Agent: bench\r\nAuthorization: Bearer {KEY}\r\n"
    )
    if body:
        head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    return f"{head}\r\n".encode() + body


def submitted(port: int) -> str:
    """Submits one job and gives its id."""
    reply = httpx.post(
        f"http://127.0.0.1:{port}/smartlyq/v1/videos/generate",
        json=ORDER,
        headers={"Authorization": f"Bearer {KEY}"},
    )
    found: str = reply.json()["data"]["job_uid"]
    return found


def poll_request(port: int) -> bytes:
    """A poll of a job that was just submitted."""
    return request("GET", f"/smartlyq/v1/jobs/{submitted(port)}")


def submit_request() -> bytes:
    """A submission."""
    return request("POST", "/smartlyq/v1/videos/generate", json.dumps(ORDER).encode())


def processor_us(pid: int) -> float:
    """Microseconds a process has had a core so far; NaN where the system does not tell."""
    path = Path(f"/proc/{pid}/schedstat")
    return int(path.read_text().split()[0]) / 1000 if path.exists() else float("nan")


def slice_of(port: int, wanted: bytes | tuple[bytes, ...], seconds: float) -> dict[str, float]:
    """One slice of load. RuntimeError if anything was refused: that would be fast for nothing."""
    requests = (wanted,) if isinstance(wanted, bytes) else wanted
    result = uvloop.run(drive(port, *requests, connections=CONNECTIONS, seconds=seconds))
    if result["refused"]:
        raise RuntimeError(f"{result['refused']:.0f} requests were refused")
    return result


def measure(effort: Effort) -> Iterator[Row]:
    """Rows for poll and submit, as shares of the bare route's requests/s, and their p99."""
    pinned(1)
    seen: dict[str, list[dict[str, float]]] = {"bare": [], "poll": [], "submit": [], "lives": []}
    with (
        server("bare") as bare,
        server("bodydouble") as polled,
        server("bodydouble", "frozen") as frozen,
        server("bodydouble", "hasty") as hasty,
    ):
        asked = {
            "bare": (bare, request("GET", "/constant")),
            "poll": (polled, poll_request(polled[0])),
            "submit": (frozen, submit_request()),
            "lives": (hasty, submit_request()),
        }
        for (port, _), wanted in asked.values():
            slice_of(port, wanted, effort.slice_s)
        for number in range(effort.rounds):
            for kind, ((port, pid), wanted) in asked.items():
                before_us = processor_us(pid)
                run = slice_of(port, wanted, effort.slice_s)
                run["processor_us"] = (processor_us(pid) - before_us) / run["answers"]
                seen[kind].append(run)
            rates = ", ".join(f"{kind} {runs[-1]['per_s']:,.0f}/s" for kind, runs in seen.items())
            tell(f"  round {number + 1} of {effort.rounds}: {rates}")
    yield from _rows(seen)


def _rows(seen: dict[str, list[dict[str, float]]]) -> Iterator[Row]:
    def share(kind: str, figure: str) -> float:
        ours = [run[figure] for run in seen[kind]]
        return middle_ratio(ours, [run[figure] for run in seen["bare"]])

    def rate(kind: str) -> str:
        middle = median([run["per_s"] for run in seen[kind]])
        busy = median([run["processor_us"] for run in seen[kind]])
        return f"{middle:,.0f} requests/s, {busy:.1f} us of processor each"

    middle = median([run["per_s"] for run in seen["bare"]])
    yield Row("bare Starlette route", middle, "requests/s", note=rate("bare"))
    yield Row("poll a job", 100 * share("poll", "per_s"), "% of bare", least=80, note=rate("poll"))
    yield Row("submit", 100 * share("submit", "per_s"), "% of bare", least=45, note=rate("submit"))
    yield Row(
        "submit, and all that becomes of the job",
        100 * share("lives", "per_s"),
        "% of bare",
        note=rate("lives"),
    )
    for kind in ("poll", "submit"):
        slowest = median([run["p99_us"] for run in seen[kind]])
        yield Row(
            f"p99 of a {kind}",
            share(kind, "p99_us"),
            "x bare's",
            most=2,
            note=f"{slowest / 1000:.2f} ms",
        )
