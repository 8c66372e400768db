"""The report as people read it on a terminal, made from the JSON document alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from bodydouble_contracts.contracts.findings import MAX_BREACHES

Json = Any
LOUD = ("error", "broken", "stale")
QUIET = ("vacuous", "untestable", "inconclusive", "excused")


def lines(report: Json) -> Iterator[str]:
    """Yield the whole report: header, families, what broke, headline numbers."""
    head, totals = report["head"], report["totals"]
    made = f", seed {head['seed']}, effort {head['effort']}" if head["effort"] else ""
    yield f"target {head['target']}, tier {head['tier']}{made}"
    catalogue = head["catalogue"]
    told = ", ".join(f"{k} {v}" for k, v in head["tools"].items())
    yield f"catalogue {catalogue['version']} {catalogue['fingerprint']}; {told}"
    known = {c["id"]: c for c in report["contracts"]}
    for column in report["columns"]:
        yield ""
        cells = [c for c in report["cells"] if c["column"] == column["id"]]
        yield from column_lines(column, cells, known, report["families"])
    yield ""
    yield ", ".join(f"{n} {v}" for v, n in sorted(totals["verdicts"].items(), key=lambda p: -p[1]))
    certified = f", certified at tier {head['tier']}" if totals["certified"] else ""
    yield (
        f"verifiable {totals['verifiable']}, held {totals['held']}, "
        f"failing {totals['failing']}{certified}"
    )


def column_lines(column: Json, cells: list[Json], known: Json, families: Json) -> Iterator[str]:
    """Yield one target and vendor: its header, one line per family, what is not well."""
    document = f", document {column['document']}" if column["document"] else ""
    date = f", recorded {column['date']}" if column["date"] else ""
    yield (
        f"{column['title']} as {column['id']} ({column['exchanges']} exchanges, "
        f"{column['sessions']} sessions{document}{date})"
    )
    if column["cost"]:
        yield f"  cost at most {column['cost']} {column['currency']}"
    for note in column["notes"]:
        yield f"  {note}"
    for family, name in families.items():
        members = [c for c in cells if c["contract"].startswith(family)]
        if members:
            verdicts = Counter(c["verdict"] for c in members)
            told = ", ".join(f"{n} {v}" for v, n in verdicts.items())
            count = sum(c["count"] for c in members if c["verdict"] == "held")
            yield f"  {family} {name:12} {told}; exercised {count}x"
    for cell in cells:
        if cell["verdict"] in LOUD:
            yield ""
            yield from breach_lines(cell, known[cell["contract"]])
        elif cell["verdict"] in QUIET or (cell["verdict"] == "held" and cell["reason"]):
            yield f"  {cell['contract']} {cell['verdict']} [{cell['level']}]: {cell['reason']}"


def breach_lines(cell: Json, contract: Json) -> Iterator[str]:
    """Yield one broken contract: sentence, source, trace, expected and seen."""
    yield f"  {cell['contract']} {contract['slug']} [{cell['level']}] {cell['verdict']}"
    yield f"    {contract['sentence']}"
    yield f"    source: {cell['source']}"
    if cell["reason"]:
        yield f"    {cell['reason']}"
    for evidence in cell["evidence"][:1]:
        where = f"{evidence['driver']} {evidence['scenario']}".strip()
        yield f"    in {where}, seed {evidence['seed']}, steps {evidence['steps']}:"
        for line in evidence["trace"]:
            yield f"      {line}"
        yield f"    expected: {evidence['expected'][:300]}"
        yield f"    seen:     {evidence['seen'][:300]}"
    more = len(cell["evidence"]) - 1 + cell["more"]
    if more > 0:
        beyond = " that were kept" if more + 1 >= MAX_BREACHES else ""
        yield f"    and {more} more of its kind{beyond}"
