"""A page for each vendor: what `bodydouble providers NAME` lists, and how it is reached."""

from __future__ import annotations

from collections.abc import Iterator

from bodydouble.cli.listing import known_by, tables
from bodydouble.core.provider import Provider
from bodydouble.core.standing import Level, Standing
from bodydouble.providers import load, names
from docs.site.markdown import cell, table

SAYING = """How well each point is known: **seed** is a page the project was given at its start,
**page** another page of the vendor's, **client** its own client, **observed** a program that was
watched, **orphan** a page the documentation no longer leads to, **assumption** a guess."""


def pages() -> Iterator[tuple[str, str]]:
    """Yield (path below reference/vendors, text): the index, then each vendor."""
    rows = []
    for provider in map(load, names()):
        standing = provider.standing()
        yield f"{provider.name}.md", "\n".join(_lines(provider, standing)) + "\n"
        counts = (provider.operations, provider.models(), provider.quirks, standing.assumptions)
        link = f"[{cell(provider.title)}]({provider.name}.md)"
        rows.append((link, cell(", ".join(provider.hosts)), *(str(len(one)) for one in counts)))
    heads = ("vendor", "hosts", "endpoints", "models", "quirks", "assumptions")
    yield "index.md", "\n".join(["# Vendors", "", SAYING, *table(heads, rows)]) + "\n"


def _lines(provider: Provider, standing: Standing) -> Iterator[str]:
    yield f"# {provider.title}"
    yield ""
    place = f"/{provider.name}{provider.base_path}"
    yield f"Stands in for {', '.join(provider.hosts)}, under `{place}`."
    yield ""
    yield f"{known_by(standing)}. {SAYING}"
    for title, columns, rows in tables(provider, standing):
        yield ""
        yield f"## {title}"
        yield from table(columns, ([cell(text) for text in row] for row in rows))
    if standing.wire:
        yield "## Wire"
        yield ""
        yield "Fields, statuses and headers of each operation, counted by who says so."
        levels = [level for level in Level if standing.wire_counts()[level]]
        rows = [
            (cell(name), *(str(standing.wire_counts(name)[level] or "") for level in levels))
            for name in standing.wire
        ]
        yield from table(("operation", *levels), rows)
    if standing.left_out:
        yield "## Left out"
        yield ""
        yield from (f"- {cell(line)}" for line in standing.left_out)
