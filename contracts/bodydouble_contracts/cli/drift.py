"""`drift PROVIDER`: the three witnesses side by side, with the age of the vendor's evidence."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from bodydouble_contracts.cli import exit_codes as codes
from bodydouble_contracts.drift.comparison import witness
from bodydouble_contracts.drift.diagnosis import OLD_DAYS, Row
from bodydouble_contracts.history.cassettes import read_cassette
from bodydouble_contracts.live.tiers import make_plan
from bodydouble_contracts.targets.addresses import EMULATOR, open_target
from bodydouble_contracts.vendors.profile import Profile
from bodydouble_contracts.vendors.reader import load

Json = Any
MAX_WHY = 6


def drift(
    provider: Annotated[str, typer.Argument(help="Vendor or profile file.")],
    *,
    cassette: Annotated[
        list[Path] | None,
        typer.Option("--cassette", "-c", help="Recorded vendor traffic; repeatable."),
    ] = None,
    target: Annotated[
        str, typer.Option("--target", "-t", help="The emulator: module:app or a URL.")
    ] = EMULATOR,
    tier: Annotated[str, typer.Option("--tier", help="How far the plan goes: 0 to 3.")] = "3",
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the rows.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Show agreeing rows, too.")] = False,
) -> None:
    """Compare document, vendor cassettes and emulator; a witness not looked at never agrees."""

    profile = load(provider)
    if tier not in ("0", "1", "2", "3"):
        raise typer.BadParameter(f"a tier of a plan is 0, 1, 2 or 3, not {tier!r}")
    for path in cassette or []:
        read_cassette(path)  # a broken cassette is said before anything is driven
    plan = make_plan(profile, tier)
    aim = open_target(target, [profile])
    try:
        rows, verdicts, paths = witness(profile, cassette, aim, plan)
    finally:
        aim.close()
    for line in lines(profile, rows, verdicts, paths, everything):
        typer.echo(line)
    if json_file:
        data = {"drift": 1, "provider": profile.provider, "rows": [row_json(r) for r in rows],
                "verdicts": verdicts}  # fmt: skip
        json_file.write_text(json.dumps(data, indent=1, default=str) + "\n", encoding="utf-8")
    raise typer.Exit(code_of(rows, verdicts))


def code_of(rows: list[Row], verdicts: list[str]) -> int:
    """Return the exit code; where no vendor's reply was seen nothing can be said to agree."""
    looked = any(row.vendor_replies for row in rows)
    worse = any("broken by the emulator" in v for v in verdicts)
    if worse or any(r.severity == "critical" for r in rows):
        return codes.BROKEN
    if any(r.severity == "warning" for r in rows):
        return codes.BROKEN if looked else codes.INCONCLUSIVE
    return codes.HELD if looked else codes.INCONCLUSIVE


def lines(
    profile: Profile, rows: list[Row], verdicts: list[str], paths: list[Path], everything: bool
) -> Iterator[str]:
    """Yield the table as people read it."""
    yield f"{profile.title}: document ~ vendor, vendor ~ emulator, document ~ emulator"
    yield f"vendor: {', '.join(str(p) for p in paths) or 'NOT LOOKED AT, there is no cassette'}"
    if paths and not any(row.vendor_replies for row in rows):
        yield "        NOT LOOKED AT, no exchange of these is one of the vendor's operations"
    for row in rows:
        if not row.severity and not everything:
            continue
        marks = " ".join(f"{m:>2}" for m in row.marks)
        age = "not looked" if row.age_days is None else f"{row.age_days} d old"
        grey = " (grey: older than %d days)" % OLD_DAYS if row.old else ""  # noqa: UP031
        yield f"{row.severity or 'ok':8} {marks}  {row.kind!s:44} {age}{grey}  {row.diagnosis}"
        for why in row.why[:MAX_WHY]:
            yield f"           {why}"
        if row.action:
            yield f"           do: {row.action}"
    yield from (f"contract  {v}" for v in verdicts)
    counts = Counter(r.severity or "agree" for r in rows)
    looked = [r for r in rows if r.vendor_replies]
    agreed = sum(not r.severity for r in looked)
    old = sum(r.old for r in looked)
    yield (
        f"{len(rows)} kinds of reply: {agreed} agree, {counts['critical']} critical, "
        f"{counts['warning']} warnings, {len(rows) - len(looked)} not looked at"
        + (f"; {old} rest on evidence older than {OLD_DAYS} days" if old else "")
    )


def row_json(row: Row) -> dict[str, Json]:
    """Return a row as JSON data."""
    return {**asdict(row), "kind": asdict(row.kind), "old": row.old}
