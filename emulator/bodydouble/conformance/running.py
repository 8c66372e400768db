"""Holding a subject to a claim: run to its end, and its sentence put before what went wrong.

It works from plain code, and from code that runs inside an event loop already.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any


def run(claim: Coroutine[Any, Any, None]) -> None:
    """Runs ``claim`` to its end in an event loop of its own."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        alone = True
    else:
        alone = False
    if alone:
        # Outside of the handler above, so that no claim runs while an error is being handled.
        asyncio.run(claim)
        return
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, claim).result()


@contextmanager
def prefixed(text: str) -> Iterator[None]:
    """What an AssertionError says inside comes out with ``text`` before it."""
    try:
        yield
    except AssertionError as error:
        raise AssertionError(f"{text}: {error}") from error


@contextmanager
def sentence_of(claim: Callable[..., Any]) -> Iterator[None]:
    """What goes wrong inside becomes an AssertionError that begins with the claim's sentence."""
    with prefixed((claim.__doc__ or claim.__name__).strip().rstrip(".")):
        try:
            yield
        except AssertionError:
            raise
        except TimeoutError as error:
            raise AssertionError("it waited for ever") from error
        except Exception as error:
            raise AssertionError(f"{type(error).__name__}: {error}") from error
