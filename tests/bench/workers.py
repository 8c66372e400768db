"""Two workers on one Redis against one: polls of several sandboxes, driven by wrk where it is.

Where two cores have to bear the workers, Redis and whoever asks, the rates say little; so each row
says what a poll takes of a processor, of a worker's and of Redis', which is what adds up.
"""

from __future__ import annotations

import asyncio
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import httpx

from tests.bench.load import drive
from tests.bench.report import Effort, Row, middle_ratio, tell
from tests.bench.wire import CONNECTIONS, ORDER, processor_us, server, unpinned
from tests.stores.keepers import started

SANDBOXES = 8
PLANE = "/_bodydouble/sandboxes"
GOAL = 1.5
Polls = list[tuple[str, str]]  # a path, and the key that may look


def measure(effort: Effort) -> Iterator[Row]:
    """Rows for one worker, for two with sandboxes of their own, and for two that share them."""
    if shutil.which("redis-server") is None:
        return
    unpinned()
    with TemporaryDirectory(prefix="bd") as folder, ExitStack() as stack:
        redis = started(Path(folder, "s"))
        stack.callback(redis.wait)
        stack.callback(redis.kill)
        url = f"unix://{folder}/s"
        two = [stack.enter_context(server("bodydouble", "frozen", url, pin=False)) for _ in "12"]
        polls = _polls(two[0][0])
        half = SANDBOXES // 2
        ways = {
            "one": [(two[0], polls)],
            "two": [(two[0], polls[:half]), (two[1], polls[half:])],
            "two that share": [(one, polls) for one in two],
        }
        seen: dict[str, list[dict[str, float]]] = {name: [] for name in ways}
        for number in range(effort.rounds + 1):
            for name, way in ways.items():
                run = asyncio.run(_slice(way, [pid for _, pid in two], redis.pid, folder))
                if number:
                    seen[name].append(run)
            tell(f"  round {number} of {effort.rounds}")
    yield from _rows(seen)


def _polls(port: int) -> Polls:
    """Jobs of several sandboxes, with keys that nothing limits."""
    found = []
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
        for _ in range(SANDBOXES):
            made = client.post(PLANE, json={"rate": 0, "balance": "1000"}).json()
            wanted = {"provider": "smartlyq", "rate_limit": 10**9}
            key = client.post(f"{PLANE}/{made['id']}/keys", json=wanted).json()["key"]
            headers = {"authorization": f"Bearer {key}"}
            told = client.post("/smartlyq/v1/videos/generate", json=ORDER, headers=headers)
            found.append((f"/smartlyq/v1/jobs/{told.json()['data']['job_uid']}", key))
    return found


async def _slice(way: Any, workers: list[int], redis: int, folder: str) -> dict[str, float]:
    """All workers of one way at once, with as many connections together as one has alone."""
    pids = [*workers, redis]
    before = [processor_us(pid) for pid in pids]
    connections = CONNECTIONS // len(way)
    asked = [_asked(port, polls, connections, folder) for (port, _), polls in way]
    rates = await asyncio.gather(*asked)
    spent = [processor_us(pid) - then for pid, then in zip(pids, before, strict=True)]
    answers = sum(answers for answers, _ in rates)
    return {
        "per_s": sum(rate for _, rate in rates),
        "worker_us": sum(spent[:-1]) / answers,
        "redis_us": spent[-1] / answers,
    }


async def _asked(port: int, polls: Polls, connections: int, folder: str) -> tuple[float, float]:
    """How many polls were answered, and how many a second."""
    wrk = shutil.which("wrk")
    if wrk is None:
        ends = [f"Host: 127.0.0.1\r\nAuthorization: Bearer {key}\r\n\r\n" for _, key in polls]
        heads = [f"GET {path} HTTP/1.1\r\n" for path, _ in polls]
        requests = [f"{one}{other}".encode() for one, other in zip(heads, ends, strict=True)]
        run = await drive(port, *requests, connections=connections, seconds=1)
        assert not run["refused"], f"{run['refused']:.0f} polls were refused"
        return run["answers"], run["per_s"]
    script = _script(Path(folder, f"{port}.lua"), polls)
    words = [wrk, "-t1", f"-c{connections}", "-d1s", "-s", script, f"http://127.0.0.1:{port}"]
    process = await asyncio.create_subprocess_exec(*words, stdout=subprocess.PIPE)
    told = (await process.communicate())[0].decode()
    assert "Non-2xx" not in told, told
    answers = re.search(r"(\d+) requests in", told)
    rate = re.search(r"Requests/sec:\s+([\d.]+)", told)
    assert answers is not None, told
    assert rate is not None, told
    return float(answers[1]), float(rate[1])


def _script(path: Path, polls: Polls) -> str:
    """Has wrk take one poll after the other."""
    rows = ",".join(f'{{"{path}","Bearer {key}"}}' for path, key in polls)
    path.write_text(
        f"local polls, n = {{{rows}}}, 0\nrequest = function()\n  n = n % #polls + 1\n"
        '  return wrk.format("GET", polls[n][1], {Authorization = polls[n][2]})\nend\n'
    )
    return str(path)


def _rows(seen: dict[str, list[dict[str, float]]]) -> Iterator[Row]:
    def note(name: str) -> str:
        rate, worker, redis = (
            median(run[figure] for run in seen[name])
            for figure in ("per_s", "worker_us", "redis_us")
        )
        return f"{rate:,.0f} polls/s; each {worker:.0f} us of a worker, {redis:.0f} us of Redis"

    alone = [run["per_s"] for run in seen["one"]]
    yield Row("polls of one worker on Redis", median(alone), "polls/s", note=note("one"))
    for name, goal in (("two", GOAL), ("two that share", None)):
        ratio = middle_ratio([run["per_s"] for run in seen[name]], alone)
        what = f"{name} workers on one Redis" if goal else "two workers that share all sandboxes"
        yield Row(what, ratio, "x one", least=goal, note=note(name))
