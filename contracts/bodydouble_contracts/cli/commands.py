"""The judge's commands that drive nothing: plan, rejudge, report, and the files a run may write.

They read words and print; what they stand for is done elsewhere. Exit codes are the judge's own.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from bodydouble_contracts import runs
from bodydouble_contracts.cli import exit_codes as codes
from bodydouble_contracts.cli import options
from bodydouble_contracts.history.cassettes import read_cassette
from bodydouble_contracts.judging.catalogue import select
from bodydouble_contracts.judging.deviations import excuse
from bodydouble_contracts.judging.deviations import read as read_deviations
from bodydouble_contracts.judging.judge import Docket
from bodydouble_contracts.live.plan import write_plan
from bodydouble_contracts.live.summary import plan_lines
from bodydouble_contracts.live.tiers import make_plan
from bodydouble_contracts.recording.replay import write_trace
from bodydouble_contracts.reports import files, terminal
from bodydouble_contracts.reports.document import Column, Head, build
from bodydouble_contracts.runs import Run
from bodydouble_contracts.targets.addresses import EMULATOR
from bodydouble_contracts.vendors.reader import load
from bodydouble_contracts.vendors.variants import from_outside, mounted_like, without_control

Json = Any


def now() -> str:
    """Return the wall clock's time for a report."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def excused(columns: list[Column], path: Path | None) -> list[Column]:
    """Apply a file of deviations to columns. Raises DeviationError."""
    known = read_deviations(path) if path else []
    today = datetime.now(UTC).date()
    for column in columns if known else []:
        column.judgements = excuse(column.judgements, known, column.id, column.profile, today)
    return columns


def columns_of(made: Run) -> list[Column]:
    """Return the columns of a run: one per vendor, named by the target."""
    name = "emulator" if made.target == EMULATOR else made.target
    return [
        Column(
            f"{name}/{vendor}",
            "target",
            made.profiles[vendor],
            docket.judgements(),
            docket.exchanges,
            docket.histories,
            notes=docket.notes,
        )
        for vendor, docket in made.dockets.items()
    ]


def publish(
    head: Head, columns: list[Column], written: dict[str, Path | None], traces: Path | None = None
) -> Json:
    """Print a report and write the files asked for; return it."""
    report = build(head, columns)
    for line in terminal.lines(report):
        typer.echo(line)
    for path in files.write(report, written):
        typer.echo(f"wrote {path}", err=True)
    if traces is not None:
        write_traces(columns, traces)
    return report


def write_traces(columns: list[Column], folder: Path) -> None:
    """Write, for every broken contract, the shortest history that shows it, to be replayed."""

    folder.mkdir(parents=True, exist_ok=True)
    for column in columns:
        for judgement in column.judgements:
            shown = [e for e in judgement.evidence if e.breach.steps]
            if judgement.verdict == "broken" and shown:
                best = min(shown, key=lambda e: max(e.breach.steps))
                path = folder / f"{column.profile.provider}-{judgement.contract}.jsonl"
                write_trace(best.history, max(best.breach.steps), judgement.contract, path)
                typer.echo(f"wrote {path}", err=True)


def exit_code(report: Json) -> int:
    """Return the exit code of a report: our own error, broken or stale, or held."""
    if any(c["verdict"] == "error" for c in report["cells"]):
        return codes.OURS
    return codes.BROKEN if report["totals"]["failing"] else codes.HELD


def plan(
    provider: Annotated[str, typer.Argument(help="Vendor or profile file.")],
    tier: Annotated[str, typer.Option("--tier", help="0, 1, 2 or 3.")] = "2",
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Write the plan (JSON or YAML).")
    ] = None,
    pace_ms: Annotated[
        int, typer.Option("--pace-ms", help="Between requests; default: the vendor's limit.")
    ] = -1,
    poll_ms: Annotated[
        int, typer.Option("--poll-ms", min=-1, help="Between polls; -1: as the vendor asks.")
    ] = -1,
) -> None:
    """Print what a live run would send, with its price at worst, requests and minutes."""

    if tier not in ("0", "1", "2", "3"):
        raise typer.BadParameter(f"a live tier is 0, 1, 2 or 3, not {tier!r}")
    profile = from_outside(load(provider))
    made = make_plan(profile, tier, pace_ms=pace_ms, poll_ms=poll_ms)
    for line in plan_lines(made, profile):
        typer.echo(line)
    if out is not None:
        try:
            write_plan(made, out)
        except OSError as error:
            raise typer.BadParameter(f"{out} cannot be written: {error.strerror}") from error
        typer.echo(
            f"\nwrote {out}; run it with: run --live {provider} --budget AMOUNT --plan {out}"
        )


