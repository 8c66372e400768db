"""Prometheus metrics of a server, by the official client.

What a label may say is known beforehand: vendors, their operations, statuses, states. A key, a path
or a sandbox is never one. With several workers the client's own files hold what each has counted,
and whichever is asked tells the sum.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from typing import Literal, TypeAlias

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector

from bodydouble.core.jobs import Job
from bodydouble.core.money.ledger import Entry
from bodydouble.core.provider import Provider
from bodydouble.core.webhooks import Attempt
from bodydouble.core.wire import Reply
from bodydouble.web.observing.watcher import Watcher
from bodydouble.web.pipeline.context import RequestContext, decision_of

Buckets: TypeAlias = tuple[float, ...]
Mode: TypeAlias = Literal["livesum", "livemin"]

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
_FAST_S = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 2.5, 10.0)
_SLOW_S = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0)


class Metrics(Watcher):
    """Counts what it sees of one application."""

    def __init__(self, providers: Mapping[str, Provider]) -> None:
        self._providers = providers
        self._shared = FOLDER in os.environ
        registry = self._registry = CollectorRegistry()
        if self._shared:
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        else:
            ProcessCollector(registry=registry)
        own = None if self._shared else registry

        def counter(name: str, about: str, *labels: str) -> Counter:
            return Counter(f"bodydouble_{name}", about, labels, registry=own)

        def seconds(name: str, about: str, buckets: Buckets, *labels: str) -> Histogram:
            name = f"bodydouble_{name}_seconds"
            return Histogram(name, about, labels, buckets=buckets, registry=own)

        def gauge(name: str, about: str, mode: Mode) -> Gauge:
            return Gauge(f"bodydouble_{name}", about, multiprocess_mode=mode, registry=own)

        told = "vendor", "operation", "status", "decision"
        self._requests = counter("requests", "Requests by what decided about them.", *told)
        about = "Real time to an answer, without delays made on purpose."
        self._seconds = seconds("request", about, _FAST_S, "vendor", "operation")
        about = "Jobs that came into a state."
        self._jobs = counter("job_transitions", about, "vendor", "state")
        about = "What wallets were charged and refunded, in the vendor's money."
        self._money = counter("wallet", about, "vendor", "currency", "kind")
        about = "Attempts to send a webhook."
        self._webhooks = counter("webhook_attempts", about, "vendor", "outcome")
        about = "Films and stills that are being made, or wait for it."
        self._waiting = gauge("media_waiting", about, "livesum")
        about = "Real time from an order to its file."
        self._media = seconds("media", about, _SLOW_S, "kind", "outcome")
        about = "Real time to open a sandbox, waiting for others included, and to keep it."
        self._store = seconds("store", about, _FAST_S, "phase")
        self._failures = counter("store_failures", "Transactions that the store failed.")
        about = "Whether the store answered when it was last asked."
        self._answers = gauge("store_up", about, "livemin")
        self._answers.set(1)

    def exposition(self) -> tuple[bytes, str]:
        """All there is to tell, and its media type."""
        return generate_latest(self._registry), CONTENT_TYPE_LATEST

    def answered(
        self, provider: Provider, context: RequestContext, reply: Reply, took_us: int
    ) -> None:
        operation = context.operation.name if context.operation is not None else "none"
        decision = decision_of(context, reply).value
        self._requests.labels(provider.name, operation, str(reply.status), decision).inc()
        self._seconds.labels(provider.name, operation).observe(took_us / 1_000_000)

    def moved(self, job: Job) -> None:
        self._jobs.labels(job.provider, job.state.value).inc()

    def paid(self, vendor: str, entry: Entry) -> None:
        currency = self._providers[vendor].currency
        amount = abs(entry.amount) / currency.scale
        self._money.labels(vendor, currency.name, entry.kind.value).inc(amount)

    def attempted(self, vendor: str, attempt: Attempt) -> None:
        self._webhooks.labels(vendor, "delivered" if attempt.accepted else "failed").inc()

    def stored(self, phase: str, took_s: float) -> None:
        self._store.labels(phase).observe(took_s)

    def failed(self, answers: bool) -> None:
        self._answers.set(answers)
        if not answers:
            self._failures.inc()

    def ordered(self) -> None:
        self._waiting.inc()

    def made(self, kind: str, outcome: str, began_s: float) -> None:
        self._waiting.dec()
        self._media.labels(kind, outcome).observe(time.time() - began_s)


def share_among_workers(folder: str) -> Callable[[int], None]:
    """Has processes started from now on count into ``folder``; tells how one that ended is left."""
    os.environ[FOLDER] = folder
    from prometheus_client.multiprocess import mark_process_dead

    return lambda pid: mark_process_dead(pid, folder)  # type: ignore[no-untyped-call]
