"""Words for Markdown: a table, and a text that stands in one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

_MARKS = re.compile(r"([\\*_\[\]<>|])")
_CODE = re.compile(r"(`[^`]+`)")


def cell(text: object) -> str:
    """A text as a table's cell shows it, to the letter; what it marks as code is code."""
    parts = _CODE.split(" ".join(str(text).split()))
    return "".join(
        part.replace("|", "\\|") if number % 2 else _MARKS.sub(r"\\\1", part).replace("\\<", "&lt;")
        for number, part in enumerate(parts)
    )


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
