"""Words for Markdown: a table, and a text that stands in one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

_MARKS = re.compile(r"([\\`*_\[\]<>|])")


def cell(text: object) -> str:
    """A text as a table's cell shows it, to the letter."""
    return _MARKS.sub(r"\\\1", " ".join(str(text).split())).replace("\\<", "&lt;")


def code(text: object) -> str:
    """A text as code, or nothing; a bar in it would end the cell."""
    words = " ".join(str(text).split()).replace("|", "\\|")
    return f"`{words}`" if words else ""


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Yield the lines of a table; cells are Markdown already."""
    yield ""
    yield f"| {' | '.join(columns)} |"
    yield f"|{'---|' * len(columns)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"
    yield ""
