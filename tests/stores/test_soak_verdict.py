"""The verdict on memory can fail: what is kept of each request and never let go is convicted."""

from __future__ import annotations

import asyncio
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

from bodydouble.core.wire import Call, Reply
from bodydouble.web.pipeline.pipeline import Pipeline
from tests.soak import memory


def leaked() -> tuple[float, int]:
    """How much a process grew that let nothing go, and how many requests it had."""
    kept: list[Any] = []
    answer = Pipeline.answer

    async def leaking(self: Pipeline, call: Call) -> Reply:
        kept.append(bytearray(30_000))
        return await answer(self, call)

    Pipeline.answer = leaking  # type: ignore[method-assign]
    return memory.grown(asyncio.run(memory.curve(2_000, 10, 1))), len(kept)


def test_a_leak_is_convicted() -> None:
    # In a process of its own: what other tests left to one that ran long would hide a leak.
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as processes:
        grown, requests = processes.submit(leaked).result()
    assert grown > memory.GROWTH_MAX
    assert requests > 1_900


def test_what_levels_off_is_not() -> None:
    held = [300.0 + min(number, 9) * 30 for number in range(memory.POINTS)]
    points = [(number, megabytes, 1) for number, megabytes in enumerate(held)]
    assert memory.grown(points) == 0.0
    points[-1] = (20, held[-1] * 1.06, 1)
    assert memory.grown(points) > memory.GROWTH_MAX
