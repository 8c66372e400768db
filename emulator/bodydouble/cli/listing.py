"""`bodydouble providers [NAME]`: what is served, what is disputed, and what is guessed.

Readable without colour, and plain lines when piped.
"""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from bodydouble.core.provider import Provider
from bodydouble.core.scenarios.cues import detail_rows
from bodydouble.core.standing import Level, Standing
from bodydouble.providers import load, names


def providers(
    name: Annotated[str, typer.Argument(help="a vendor; none lists them all")] = "",
) -> None:
    """List the vendors, or all about one of them."""
    # A pipe has no width to fit; folding lines there would only break grep.
    console = Console(width=None if Console().is_terminal else 160, highlight=False)
    if name:
        try:
            provider = load(name)
            standing = provider.standing()
        except ValueError as error:
            typer.echo(f"bodydouble: {error}", err=True)
            raise typer.Exit(2) from None
        _all_about(provider, standing, console)
        return
    table = _table("vendor", "title", "hosts", "endpoints", "models", "quirks", "assumptions")
    for known in map(load, names()):
        counts = (known.operations, known.models(), known.quirks, known.standing().assumptions)
        hosts = ", ".join(known.hosts)
        table.add_row(known.name, known.title, hosts, *(str(len(rows)) for rows in counts))
    console.print(table)


def _all_about(provider: Provider, standing: Standing, console: Console) -> None:
    console.print(f"{provider.title}: /{provider.name}{provider.base_path}")
    endpoints = _table("method", "path", "operation", "scope", "billed", title="Endpoints")
    for one in provider.operations:
        endpoints.add_row(one.method, one.path, one.name, one.scope, "yes" if one.billed else "")
    models = _table("model", "makes", "takes", "price", "known", title="Models and prices")
    for row in provider.models():
        known = "documented" if row.known else "assumed"
        models.add_row(row.model, row.makes, row.takes, row.price, known)
    quirks = _table("quirk", "served", "or", "about", "known by", "source", title="Quirks")
    for quirk in provider.quirks:
        others = [str(choice) for choice in quirk.choices if choice != quirk.default]
        told = standing.quirk(quirk.short)
        said = (told.about, told.standing, told.source or told.basis)
        quirks.add_row(quirk.name, str(quirk.default), ", ".join(others), *said)
    told_of = standing.counts()
    counts = ", ".join(f"{level} {told_of[level]}" for level in Level if told_of[level])
    console.print(f"Known by: {counts or 'nothing is written down'}")
    guesses = _table("id", "guessed", "known by", "because", title="Assumptions")
    for id, guess in standing.assumptions.items():
        guesses.add_row(id, guess.about, guess.standing, guess.basis or guess.source)
    details = _table("cue", "what happens", title="Kinds of failure and refusal")
    for told_apart in detail_rows(provider):
        details.add_row(told_apart.cue, told_apart.outcome)
    kinds = (details,) if provider.details else ()
    for table in (endpoints, models, *kinds, quirks, guesses):
        console.print(table)
    overruled = _table("id", "stated", "overruled by", "served", "quirk", title="Overruled")
    for id, beaten in standing.overruled.items():
        overruled.add_row(id, beaten.says, beaten.by, beaten.served, beaten.quirk)
    if standing.overruled:
        console.print(overruled)
    if standing.wire:
        _wire(standing, console)
    if standing.left_out:
        console.print("Left out")
        for line in standing.left_out:
            console.print(f"  {line}")


def _wire(standing: Standing, console: Console) -> None:
    """The document's points, counted by who says so; those that nobody says by name."""
    console.print("Wire")
    for operation, known in standing.wire.items():
        told_of = standing.wire_counts(operation)
        counts = ", ".join(f"{level} {told_of[level]}" for level in Level if told_of[level])
        console.print(f"  {operation}: {counts}")
        guessed = [
            point
            for source, points in known.items()
            if standing.sources[source].standing is Level.ASSUMPTION
            for point in points
        ]
        if guessed:
            console.print(f"    guessed: {', '.join(guessed)}", soft_wrap=True, markup=False)


def _table(*columns: str, title: str | None = None) -> Table:
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    return table
