"""What several vendors write alike: bearer keys, a limit for each key, refunds by state, no header.

Each is a field of `Provider`, or makes one; those without a choice to make are its defaults.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, Protocol

from bodydouble.core.caches import remembered
from bodydouble.core.errors import Cause, Refused
from bodydouble.core.jobs import Job
from bodydouble.core.keys import Key
from bodydouble.core.lifecycle import State
from bodydouble.core.limits import Decision, Window, window
from bodydouble.core.wire import Call, Reply

Headers = tuple[tuple[str, str], ...]


class Route(Protocol):
    """What the kit needs of an operation."""

    @property
    def name(self) -> str: ...


# Keys --------------------------------------------------------------------------------------------


def bearer(call: Call) -> str | None:
    """The secret of an ``Authorization: Bearer …`` header; None if there is no such header."""
    value = call.named.get(b"authorization")
    return None if value is None else _bearer_secret(value)


# A client sends the same header every time.
@remembered(4096)
def _bearer_secret(value: bytes) -> str:
    scheme, _, secret = value.decode("latin-1").partition(" ")
    return secret.strip() if scheme.lower() == "bearer" else ""


def bearer_key(call: Call) -> str:
    """`Provider.credential` for bearer keys; see `key_shape`. Refused: NO_KEY."""
    secret = bearer(call)
    if secret is None:
        raise Refused(Cause.NO_KEY)
    return secret


# Headers of a reply ------------------------------------------------------------------------------


def no_headers(reply: Reply, call: Call, decisions: tuple[Decision, ...]) -> Headers:
    """`Provider.finish` of a vendor whose replies carry nothing of their own."""
    return ()


def request_id_header(name: str) -> Callable[[Reply, Call, tuple[Decision, ...]], Headers]:
    """`Provider.finish` that sends the request's id under ``name`` (lower case)."""

    def finish(reply: Reply, call: Call, decisions: tuple[Decision, ...]) -> Headers:
        return ((name, call.request_id),)

    return finish


# Limits ------------------------------------------------------------------------------------------


def no_windows(call: Call, key: Key, operation: Route) -> tuple[Window, ...]:
    """`Provider.windows` of a vendor without rate limits."""
    return ()


def limit_per_key(
    quirk: str, operations: Collection[str] = (), *, name: str = "requests"
) -> Callable[[Call, Key, Route], tuple[Window, ...]]:
    """`Provider.windows`: so many requests a minute for each key, by default to any operation.

    The number is the key's own, else the quirk called ``quirk`` in full; 0 is no limit.
    """

    def windows(call: Call, key: Key, operation: Route) -> tuple[Window, ...]:
        if operations and operation.name not in operations:
            return ()
        limit = key.rate_limit or call.quirk(quirk)
        return (window(name, limit, key.id),) if limit else ()

    return windows


# Money -------------------------------------------------------------------------------------------


def refunds(
    *, failed: bool = True, canceled: Collection[State] = (), kept: Collection[str] = ()
) -> Callable[[Mapping[str, Any], Job, State], bool]:
    """`Provider.refunds` by state: whether failures give the money back, and cancels of which.

    ``canceled`` are the states in which a cancel gives it back (QUEUED, RUNNING); ``kept`` are
    names of details, failures by which cost what they cost.
    """

    def rule(quirks: Mapping[str, Any], job: Job, struck: State) -> bool:
        if job.state is State.CANCELED:
            return struck in canceled
        return failed and job.detail not in kept

    return rule


def refund_everything(quirks: Mapping[str, Any], job: Job, struck: State) -> bool:
    """`Provider.refunds` of a vendor that charges for nothing but what succeeds."""
    return True
