"""Answers that are remembered for texts of clients: bounded in number, and each text in length.

A client sends the same key and the same host every time, which is worth remembering. Thousands of
texts of sixty thousand characters are not: those are worked out anew. It knows nothing of either.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Any, ParamSpec, TypeVar, cast

P = ParamSpec("P")
T = TypeVar("T")

TEXT_REMEMBERED_MAX = 1_024


def remembered(most: int) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """`lru_cache` for ``most`` short texts; the text is the function's last argument."""

    def decorated(function: Callable[P, T]) -> Callable[P, T]:
        cached = lru_cache(maxsize=most)(function)

        @wraps(function)
        def look_up(*given: Any) -> Any:
            if len(given[-1]) > TEXT_REMEMBERED_MAX:
                return function(*given)  # type: ignore[call-arg]
            return cached(*given)

        return cast(Callable[P, T], look_up)

    return decorated
