"""`bodydouble providers [NAME]`: what is served, what is disputed, and what is guessed.

Readable without colour, and plain lines when piped.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, TypeAlias

import typer
from rich.console import Console
from rich.table import Table

from bodydouble.core.provider import Provider
from bodydouble.core.scenarios.cues import detail_rows
from bodydouble.core.standing import Level, Standing
from bodydouble.providers import load, names

Listed: TypeAlias = tuple[str, Sequence[str], Sequence[Sequence[str]]]


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


def tables(provider: Provider, standing: Standing) -> Iterator[Listed]:
    """All about a vendor but its wire: title, columns, rows; those without a row are left out."""
    endpoints = [
        (one.method, one.path, one.name, one.scope, "yes" if one.billed else "")
        for one in provider.operations
    ]
    models = [
        (row.model, row.makes, row.takes, row.price, "documented" if row.known else "assumed")
        for row in provider.models()
    ]
    quirks = []
    for quirk in provider.quirks:
        others = [str(choice) for choice in quirk.choices if choice != quirk.default]
        told = standing.quirk(quirk.short)
        said = (told.about, told.standing, told.source or told.basis)
        quirks.append((quirk.name, str(quirk.default), ", ".join(others), *said))
    guesses = [
        (id, guess.about, guess.standing, guess.basis or guess.source)
        for id, guess in standing.assumptions.items()
    ]
    overruled = [
        (id, beaten.says, beaten.by, beaten.served, beaten.quirk)
        for id, beaten in standing.overruled.items()
    ]
    details = [(one.cue, one.outcome) for one in detail_rows(provider)] if provider.details else []
    made: tuple[Listed, ...] = (
        ("Endpoints", ("method", "path", "operation", "scope", "billed"), endpoints),
        ("Models and prices", ("model", "makes", "takes", "price", "known"), models),
        ("Kinds of failure and refusal", ("cue", "what happens"), details),
        ("Quirks", ("quirk", "served", "or", "about", "known by", "source"), quirks),
        ("Assumptions", ("id", "guessed", "known by", "because"), guesses),
        ("Overruled", ("id", "stated", "overruled by", "served", "quirk"), overruled),
    )
    yield from (one for one in made if one[2])


def known_by(standing: Standing) -> str:
    """How many points of a vendor are known how well, in one line."""
    told_of = standing.counts()
    counts = ", ".join(f"{level} {told_of[level]}" for level in Level if told_of[level])
    return f"Known by: {counts or 'nothing is written down'}"


def _all_about(provider: Provider, standing: Standing, console: Console) -> None:
    console.print(f"{provider.title}: /{provider.name}{provider.base_path}")
    console.print(known_by(standing))
    for title, columns, rows in tables(provider, standing):
        table = _table(*columns, title=title)
        for row in rows:
            table.add_row(*row)
        console.print(table)
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
