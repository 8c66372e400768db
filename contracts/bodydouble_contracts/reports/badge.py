"""The report as a badge: `held / verifiable @ tier`, in the JSON that badge services read."""

from __future__ import annotations

from typing import Any

Json = Any


def badge(report: Json) -> dict[str, Json]:
    """Return the badge."""
    totals = report["totals"]
    fine = not totals["failing"] and totals["held"] > 0
    return {
        "schemaVersion": 1,
        "label": "contracts",
        "message": f"{totals['held']} / {totals['verifiable']} @ {report['head']['tier']}",
        "color": "brightgreen" if fine else "red",
    }
