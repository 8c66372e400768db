"""Spans arrive at a receiver of OTLP over HTTP, belong to the client's trace and tell no key."""

from __future__ import annotations

import gzip
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from bodydouble.web.app import Application
from bodydouble.web.settings import BadSetting, Settings, read_settings
from tests.cli.shell import called, serving
from tests.vendors.asking import VENDORS, asking
from tests.webhooks.session import receiving

TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
PLANE = "/_bodydouble"


class Collector:
    """What came: each span with its resource's attributes."""

    def __init__(self) -> None:
        self.spans: list[Any] = []
        self.raw = b""
        self.services: set[str] = set()
        self.url = ""

    def take(self, path: str, body: bytes) -> None:
        assert path == "/v1/traces"
        self.raw += body
        for one in ExportTraceServiceRequest.FromString(body).resource_spans:
            self.services.add(told(one.resource)["service.name"])
            self.spans += [span for scope in one.scope_spans for span in scope.spans]


def told(of: Any) -> dict[str, Any]:
    """Attributes as plain values."""
    return {
        one.key: getattr(one.value, str(one.value.WhichOneof("value"))) for one in of.attributes
    }


@contextmanager
def collecting() -> Iterator[Collector]:
    """A receiver on a socket of this machine."""
    collector = Collector()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            packed = self.headers.get("content-encoding") == "gzip"
            collector.take(self.path, gzip.decompress(body) if packed else body)
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *of: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    collector.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield collector
    finally:
        server.shutdown()
        server.server_close()


async def test_requests_and_webhooks_are_spans_and_no_span_tells_a_key() -> None:
    with collecting() as collector:
        settings = read_settings({"traces": collector.url})
        app = Application(settings)
        transport = httpx.ASGITransport(app)
        async with (
            receiving() as receiver,
            httpx.AsyncClient(transport=transport, base_url="http://localhost") as client,
        ):
            made = (await client.post(f"{PLANE}/sandboxes", json={"rate": 0})).json()
            keys = made["keys"]
            hook = {"url": receiver.url, "events": ["job.completed"]}
            first = asking("smartlyq").headers(keys["smartlyq"])
            await client.post("/smartlyq/v1/webhooks", json=hook, headers=first)
            for vendor in VENDORS:
                way = asking(vendor)
                headers = way.headers(keys[vendor], traceparent=f"00-{TRACE}-{PARENT}-01")
                await client.post(way.submit_path, json=way.body("a fox"), headers=headers)
                await client.get(f"/{vendor}/nowhere/{keys[vendor]}", headers=headers)
            await client.patch(f"{PLANE}/sandboxes/{made['id']}/clock", json={"advance_s": 3600})
        await app.shutdown()
    assert collector.services == {"bodydouble"}
    assert [key for key in keys.values() if key.encode() in collector.raw] == []
    served = [span for span in collector.spans if "bodydouble.vendor" in told(span)]
    orders = [span for span in served if "bodydouble.job" in told(span)]
    assert {told(span)["bodydouble.vendor"] for span in orders} == set(VENDORS)
    for span in orders:
        assert (span.trace_id.hex(), span.parent_span_id.hex()) == (TRACE, PARENT)
        assert told(span)["bodydouble.sandbox"] == made["id"]
        assert told(span)["bodydouble.decision"] == "answered"
        assert 0 < span.end_time_unix_nano - span.start_time_unix_nano < 60e9
    assert len(served) == 1 + 2 * len(VENDORS)
    (sent,) = [span for span in collector.spans if span.name == "webhook"]
    assert told(sent)["http.response.status_code"] == 200


def test_what_was_seen_last_leaves_before_the_server_ends() -> None:
    with collecting() as collector:
        with serving("--traces", collector.url) as server:
            way = asking("smartlyq")
            httpx.get(f"{server['url']}/smartlyq/v1/me", headers=way.headers("sqk_live_last"))
        assert [told(span)["bodydouble.vendor"] for span in collector.spans] == ["smartlyq"]


def test_a_collector_that_is_away_changes_no_answer_and_holds_no_end() -> None:
    with serving("--traces", "http://127.0.0.1:1") as server:
        way = asking("smartlyq")
        headers = way.headers("sqk_live_away")
        assert httpx.get(f"{server['url']}/smartlyq/v1/me", headers=headers).status_code == 200


@pytest.mark.parametrize(
    "odd", ["nonsense", "ftp://host", "http://", "http://me:secret@host:4318", "http://host:0"]
)
def test_what_is_no_collector_is_said_so_in_one_sentence(odd: str) -> None:
    with pytest.raises(BadSetting, match="--traces is where") as refused:
        read_settings({"traces": odd})
    assert "secret" not in str(refused.value)
    assert called("serve", "--port", "0", "--traces", odd).exit_code == 2


def test_the_usual_path_is_added_where_none_is_named() -> None:
    assert read_settings({"traces": "http://h:4318"}).traces == "http://h:4318/v1/traces"
    assert read_settings({"traces": "http://h:4318/x"}).traces == "http://h:4318/x"
    assert Settings().traces is None


@pytest.mark.parametrize("option", ["--metrics", "--traces"])
def test_without_the_extra_it_says_how_to_get_it(
    option: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("metrics", "traces"):
        monkeypatch.delitem(sys.modules, f"bodydouble.web.observing.{name}", raising=False)
    monkeypatch.setitem(sys.modules, "prometheus_client", None)
    monkeypatch.setitem(sys.modules, "opentelemetry.exporter.otlp.proto.http.trace_exporter", None)
    monkeypatch.setattr("uvicorn.Server.serve", None)
    words = (option,) if option == "--metrics" else (option, "http://127.0.0.1:1")
    refused = called("serve", "--port", "0", *words)
    assert refused.exit_code == 2
    assert refused.stderr.startswith(f"bodydouble: {option} needs ")
    assert len(refused.stderr.splitlines()) == 1