def rejudge(
    cassettes: Annotated[list[Path], typer.Argument(help="Cassettes to judge again.")],
    *,
    provider: Annotated[
        str, typer.Option("--provider", "-p", help="Another profile than the cassette's.")
    ] = "",
    contracts: Annotated[str, typer.Option("--contracts", help="Ids or families.")] = "*",
    strict: Annotated[bool, typer.Option("--strict", help="SHOULD and MAY fail, too.")] = False,
    json_file: options.JsonFile = None,
    junit_file: options.JunitFile = None,
    html_file: options.HtmlFile = None,
    badge_file: options.BadgeFile = None,
    deviations: options.Excuses = None,
) -> None:
    """Judge recorded traffic again: offline, free, by today's contracts."""
    columns = [of_cassette(path, provider, contracts) for path in cassettes]
    head = Head(", ".join(str(p) for p in cassettes), "3", made=now(), strict=strict)
    written = {"json": json_file, "junit": junit_file, "html": html_file, "badge": badge_file}
    report = publish(head, excused(columns, deviations), written)
    raise typer.Exit(exit_code(report))


def of_cassette(path: Path, provider: str, globs: str) -> Column:
    """Judge one cassette. What its traffic does not show was not run, never held."""
    header, history = read_cassette(path)
    profile = mounted_like(load(provider or header.provider), history.exchanges)
    profile = profile if header.controlled else without_control(profile)
    docket = Docket(profile, select(globs), "E" if header.controlled else "3")
    docket.add(history)
    judgements = docket.judgements()
    for judgement in judgements:
        if judgement.verdict in ("vacuous", "untestable"):
            judgement.verdict, judgement.reason = "not run", "nothing in this cassette shows it"
    return Column(f"cassette/{path.stem}", "cassette", profile, judgements,
                  docket.exchanges, 1, header.recorded, header.cost)  # fmt: skip


def report(
    reports: Annotated[list[Path], typer.Argument(help="JSON reports of earlier runs.")],
    json_file: options.JsonFile = None,
    junit_file: options.JunitFile = None,
    html_file: options.HtmlFile = None,
    badge_file: options.BadgeFile = None,
) -> None:
    """Put JSON reports side by side and write them in other forms."""
    merged = files.merge([files.read(path) for path in reports])
    for line in terminal.lines(merged):
        typer.echo(line)
    written = {"json": json_file, "junit": junit_file, "html": html_file, "badge": badge_file}
    for path in files.write(merged, written):
        typer.echo(f"wrote {path}", err=True)
    raise typer.Exit(exit_code(merged))


def effort_of(
    name: str, outside: bool, wait_s: float, hosts: Sequence[str], failing: str
) -> runs.Effort:
    """Return how much is driven, and from where; a usage error for what does not go together."""
    if name not in runs.EFFORTS:
        raise typer.BadParameter(f"an effort is {', '.join(runs.EFFORTS)}, not {name!r}")
    if (hosts or failing) and not outside:
        raise typer.BadParameter("--media-host and --failing-body belong to --outside")
    if outside and name != "quick":
        raise typer.BadParameter("from outside only the scripts are played: leave --effort away")
    return replace(
        runs.EFFORTS[name],
        outside=outside,
        wait_s=wait_s,
        media_hosts=tuple(hosts),
        failing=body_of(failing),
    )


def body_of(text: str) -> Any:
    """Return a body given on the command line, None where none was; a usage error for no object."""
    try:
        found = json.loads(text) if text else None
    except ValueError as error:
        raise typer.BadParameter(f"--failing-body is no JSON: {error}") from error
    if found is not None and not isinstance(found, dict):
        raise typer.BadParameter("--failing-body is no JSON object")
    return found
