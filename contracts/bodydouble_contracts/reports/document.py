"""The report as JSON data: contracts, columns, cells and their evidence. All else is made from it.

Nothing in it changes from one run to the next unless a verdict, a count or a version does, but
for `made`. `fixtures/report.schema.json` describes the form, whose version stands under `report`.
"""

from __future__ import annotations

import hashlib
import platform
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from bodydouble_contracts import CATALOGUE_VERSION
from bodydouble_contracts.contracts.contract import FAMILIES
from bodydouble_contracts.data import document_path
from bodydouble_contracts.judging.catalogue import all_contracts, find, fingerprint
from bodydouble_contracts.judging.traces import place, trace_lines
from bodydouble_contracts.judging.verdicts import Evidence, Judgement
from bodydouble_contracts.vendors.profile import Profile

Json = Any
FORMAT = 1
MAX_EVIDENCE = 5
MAX_TEXT = 2_000
TOOLS = ("hypothesis", "schemathesis", "jsonschema-rs", "openapi-spec-validator", "httpx")
UNVERIFIABLE = ("not applicable", "not run")
UNSETTLED = ("not run", "excused", "vacuous", "inconclusive")


@dataclass(slots=True)
class Column:
    """One target and vendor: where it was judged, and what became of every contract.

    `id` is unique in a report (`emulator/VENDOR`); `kind` is `target`, `cassette` or `live`;
    `date` is that of the evidence, empty for a run made now.
    """

    id: str
    kind: str
    profile: Profile
    judgements: Sequence[Judgement]
    exchanges: int = 0
    sessions: int = 0
    date: str = ""
    cost: str = ""
    notes: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Head:
    """How the run was made."""

    target: str
    tier: str = "E"
    seed: int = 0
    effort: str = ""
    made: str = ""
    strict: bool = False


def build(head: Head, columns: Sequence[Column]) -> dict[str, Json]:
    """Return the report."""
    cells = [cell(c, j, head.strict) for c in columns for j in c.judgements]
    return {
        "report": FORMAT,
        "made": head.made,
        "head": {
            "target": head.target,
            "tier": head.tier,
            "seed": head.seed,
            "effort": head.effort,
            "strict": head.strict,
            "catalogue": {"version": CATALOGUE_VERSION, "fingerprint": fingerprint()},
            "tools": tools(),
        },
        "families": dict(FAMILIES),
        "contracts": [contract(c.id) for c in all_contracts()],
        "columns": [column(c) for c in columns],
        "cells": cells,
        "totals": totals(cells),
    }


def contract(id: str) -> dict[str, Json]:
    """Return one contract as the report shows it."""
    c = find(id)
    names = ("id", "family", "slug", "level", "tier", "kind", "sentence", "source")
    return {n: getattr(c, n) for n in names} | {"needs": list(c.needs), "census": c.census}


def column(c: Column) -> dict[str, Json]:
    """Return one column's head."""
    return {
        "id": c.id,
        "kind": c.kind,
        "provider": c.profile.provider,
        "title": c.profile.title,
        "profile_as_of": c.profile.as_of,
        "document": document_hash(c.profile),
        "exchanges": c.exchanges,
        "sessions": c.sessions,
        "date": c.date,
        "cost": c.cost,
        "currency": c.profile.section("money").get("currency", ""),
        "notes": list(c.notes),
    }


def cell(c: Column, j: Judgement, strict: bool) -> dict[str, Json]:
    """Return one verdict with its evidence, the shortest trace first."""
    entry = find(j.contract)
    level = entry.level_for(c.profile)
    best = sorted(j.evidence, key=lambda e: len(e.breach.steps))
    return {
        "column": c.id,
        "contract": j.contract,
        "verdict": j.verdict,
        "level": level,
        "count": j.count,
        "failing": j.failing(level, strict),
        "reason": j.reason[:MAX_TEXT],
        "source": entry.source_for(c.profile),
        "evidence": [evidence(e, c.profile) for e in best[:MAX_EVIDENCE]],
        "more": max(0, len(best) - MAX_EVIDENCE),
    }


def evidence(e: Evidence, profile: Profile) -> dict[str, Json]:
    """Return one breach: where it happened, its trace, what was expected and seen."""
    return {
        "driver": e.history.driver,
        "scenario": place(e).removeprefix(e.history.driver).strip(),
        "seed": e.history.seed,
        "steps": list(e.breach.steps),
        "expected": e.breach.expected[:MAX_TEXT],
        "seen": e.breach.seen[:MAX_TEXT],
        "trace": trace_lines(e, profile),
    }


def totals(cells: Sequence[dict[str, Json]]) -> dict[str, Json]:
    """Return the headline numbers: how many could be judged, how many held, how many fail."""
    verdicts = Counter(c["verdict"] for c in cells)
    return {
        "verdicts": dict(sorted(verdicts.items())),
        "verifiable": sum(c["verdict"] not in UNVERIFIABLE for c in cells),
        "held": verdicts["held"],
        "failing": sum(c["failing"] for c in cells),
        "exercised": sum(c["count"] for c in cells),
        "certified": not any(c["verdict"] in UNSETTLED or c["failing"] for c in cells),
    }


def tools() -> dict[str, str]:
    """Return the versions of what a run's draws depend on."""
    out = {"python": platform.python_version()}
    for name in TOOLS:
        try:
            out[name] = version(name)
        except PackageNotFoundError:
            continue
    return out


def document_hash(profile: Profile) -> str:
    """Return twelve hex digits over document and overlay, empty where there is no document."""
    if not profile.document or profile.document.endswith(".yaml"):
        return ""
    digest = hashlib.sha256()
    try:
        document = document_path(profile.document)
        for path in (document, document.with_suffix(".overlay.yaml")):
            digest.update(path.read_bytes() if path.is_file() else b"")
    except FileNotFoundError:
        return ""
    return digest.hexdigest()[:12]
