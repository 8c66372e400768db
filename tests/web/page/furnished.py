"""Sandboxes to look at: one of everything, or ten thousand of most; and a report of the judge."""

from __future__ import annotations

from typing import Any

from bodydouble.testing import Emulator
from bodydouble.testing.sandbox import Sandbox
from tests.web.page.opening import order, ui

TABS = ("jobs", "requests", "wallet", "time", "direct", "webhooks", "snapshots", "keys")
REPORT: dict[str, Any] = {
    "report": 1,
    "made": "2026-11-26T09:00:00Z",
    "head": {"target": "emulator"},
    "families": {"MON": "money"},
    "contracts": [{"id": "MON-01", "family": "MON", "level": "MUST", "sentence": "It adds up."}],
    "columns": [{"id": "a/b", "title": "B"}],
    "cells": [
        {
            "column": "a/b",
            "contract": "MON-01",
            "verdict": "broken",
            "failing": True,
            "evidence": [{"driver": "d", "expected": "expected <b>that</b>", "seen": "this"}],
        }
    ],
    "totals": {"verdicts": {"broken": 1}},
}


def furnished(emulator: Emulator, sandbox: Sandbox) -> list[str]:
    """Every page there is of a server with this sandbox, which gets one of everything."""
    sandbox.webhooks.subscribe(vendor="smartlyq")
    made = order(sandbox, "a paper boat crosses a puddle at dawn", small=True)
    sandbox.jobs.finish(made)
    sandbox.clock.advance(20)
    failed = order(sandbox, "a red fox in the snow")
    sandbox.clock.advance(1)
    sandbox.jobs.fail(failed, "moderated")
    sandbox.control.save_snapshot(sandbox.id, name="after the fox")
    order(sandbox, "a lighthouse in a storm [[bodydouble: finish wait=10s run=40s]]")
    sandbox.clock.advance(25)
    order(sandbox, "rain on a tin roof [[bodydouble: finish wait=20s run=30s]]")
    sandbox.faults.add("arrival", "status", status=500, times=1)
    sandbox.set_scenario("flaky")
    emulator.control.put_report(REPORT)
    (delivery, *_) = sandbox.control.deliveries(sandbox.id)
    details = (
        *(f"jobs/{made}", f"jobs/{failed}", "requests/2", "snapshots?from=n1", "wallet?cost=1"),
        f"webhooks?delivery={delivery['id']}",
    )
    return [
        "/_bodydouble/",
        *("/_bodydouble/ui/judge", "/_bodydouble/ui/judge?contract=MON-01&column=a/b"),
        *(ui(sandbox, tab) for tab in (*TABS, *details)),
    ]


CROWD = {"job": 10_000, "exchange": 4_000, "entry": 10_000, "delivery": 10_000}


def crowded(document: dict[str, Any]) -> dict[str, Any]:
    """An exported sandbox with so many of each of its last job, request, entry and delivery."""
    records: list[Any] = document["records"]
    last = {one["kind"]: one["record"] for one in records}
    for kind, count in CROWD.items():
        for number in range(last[kind]["order"] + 1, count + 1):
            id = str(number) if kind in ("exchange", "delivery") else f"{kind}_{number}"
            copy = {**last[kind], "id": id, "order": number}
            records.append({"kind": kind, "record": copy})
    for one in records:
        if one["kind"] == "counter" and one["record"]["id"] in ("jobs", "requests", "deliveries"):
            one["record"]["value"] = CROWD["job"]
    return document
