"""Running a claim that waits, from a function that does not.

It works from plain code, and from code that runs inside an event loop already.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any


def run(claim: Coroutine[Any, Any, None]) -> None:
    """Runs ``claim`` to its end in an event loop of its own."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        asyncio.run(claim)
        return
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, claim).result()
