"""Metrics tell what happened, once each, in words that were known beforehand, and only if asked."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from bodydouble.client import Control
from bodydouble.web.app import Application
from bodydouble.web.settings import Settings
from tests.cli.shell import serving
from tests.vendors.asking import VENDORS, asking
from tests.webhooks.session import receiving

PLANE = "/_bodydouble"
LABELS = {
    *("vendor", "operation", "status", "decision", "state", "currency", "kind", "outcome"),
    *("phase", "le"),
}
Counts = dict[tuple[str, frozenset[tuple[str, str]]], float]


def counts(text: str) -> Counts:
    """Each sample by its name and labels."""
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name.startswith("bodydouble_")
    }


def of(told: Counts, name: str, **labels: str) -> float:
    """The sum of all samples of a name with these labels."""
    wanted = frozenset(labels.items())
    return sum(
        value for (found, having), value in told.items() if found == name and wanted <= having
    )


def client(app: Application) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost")


async def test_a_job_is_counted_from_its_order_to_its_refund_and_its_webhook() -> None:
    app, way = Application(Settings(seed=1, metrics=True)), asking("smartlyq")
    async with client(app) as asked, receiving() as receiver:
        made = (await asked.post(f"{PLANE}/sandboxes", json={"rate": 0})).json()
        box, headers = f"{PLANE}/sandboxes/{made['id']}", way.headers(made["keys"]["smartlyq"])
        hook = {"url": receiver.url, "events": ["job.completed", "job.failed"]}
        await asked.post("/smartlyq/v1/webhooks", json=hook, headers=headers)
        for cue in ("", "[[bodydouble: fail=timeout after=5s]]"):
            await asked.post(way.submit_path, json=way.body(f"a fox {cue}"), headers=headers)
        await asked.post(way.submit_path, json={}, headers=headers)
        await asked.patch(f"{box}/clock", json={"advance_s": 3600})
        # A copy has happened already.
        saved = (await asked.post(f"{box}/snapshots", json={})).json()["id"]
        await asked.put(f"{box}/snapshots/{saved}/restore")
        told = counts((await asked.get(f"{PLANE}/metrics")).text)
    await app.shutdown()
    orders = {"vendor": "smartlyq"}
    assert of(told, "bodydouble_requests_total", **orders, status="202") == 2
    assert of(told, "bodydouble_requests_total", **orders, decision="refused") == 1
    assert of(told, "bodydouble_request_seconds_count", **orders) == 4
    moved = {
        state: of(told, "bodydouble_job_transitions_total", state=state)
        for state in ("queued", "running", "succeeded", "failed")
    }
    assert moved == {"queued": 2, "running": 2, "succeeded": 1, "failed": 1}
    money = {"vendor": "smartlyq", "currency": "USD"}
    assert of(told, "bodydouble_wallet_total", **money, kind="charge") == pytest.approx(0.14)
    assert of(told, "bodydouble_wallet_total", **money, kind="refund") == pytest.approx(0.07)
    assert of(told, "bodydouble_webhook_attempts_total", outcome="delivered") == 2
    assert of(told, "bodydouble_store_up") == 1
    assert of(told, "bodydouble_store_seconds_count", phase="keep") > 5


async def test_no_label_tells_a_key_a_path_or_a_sandbox() -> None:
    app = Application(Settings(seed=1, metrics=True))
    async with client(app) as asked:
        made = (await asked.post(f"{PLANE}/sandboxes", json={})).json()
        for vendor in VENDORS:
            headers = asking(vendor).headers(made["keys"][vendor])
            for place in range(20):
                await asked.get(
                    f"/{vendor}/nowhere/{place}/{made['keys'][vendor]}", headers=headers
                )
            await asked.post(
                asking(vendor).submit_path, json=asking(vendor).body("a"), headers=headers
            )
        text = (await asked.get(f"{PLANE}/metrics")).text
    told = counts(text)
    assert {name for _, labels in told for name, _ in labels} <= LABELS
    assert made["id"] not in text
    assert [key for key in made["keys"].values() if key in text] == []
    lost = [
        key for key in told if key[0] == "bodydouble_requests_total" and ("status", "404") in key[1]
    ]
    assert len(lost) == len(VENDORS), "one for each vendor, however many paths were tried"


async def test_they_are_off_unless_asked_for_and_behind_the_token() -> None:
    async with client(Application(Settings())) as asked:
        off = await asked.get(f"{PLANE}/metrics")
    assert off.status_code == 404
    assert "--metrics" in off.json()["detail"]
    token = "a-token-of-some-length"
    async with client(Application(Settings(metrics=True, control_token=token))) as asked:
        assert (await asked.get(f"{PLANE}/metrics")).status_code == 401
        told = await asked.get(f"{PLANE}/metrics", headers={"authorization": f"Bearer {token}"})
        assert told.status_code == 200
        assert told.headers["content-type"].startswith("text/plain")


async def test_a_film_is_counted_when_it_is_made() -> None:
    pytest.importorskip("av")
    app, way = Application(Settings(seed=1, metrics=True, media="tiny")), asking("smartlyq")
    async with client(app) as asked:
        made = (await asked.post(f"{PLANE}/sandboxes", json={"rate": 0})).json()
        headers = way.headers(made["keys"]["smartlyq"])
        ordered = await asked.post(way.submit_path, json=way.body("a fox"), headers=headers)
        await asked.patch(f"{PLANE}/sandboxes/{made['id']}/clock", json={"advance_s": 3600})
        shown = await asked.get(way.poll_path.format(job=way.job(ordered)), headers=headers)
        assert (await asked.get(way.shown("result", shown))).status_code == 200
        told = counts((await asked.get(f"{PLANE}/metrics")).text)
    await app.shutdown()
    assert of(told, "bodydouble_media_seconds_count", kind="video", outcome="made") == 1
    assert of(told, "bodydouble_media_waiting") == 0


async def test_an_outage_is_seen_and_so_is_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    app = Application(Settings(seed=1, metrics=True))
    store, way = app.store, asking("smartlyq")
    inner = store._store  # type: ignore[attr-defined]
    monkeypatch.setattr(type(inner), "failures", (ConnectionError,))
    app.registry.outage.failures = (ConnectionError,)
    async with client(app) as asked:
        headers = way.headers("sqk_live_outage")
        await asked.get("/smartlyq/v1/me", headers=headers)
        plain, attempt = inner.transaction, store._attempt  # type: ignore[attr-defined]

        @asynccontextmanager
        async def away(sandbox: str) -> AsyncIterator[None]:
            raise ConnectionError("away")
            yield  # type: ignore[unreachable]

        monkeypatch.setattr(inner, "transaction", away)
        monkeypatch.setattr(store, "_attempt", away)
        assert (await asked.get("/smartlyq/v1/me", headers=headers)).status_code >= 500
        told = counts((await asked.get(f"{PLANE}/metrics")).text)
        assert (of(told, "bodydouble_store_up"), of(told, "bodydouble_store_failures_total")) == (
            0,
            1,
        )
        monkeypatch.setattr(inner, "transaction", plain)
        monkeypatch.setattr(store, "_attempt", attempt)
        assert (await asked.get("/smartlyq/v1/me", headers=headers)).status_code == 200
        assert of(counts((await asked.get(f"{PLANE}/metrics")).text), "bodydouble_store_up") == 1


def test_of_several_workers_any_tells_the_sum(tmp_path: Path) -> None:
    way = asking("smartlyq")
    words = ("--metrics", "--workers", "2", "--store", f"sqlite:{tmp_path}/shared.db")
    with serving(*words) as told:
        for _ in range(30):  # each on a connection of its own, so that both have some
            httpx.get(f"{told['url']}/smartlyq/v1/me", headers=way.headers("sqk_live_sum"))
        with Control(told["url"]) as control:
            assert "# TYPE bodydouble_requests_total counter" in control.metrics()
        sums = {
            of(counts(httpx.get(f"{told['url']}{PLANE}/metrics").text), "bodydouble_requests_total")
            for _ in range(8)
        }
    assert sums == {30}


def test_a_server_that_is_not_watched_loads_none_of_it() -> None:
    program = (
        "import sys; from bodydouble.web.app import Application; Application();"
        "print([m for m in sys.modules if m.split('.')[0] in ('prometheus_client', 'opentelemetry')"
        " or 'observing' in m])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout == "[]\n"
