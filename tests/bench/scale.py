"""Many jobs: memory and poll latency with 100,000 finished ones, and lives driven in virtual time.

Each is measured in a process of its own, so that one's memory is not another's.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from statistics import median
from typing import Any

from bodydouble.core.jobs import Submission
from bodydouble.core.sandboxes import Sandbox
from bodydouble.sandbox.open_sandbox import OpenSandbox
from bodydouble.web.keys.registry import real_us
from tests.bench.boot import resident_mb
from tests.bench.local import SUBMIT, Local, unlimited, usual_us
from tests.bench.report import Effort, Row, tell
from tests.bench.wire import ORDER, pinned

_FEW = 10
_AT_ONCE = 1_000
_POLL_BATCHES = 60


def many_jobs(count: int) -> dict[str, float]:
    """Submits ``count`` jobs that end at once; memory, and polls of a job early and late."""
    local = Local(speed=1_000_000.0)
    body = json.dumps(ORDER).encode()

    def submit() -> str:
        job: str = local.call("POST", SUBMIT, body)["data"]["job_uid"]
        return job

    def polls(job: str) -> float:
        path = f"/smartlyq/v1/jobs/{job}"
        assert local.call("GET", path)["data"]["status"] == "completed"
        return median(usual_us(lambda: local.call("GET", path), _POLL_BATCHES))

    for _ in range(_FEW):
        first = submit()
    time.sleep(0.01)
    before_us = polls(first)
    # Now that the log is full, the same again: what a full log costs is not what jobs cost.
    for _ in range(90):
        polls(first)
    before_us = min(before_us, polls(first)) if before_us else before_us
    for _ in range(count - _FEW):
        last = submit()
    time.sleep(0.01)
    return {"few_us": before_us, "many_us": polls(last), "mb": resident_mb(os.getpid())}


def lives(count: int) -> dict[str, float]:
    """Jobs per second from submission to success, a thousand at once, with no request around."""
    local = Local(frozen=True)
    submissions = [_submission(number) for number in range(count)]
    started = time.perf_counter()
    asyncio.run(_live(local, submissions))
    return {"per_s": count / (time.perf_counter() - started)}


async def _live(local: Local, submissions: list[Submission]) -> None:
    provider, key = local.app.providers["smartlyq"], unlimited(local.sandbox)
    for at in range(0, len(submissions), _AT_ONCE):
        async with local.app.store.transaction(local.sandbox) as tx:
            record = await tx.get(Sandbox, local.sandbox)
            record = record or await local.app.registry.create(tx, local.sandbox)
            box = OpenSandbox(tx, record, local.app.providers, real_us())
            for submission in submissions[at : at + _AT_ONCE]:
                account = await box.account(provider)
                await box.submit(account, key, submission)
            await box.settle(box.now_us + 3_600_000_000)
            account = await box.account(provider)
            assert account.running + account.waiting == 0, "every job came to its end"


def _submission(number: int) -> Submission:
    names = {"job": f"job_{number}", "video": f"v{number}"}
    return Submission("text_to_video", "kling-v2-1", "dunes", 2, names, 1280, 720, 24, 5_000)


def _apart(what: str, count: int) -> Any:
    command = [sys.executable, "-m", __spec__.name, what, str(count)]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout)


def measure(effort: Effort) -> Iterator[Row]:
    """Rows about many jobs."""
    pinned(0)
    tell(f"  {effort.jobs:,} jobs")
    many = _apart("many_jobs", effort.jobs)
    yield Row(
        f"memory with {effort.jobs:,} finished jobs",
        many["mb"],
        "MB",
        most=400 if effort.jobs == 100_000 else None,
    )
    yield Row(
        f"polling job {effort.jobs:,} against job {_FEW}",
        100 * many["many_us"] / many["few_us"],
        "%",
        least=80,
        most=120,
        note=f"{many['few_us']:.1f} us and {many['many_us']:.1f} us in process",
    )
    rates = [_apart("lives", effort.jobs // 5)["per_s"] for _ in range(3)]
    yield Row("whole lives of jobs in virtual time", median(rates), "jobs/s", least=20_000)


if __name__ == "__main__":
    pinned(0)
    print(json.dumps(globals()[sys.argv[1]](int(sys.argv[2]))))
