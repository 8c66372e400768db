"""The code blocks of the README and the documentation, each of a kind that says what is done to it.

console     a shell session that is run, in a page's order, its output compared to the letter
a title     a file that is written where the session stands; `title="…"` names it
python      tests, or what they need: all of a page's are one suite, which must pass
sh          commands that are not run: their names and options must be ours
yaml, toml, json   are read; a scenario is compiled
text, mermaid      output, or a picture: the only ones nothing is done to
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt

from docs.site.pages import PAPERS
from tests.architecture.tree import ROOT

RUN = ("console", "python")
CHECKED = ("sh", "yaml", "toml", "json")
SHOWN = ("text", "mermaid")


@dataclass(frozen=True, slots=True)
class Block:
    """One fenced block: where it starts, its language, the file it is, and what stands in it."""

    page: str
    line: int
    language: str
    file: str
    text: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"

    @property
    def kind(self) -> str:
        """What is done to it: its language, or ``file`` where it has a title."""
        return "file" if self.file else self.language


def pages() -> list[Path]:
    """The README, every page under `docs/`, and the papers that the site shows beside them."""
    return [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")), *map(ROOT.joinpath, PAPERS)]


def blocks(page: Path) -> list[Block]:
    """Every block of a page, in its order."""
    return list(_found(page.relative_to(ROOT).as_posix(), page.read_text("utf-8")))


def _found(name: str, text: str) -> Iterator[Block]:
    for token in MarkdownIt().parse(text):
        if token.type in ("fence", "code_block"):
            language, _, rest = token.info.strip().partition(" ")
            file = re.search(r'title="([^"]+)"', rest)
            line = (token.map or [0])[0] + 1
            # An indented block has no language: it is output, as a fence marked so would be.
            known = language if token.type == "fence" else "text"
            yield Block(name, line, known, file[1] if file else "", token.content)
