"""The judge's report is every process's, and outlives them where the store does."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from bodydouble.web.app import Application
from bodydouble.web.settings import Settings
from tests.control.session import PLANE, control_session
from tests.web.page.furnished import REPORT


@asynccontextmanager
async def served(file: Path) -> AsyncIterator[httpx.AsyncClient]:
    app = Application(Settings(seed=1, store=f"sqlite:{file}"))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        yield client
    await app.store.close()


async def test_a_report_is_told_by_other_workers_and_after_a_restart(tmp_path: Path) -> None:
    file = tmp_path / "kept.db"
    async with served(file) as one, served(file) as other:
        assert (await one.get(f"{PLANE}/report")).status_code == 404
        first = {**REPORT, "totals": {**REPORT["totals"], "large": 10**30}}
        assert (await one.put(f"{PLANE}/report", json=first)).status_code == 204
        assert (await other.get(f"{PLANE}/report")).json()["totals"] == first["totals"]
        assert REPORT["made"] in (await other.get(f"{PLANE}/ui/judge")).text
        later = {**REPORT, "made": "2026-11-27T09:00:00Z"}
        assert (await other.put(f"{PLANE}/report", json=later)).status_code == 204
        assert (await one.put(f"{PLANE}/report", json={})).status_code == 422
    async with served(file) as again:
        assert (await again.get(f"{PLANE}/report")).json()["made"] == later["made"]
        assert "2026-11-27T09:00:00Z" in (await again.get(f"{PLANE}/ui/judge")).text
        # It is kept beside the sandboxes, and is none.
        assert (await again.get(f"{PLANE}/sandboxes")).json()["total"] == 0
        assert (await again.get(f"{PLANE}/sandboxes/~report")).status_code == 404


async def test_a_report_is_no_record_that_an_import_may_bring() -> None:
    async with control_session() as session:
        document = await session.done("GET", "/export")
        document["records"].append({"kind": "report", "record": {"id": "last", "body": "e30="}})
        refused = await session.client.post(f"{PLANE}/sandboxes/import", json=document)
        assert refused.status_code == 422
        assert "no kind is called 'report'" in refused.text
