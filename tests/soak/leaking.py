"""A process that keeps something of each request and lets it never go: what the verdict is for.

Prints how much it grew and how many requests it had. A process of its own, since what other tests
left to one that ran long would hide a leak.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from typing import Any

from bodydouble.core.wire import Call, Reply
from bodydouble.web.pipeline.pipeline import Pipeline
from tests.soak import memory


def main() -> None:
    """Grows and tells."""
    kept: list[Any] = []
    answer = Pipeline.answer

    async def leaking(self: Pipeline, call: Call) -> Reply:
        kept.append(bytearray(30_000))
        return await answer(self, call)

    Pipeline.answer = leaking  # type: ignore[method-assign]
    with contextlib.redirect_stdout(sys.stderr):
        points = asyncio.run(memory.curve(2_000, 10, 1))
    sys.stdout.write(f"{memory.grown(points)} {len(kept)}\n")


if __name__ == "__main__":
    main()
