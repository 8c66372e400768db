"""What there is to be seen of a server: the one shape that metrics and traces have in common.

Each is told after it happened, in the process in which it did. Nothing of a client's is among it
that could tell a key: no path, no body, no address.
"""

from __future__ import annotations

from bodydouble.core.jobs import Job
from bodydouble.core.money.ledger import Entry
from bodydouble.core.provider import Provider
from bodydouble.core.webhooks import Attempt
from bodydouble.core.wire import Reply
from bodydouble.web.pipeline.context import RequestContext


class Watcher:
    """Sees, and does nothing: what somebody wants to know of, they write down."""

    def answered(
        self, provider: Provider, context: RequestContext, reply: Reply, took_us: int
    ) -> None:
        """A vendor's request was answered."""

    def moved(self, job: Job) -> None:
        """A job was accepted, or went from one state to another."""

    def paid(self, vendor: str, entry: Entry) -> None:
        """A wallet was charged or refunded."""

    def attempted(self, vendor: str, attempt: Attempt) -> None:
        """What became of an attempt to send a webhook was written."""

    def called(self, began_s: float, code: int | None) -> None:
        """A receiver was called; ``began_s`` is real time, ``code`` what it answered, if it did."""

    def stored(self, phase: str, took_s: float) -> None:
        """The store opened or kept a sandbox."""

    def failed(self, answers: bool) -> None:
        """The store failed, or answers again."""

    def ordered(self) -> None:
        """A film or a still waits to be made."""

    def made(self, kind: str, outcome: str, began_s: float) -> None:
        """It waits no more: it was made, or was not."""

    def close(self) -> None:
        """Nothing more is seen. Blocks for a second at most."""
