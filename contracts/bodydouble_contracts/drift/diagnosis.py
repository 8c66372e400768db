"""Three witnesses, compared two by two, and what their agreement or disagreement means.

A witness that was not looked at agrees with nobody: such a row says so and stays grey. The table
is that of the design: who stands alone is in error, and two who share an error are worse.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from bodydouble_contracts.drift.shapes import differences
from bodydouble_contracts.drift.witnesses import Kind, Testimony, Traffic

Mark = Literal["=", "!=", "?"]
OLD_DAYS = 30
MEANINGS: dict[tuple[Mark, Mark, Mark], tuple[str, str, str]] = {
    # document~vendor, vendor~emulator, document~emulator: (severity, diagnosis, what to do)
    ("=", "=", "="): ("", "agree", ""),
    ("=", "!=", "!="): ("critical", "the emulator drifted", "mend the emulator"),
    ("!=", "=", "!="): ("warning", "the document is stale, the emulator follows reality",
                        "amend the overlay, with this cassette as source"),
    ("!=", "!=", "="): ("critical", "emulator and document share an error", "mend both"),
    ("!=", "!=", "!="): ("warning", "three opinions", "a human has to look"),
    ("=", "!=", "="): ("warning", "both fit the document and differ from each other",
                       "make the document say which it is, then mend the emulator"),
    ("!=", "=", "="): ("warning", "the document is broken for the vendor only",
                       "a human has to look"),
    ("=", "=", "!="): ("warning", "the document is broken for the emulator only",
                       "a human has to look"),
}  # fmt: skip


@dataclass(slots=True)
class Row:
    """One kind of reply: the three comparisons, what they mean and why."""

    kind: Kind
    marks: tuple[Mark, Mark, Mark]
    severity: str
    diagnosis: str
    action: str
    why: list[str] = field(default_factory=list)
    age_days: int | None = None
    vendor_replies: int = 0
    emulator_replies: int = 0

    @property
    def old(self) -> bool:
        """Whether the vendor's evidence is too old to lean on."""
        return self.age_days is not None and self.age_days > OLD_DAYS


def compare(vendor: Traffic, emulator: Traffic, documented: bool, now: datetime) -> list[Row]:
    """Return one row per kind of reply that any traffic showed, the worst first."""
    kinds = sorted(set(vendor.kinds) | set(emulator.kinds))
    rows = [
        diagnose(
            k, vendor.kinds.get(k), emulator.kinds.get(k), vendor, documented=documented, now=now
        )
        for k in kinds
    ]
    order = {"critical": 0, "warning": 1, "info": 2, "": 3}
    return sorted(rows, key=lambda r: (order[r.severity], r.kind))


def diagnose(
    kind: Kind,
    v: Testimony | None,
    e: Testimony | None,
    vendor: Traffic,
    *,
    documented: bool,
    now: datetime,
) -> Row:
    """Compare the witnesses on one kind of reply."""
    dv: Mark = opinion(v, documented)
    de: Mark = opinion(e, documented)
    row = Row(kind, (dv, "?", de), "", "", "")
    row.vendor_replies, row.emulator_replies = v.replies if v else 0, e.replies if e else 0
    if v is None:
        return unlooked(row, e, vendor)
    row.age_days = max(0, (now - v.newest).days) if v.newest else None
    row.why += [f"document on vendor: {c}" for c in v.complaints]
    if e is None:
        row.severity, row.diagnosis = "critical", "the vendor answers so, the emulator never did"
        row.action = "mend the emulator, or record the same plan on both"
        return row
    found = differences(v.shape, e.shape, ("the vendor", "the emulator"))
    found += header_differences(v, e)
    ve: Mark = "!=" if found else "="
    row.why += found + [f"document on emulator: {c}" for c in e.complaints]
    row.marks = (dv, ve, de)
    if not documented:
        row.severity = "critical" if found else ""
        row.diagnosis = "the emulator drifted" if found else "agree (no document looked at)"
        row.action = "mend the emulator" if found else ""
        return row
    row.severity, row.diagnosis, row.action = MEANINGS[row.marks]
    return row


def unlooked(row: Row, e: Testimony | None, vendor: Traffic) -> Row:
    """Say that the vendor was not looked at; its silence is never agreement."""
    row.severity, row.diagnosis = "info", "not looked: no vendor traffic shows it"
    if row.marks[2] == "!=":
        row.severity = "warning"
        row.diagnosis = "emulator and document differ; the vendor was not looked at"
        row.action = "record the vendor, or mend one of the two"
    elif row.kind.operation in vendor.operations():
        row.diagnosis = "not looked: the vendor's traffic has the operation, not this reply"
    row.why += [f"document on emulator: {c}" for c in e.complaints] if e else []
    return row


def opinion(testimony: Testimony | None, documented: bool) -> Mark:
    """Return whether traffic fits the document; `?` where one of them was not looked at."""
    if testimony is None or not documented:
        return "?"
    return "!=" if testimony.complaints else "="


def header_differences(v: Testimony, e: Testimony) -> list[str]:
    """Return the headers that one witness always sends and the other never does."""
    out = [f"the header {n} is always there for the vendor and never for the emulator"
           for n in sorted((v.always or set()) - e.headers)]  # fmt: skip
    out += [f"the header {n} is always there for the emulator and never for the vendor"
            for n in sorted((e.always or set()) - v.headers)]  # fmt: skip
    return out
