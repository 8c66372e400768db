"""Which pages there are, in which order, and what their links are called on the site.

A page under `docs/` needs no entry here: it is found, and goes to the end of its folder's section
(a page at the top, of the section below). What is named here only comes first, in this order.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
LINK = re.compile(r"(?<=\]\()(?!\w+:|#)([^)\s#]+)(#[^)\s]*)?(?=\))")
FENCE = re.compile(r"^(```+).*?^\1`*$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Section:
    """One part of the navigation: its title, its folder, and the pages that come first."""

    title: str
    folder: str
    first: tuple[str, ...] = ()


SECTIONS = (
    Section("Tutorials", "tutorials", ("python", "typescript", "pytest")),
    Section(
        "How-to",
        "how-to",
        (
            *("symptoms", "point-your-client", "payment", "rate-limits", "moderation"),
            *("lost-replies", "webhooks", "time-travel", "record-your-vendor", "judge-your-mock"),
        ),
    ),
    Section(
        "Reference",
        "reference",
        ("cli", "control-plane", "python", "scenarios", "faults", "vendors"),
    ),
    Section(
        "Explanation",
        "explanation",
        ("what-it-is-not", "virtual-time", "money", "films", "fidelity"),
    ),
)
_TOP = ("ARCHITECTURE", "CONTRIBUTING", "DECISIONS", "CHANGELOG")
AT_THE_TOP: Mapping[str, str] = {
    "ci.md": "How-to",
    "running.md": "How-to",
    "scaling.md": "How-to",
    "testing.md": "How-to",
    "second-reading.md": "Explanation",
}
"""The sections of pages that lie in no folder; the others are reference."""
PAPERS: Mapping[str, str] = {
    **{f"{name}.md": f"project/{name.lower()}.md" for name in _TOP},
    **{
        path.relative_to(ROOT).as_posix(): f"project/{path.parent.relative_to(ROOT).as_posix()}.md"
        for path in (*sorted(ROOT.glob("examples/*/README.md")), ROOT / "fixtures/README.md")
    },
}
"""Pages of the checkout that are shown, too, and where."""


def written() -> Iterator[tuple[str, str]]:
    """Yield (path on the site, text as it is shown) of each page that somebody wrote."""
    for path in sorted(DOCS.rglob("*.md")):
        yield path.relative_to(DOCS).as_posix(), path.read_text(encoding="utf-8")
    for name, place in PAPERS.items():
        yield place, (ROOT / name).read_text(encoding="utf-8")


def source_of(place: str) -> str:
    """The path in the checkout that a page of the site was written in."""
    return next((name for name, there in PAPERS.items() if there == place), f"docs/{place}")


def relinked(text: str, place: str) -> tuple[str, set[str]]:
    """A page with its links as the site has them, and the files of the checkout they lead to.

    A link that leaves `docs/` leads to a copy below `files/`, or to the page made of that paper.
    """
    files: set[str] = set()

    def there(found: re.Match[str]) -> str:
        target = posixpath.normpath(posixpath.join(posixpath.dirname(source_of(place)), found[1]))
        if (paper := PAPERS.get(target) or PAPERS.get(f"{target}/README.md")) is not None:
            target = paper
        elif target.startswith("docs/"):
            target = target.removeprefix("docs/")
        elif (ROOT / target).is_file():
            files.add(target)
            target = copy_of(target)
        else:
            return found[0]
        return posixpath.relpath(target, posixpath.dirname(place) or ".") + (found[2] or "")

    parts, end = [], 0
    for block in FENCE.finditer(text):
        parts += [LINK.sub(there, text[end : block.start()]), block[0]]
        end = block.end()
    return "".join([*parts, LINK.sub(there, text[end:])]), files


def copy_of(path: str) -> str:
    """Where a file of the checkout lies on the site, which shows nothing that is hidden."""
    return f"files/{path}".replace("/.", "/")


def navigation(places: Sequence[str]) -> list[dict[str, object]]:
    """The site's navigation: every page once, in its section."""
    nav: list[dict[str, object]] = [{"Home": "index.md"}]
    for section in SECTIONS:
        mine = [place for place in places if _belongs(place, section)]
        if mine:
            nav.append({section.title: sorted(mine, key=lambda place: _rank(place, section))})
    papers = [place for place in places if place.startswith("project/")]
    return [*nav, {"Project": papers}] if papers else nav


def title(text: str) -> str:
    """A page's first heading."""
    found = re.search(r"^# (.+)$", text, re.MULTILINE)
    return found[1] if found else ""


def opening(text: str) -> str:
    """The first sentence of a page, without its marks."""
    for block in text.split("\n\n"):
        if block.strip() and not block.startswith(("#", "```", "|", "-", "!", "<")):
            plain = re.sub(r"\[([^]]+)\]\([^)]*\)", r"\1", " ".join(block.split()))
            return re.split(r"(?<=[.?!]) ", plain)[0].rstrip(":")
    return ""


def _belongs(place: str, section: Section) -> bool:
    folder = posixpath.dirname(place)
    if not folder:
        return section.title == AT_THE_TOP.get(place, "Reference") and place != "index.md"
    return folder == section.folder or folder.startswith(f"{section.folder}/")


def _rank(place: str, section: Section) -> tuple[int, str]:
    stem = posixpath.relpath(place, section.folder).removesuffix(".md").removesuffix("/index")
    top = stem.split("/")[0]
    known = [*section.first]
    return (known.index(top) if top in known else len(known), "" if stem == top else stem)
