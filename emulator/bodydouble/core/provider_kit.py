"""What several vendors write alike: bearer keys, a limit for each key, refunds by state, no header.

Each is a field of `Provider`, or makes one; those without a choice to make are its defaults.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, Protocol

from bodydouble.core import wire
from bodydouble.core.account_view import AccountView
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


# Jobs that are over ------------------------------------------------------------------------------

TOLD_MAX = 256
TOLD_BYTES_MAX = 16_384

Tell = Callable[[Job, AccountView, Call], Any]


def told_once(tell: Tell) -> Tell:
    """A body about a job, written once for as long as nothing in it can change.

    That is one of a job that succeeded: whoever polls goes on asking for it. It is written anew for
    a changed record, other quirks or another address, and where links are signed for as long as
    they are. Past those ``tell`` may look at the job's own record and at what is fixed, and at
    neither the time nor the account.
    """
    told: dict[str, tuple[Job, Mapping[str, Any], str, bytes]] = {}

    def body(job: Job, view: AccountView, call: Call) -> Any:
        if job.state is not State.SUCCEEDED:
            return tell(job, view, call)
        # It has in it all that a link depends on, and no ending of a job takes this one away.
        link = view.link(job, "jpg")
        known = told.get(job.id)
        if known is not None:
            of, quirks, address, text = known
            if of is job and quirks is call.quirks and address == link:
                return text
        # Copied, because what an encoder gives may lie in a buffer far larger than it is.
        text = bytes(bytearray(wire.encode_json(tell(job, view, call))))
        if len(text) <= TOLD_BYTES_MAX:
            if len(told) >= TOLD_MAX:
                told.clear()
            told[job.id] = job, call.quirks, link, text
        return text

    return body
