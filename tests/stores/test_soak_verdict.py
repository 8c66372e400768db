"""The verdict on memory can fail: what is kept of each request and never let go is convicted."""

from __future__ import annotations

from typing import Any

import pytest

from bodydouble.core.wire import Call, Reply
from bodydouble.web.pipeline.pipeline import Pipeline
from tests.soak import memory


async def test_a_leak_is_convicted(monkeypatch: pytest.MonkeyPatch) -> None:
    leaked: list[Any] = []
    answer = Pipeline.answer

    async def leaking(self: Pipeline, call: Call) -> Reply:
        leaked.append(bytearray(30_000))
        return await answer(self, call)

    monkeypatch.setattr(Pipeline, "answer", leaking)
    points = await memory.curve(2_000, 10, 1)
    assert memory.grown(points) > memory.GROWTH_MAX
    assert len(leaked) > 1_900


def test_what_levels_off_is_not() -> None:
    held = [300.0 + min(number, 9) * 30 for number in range(memory.POINTS)]
    points = [(number, megabytes, 1) for number, megabytes in enumerate(held)]
    assert memory.grown(points) == 0.0
    points[-1] = (20, held[-1] * 1.06, 1)
    assert memory.grown(points) > memory.GROWTH_MAX
