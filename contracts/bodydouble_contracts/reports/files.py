"""Writes a report into the files that were asked for, and reads one back."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bodydouble_contracts.reports.badge import badge
from bodydouble_contracts.reports.document import FORMAT
from bodydouble_contracts.reports.html import html
from bodydouble_contracts.reports.junit import junit

Json = Any
MAKERS: dict[str, Callable[[Json], str]] = {
    "json": lambda report: json.dumps(report, ensure_ascii=False, indent=1) + "\n",
    "junit": junit,
    "html": html,
    "badge": lambda report: json.dumps(badge(report)) + "\n",
}


class ReportError(ValueError):
    """A report that cannot be written or read; the text says which and why."""


def write(report: Json, files: dict[str, Path | None]) -> list[Path]:
    """Write the forms that have a file (`json`, `junit`, `html`, `badge`). Raises ReportError."""
    written = []
    for form, path in files.items():
        if path is None:
            continue
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(MAKERS[form](report), encoding="utf-8", errors="replace")
        except OSError as error:
            raise ReportError(f"{path} cannot be written: {error.strerror}") from error
        written.append(path)
    return written


def read(path: Path) -> Json:
    """Read a report. Raises ReportError."""
    try:
        report = json.loads(path.read_text(encoding="utf-8"))
        if report["report"] != FORMAT:
            raise ValueError(f"its version is {report['report']!r}, not {FORMAT}")
    except OSError as error:
        raise ReportError(f"{path} cannot be read: {error.strerror}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise ReportError(f"{path} is no report of ours: {error}") from error
    return report


def merge(reports: list[Json]) -> Json:
    """Return one report with the columns of several. Raises ReportError if two share a column."""
    from bodydouble_contracts.reports.document import totals

    first, *others = reports
    out = {**first, "columns": [*first["columns"]], "cells": [*first["cells"]]}
    for other in others:
        taken = {c["id"] for c in out["columns"]} & {c["id"] for c in other["columns"]}
        if taken:
            raise ReportError(f"two reports have a column {sorted(taken)[0]!r}")
        out["columns"] += other["columns"]
        out["cells"] += other["cells"]
    out["totals"] = totals(out["cells"])
    return out
