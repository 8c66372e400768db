"""Directives: what one job is told to do, by a cue in its prompt or by a rule of the scenario.

A directive replaces what the timeline draws, word by word, and leaves the rest as drawn. The words
are the same everywhere: ``refuse``, ``fail``, ``finish``, ``stuck``, ``ending``, ``wait``, ``run``,
``after``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bodydouble.core.clock import DAY_US, parse_span
from bodydouble.core.details import split
from bodydouble.core.errors import Cause, Refused
from bodydouble.core.lifecycle import Event
from bodydouble.core.reasons import Reason
from bodydouble.core.scenarios.endings import Ending

SPAN_MAX_US = 30 * DAY_US
RETRY_AFTER_S = 2

# What a submission may be turned down for on cue; the rest is about requests, not about jobs.
REFUSABLE = (
    Cause.MODERATED,
    Cause.FUNDS,
    Cause.SPENDING_LIMIT,
    Cause.RATE,
    Cause.QUEUE_FULL,
    Cause.UNAVAILABLE,
    Cause.INTERNAL,
)


@dataclass(frozen=True, slots=True)
class Directive:
    """``outcome`` None leaves the drawn one; ``stuck`` takes it away. Spans are microseconds.

    ``detail`` is a vendor's own kind of ``reason``, or of the cause to ``refuse`` for.
    """

    refuse: Cause | None = None
    outcome: Event | None = None
    reason: Reason | None = None
    stuck: bool = False
    ending: Ending | None = None
    wait_us: int | None = None
    run_us: int | None = None
    after_us: int | None = None
    detail: str = ""


class BadDirective(ValueError):
    """A word that directs nothing; ``field`` names it, the text says what would."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text)
        self.field = field


def read_directive(words: Mapping[str, Any]) -> Directive:
    """The directive these words give, ``{"fail": "moderated", "after": "5s"}``. BadDirective."""
    read: dict[str, Any] = {}
    for word, value in words.items():
        if word in ("wait", "run", "after"):
            read[f"{word}_us"] = _span(word, value)
        elif word == "fail":
            kind, read["detail"] = _split(word, value)
            read |= {"outcome": Event.FAIL, "reason": _one_of(word, kind, Reason)}
        elif word == "refuse":
            kind, read["detail"] = _split(word, value)
            read["refuse"] = _refusable(kind)
        elif word == "ending":
            read["ending"] = _one_of(word, value, Ending)
        elif word in ("finish", "stuck"):
            if value not in (True, ""):
                raise BadDirective(word, f"{word} takes no value")
            read |= {"outcome": Event.SUCCEED} if word == "finish" else {"stuck": True}
        else:
            known = "refuse, fail, finish, stuck, ending, wait, run, after"
            raise BadDirective(word, f"{word!r} directs nothing: there are {known}")
    _check(words)
    return Directive(**read)


def _check(words: Mapping[str, Any]) -> None:
    if not words:
        raise BadDirective("", "an empty directive directs nothing")
    endings = [word for word in ("refuse", "fail", "finish", "stuck") if word in words]
    if len(endings) > 1:
        raise BadDirective(endings[1], f"a job cannot both {endings[0]} and {endings[1]}")
    if "after" in words and "run" in words:
        raise BadDirective("run", "after already says when the job ends: leave out run")
    if "stuck" in words and ("after" in words or "run" in words):
        raise BadDirective("stuck", "a stuck job never ends: leave out after and run")
    if "refuse" in words and len(words) > 1:
        raise BadDirective("refuse", "a refused submission makes no job: leave out the rest")


def _span(word: str, value: Any) -> int:
    try:
        span_us = parse_span(str(value))
    except ValueError as error:
        raise BadDirective(word, str(error)) from None
    if span_us > SPAN_MAX_US:
        raise BadDirective(word, f"{word} is 30 days at most")
    return span_us


def _one_of(word: str, value: Any, kind: type[Reason] | type[Ending]) -> Reason | Ending:
    try:
        return kind(str(value))
    except ValueError:
        known = ", ".join(kind)
        raise BadDirective(word, f"{word} is one of {known}, not {value!r}") from None


def _split(word: str, value: Any) -> tuple[str, str]:
    try:
        return split(str(value))
    except ValueError as error:
        raise BadDirective(word, str(error)) from None


def _refusable(value: Any) -> Cause:
    for cause in REFUSABLE:
        if cause.value == value:
            return cause
    raise BadDirective("refuse", f"refuse is one of {', '.join(REFUSABLE)}, not {value!r}")


def directed_refusal(
    cause: Cause,
    *,
    text: str = "",
    price: int = 0,
    balance: int = 0,
    retry_after_s: int | None = None,
    detail: str = "",
) -> Refused:
    """A refusal that did not happen by itself, with the data every vendor's words for it need."""
    return Refused(
        cause,
        text,
        detail=detail,
        required=price,
        balance=balance,
        limit=1,
        waiting=1,
        retry_after_s=RETRY_AFTER_S if retry_after_s is None else retry_after_s,
        scope="",
        key="",
        id="",
        state="",
        path="",
        method="",
        allowed=(),
    )
