"""OpenTelemetry traces of a server, by the official SDK, to a collector that was named.

A span for each request of a vendor, under the client's own trace where its `traceparent` names one,
for each call of a receiver and for each film. They leave by a thread of the SDK's, whose queue is
bounded; a collector that is away costs spans and nothing else. No span holds a key or an address.
"""

from __future__ import annotations

import logging
import time
from typing import Any

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Span, SpanKind, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from bodydouble import __version__
from bodydouble.core.provider import Provider
from bodydouble.core.wire import Reply
from bodydouble.web.observing.watcher import Watcher
from bodydouble.web.pipeline.context import RequestContext, decision_of

QUEUE_MAX = 2_048
EVERY_MS = 1_000
PATIENCE_S = 1.0
_PARENT = TraceContextTextMapPropagator()


class Traces(Watcher):
    """Sends spans to ``endpoint``, an address that takes OTLP over HTTP."""

    def __init__(self, endpoint: str) -> None:
        self._provider = TracerProvider(
            resource=Resource.create({"service.name": "bodydouble", "service.version": __version__})
        )
        exporter = OTLPSpanExporter(endpoint=endpoint, timeout=PATIENCE_S)
        self._provider.add_span_processor(
            BatchSpanProcessor(
                exporter,
                max_queue_size=QUEUE_MAX,
                schedule_delay_millis=EVERY_MS,
            )
        )
        self._tracer = self._provider.get_tracer("bodydouble", __version__)

    def answered(
        self, provider: Provider, context: RequestContext, reply: Reply, took_us: int
    ) -> None:
        call, operation, key, job = context.call, context.operation, context.key, context.job
        ended_ns = time.time_ns()
        route = operation.path if operation is not None else ""
        told: dict[str, Any] = {
            "http.request.method": call.method,
            "http.response.status_code": reply.status,
            "http.route": route,
            "bodydouble.vendor": provider.name,
            "bodydouble.operation": operation.name if operation is not None else "",
            "bodydouble.decision": decision_of(context, reply).value,
            "bodydouble.request_id": call.request_id,
            "bodydouble.sandbox": key.sandbox if key is not None else "",
            "bodydouble.job": job.id if job is not None else "",
            "bodydouble.cost": provider.currency.text(context.cost) if context.cost else "",
        }
        carrier = {
            name: call.named[name.encode()].decode("latin-1")
            for name in ("traceparent", "tracestate")
            if name.encode() in call.named
        }
        span = self._tracer.start_span(
            f"{provider.name} {operation.name if operation is not None else call.method}",
            context=_PARENT.extract(carrier),
            kind=SpanKind.SERVER,
            start_time=ended_ns - took_us * 1000,
            attributes={name: value for name, value in told.items() if value != ""},
        )
        _end(span, bad=reply.status >= 500, at_ns=ended_ns)

    def called(self, began_s: float, code: int | None) -> None:
        told = {} if code is None else {"http.response.status_code": code}
        span = self._tracer.start_span(
            "webhook",
            kind=SpanKind.CLIENT,
            start_time=int(began_s * 1e9),
            attributes={"http.request.method": "POST", **told},
        )
        _end(span, bad=code is None or code >= 400)

    def made(self, kind: str, outcome: str, began_s: float) -> None:
        told = {"bodydouble.media": kind, "bodydouble.outcome": outcome}
        span = self._tracer.start_span(
            f"media {kind}", start_time=int(began_s * 1e9), attributes=told
        )
        _end(span, bad=outcome == "failed")

    def close(self) -> None:
        # What a collector that is away makes it say is no news at the end.
        logging.getLogger("opentelemetry").setLevel(logging.CRITICAL)
        self._provider.shutdown()


def _end(span: Span, *, bad: bool, at_ns: int | None = None) -> None:
    if bad:
        span.set_status(Status(StatusCode.ERROR))
    span.end(at_ns)
