"""Finds the places that name a vendor outside the vendor's own.

A vendor lives in one place per kind; whatever else must be touched when one is added is a list that
should have been derived. Prose may name vendors, and a shared test may take one or two as its
example: but a collection that names two, or a file that names three, knows who there is.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Sequence

PROSE = ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "DECISIONS.md")
PROSE_FOLDERS = ("docs/", "examples/")
DRAWN = ("docs/cues.md",)
"""Pages that the code draws: they would change with every vendor."""
CLIENTS = "tests/vendors/clients.toml"
EXAMPLES_MAX = 2
ENTRY_POINTS = '[project.entry-points."bodydouble.providers"]'


def own_places(vendor: str) -> tuple[str, ...]:
    """Where a vendor lives: a folder ends with a slash."""
    return (
        f"emulator/bodydouble/providers/{vendor.replace('-', '_')}/",
        f"contracts/bodydouble_contracts/vendors/profiles/{vendor}.yaml",
        f"openapi/{vendor}.yaml",
        f"openapi/{vendor}.overlay.yaml",  # only where prose promises more than the document
        f"fixtures/{vendor}/",
        f"tests/vendors/{vendor}/",
    )


def findings(
    path: str,
    text: str,
    vendors: Sequence[str],
    dialects: Sequence[str] = (),
    *,
    makers: Sequence[str] = (),
) -> list[str]:
    """Return `file:line: …` for each line that names a vendor and may not.

    ``dialects`` are folders beside the vendors' that several of them share. ``makers`` are vendors
    whose models others sell: there their name is the maker's, and everywhere a model's.
    """
    if _is_prose(path) or path == CLIENTS:
        return []
    shared = any(_within(path, own_places(dialect)) for dialect in dialects)
    strangers = [one for one in vendors if not shared and not _within(path, own_places(one))]
    sold = _sells(path, vendors)
    plain = [one for one in strangers if one not in makers]
    made = [one for one in strangers if one in makers and not sold]
    named = [*_named(text, plain, models=sold), *_named(text, made, models=True)]
    if path == "pyproject.toml":
        entries = _entry_lines(text)
        return [_told(path, line, name) for line, name in named if line not in entries]
    if path.startswith("tests/") and path.endswith(".py"):
        return _listed(path, text, named, makers)
    return [_told(path, line, name) for line, name in named]


def _listed(
    path: str, text: str, named: Sequence[tuple[int, str]], makers: Sequence[str]
) -> list[str]:
    names = dict.fromkeys(name for _, name in named)
    if len(names) > EXAMPLES_MAX:
        return [f"{path}: names {', '.join(names)}: a shared test takes its vendors from `names()`"]
    found = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.List | ast.Tuple | ast.Set | ast.Dict):
            inside = {
                name
                for one in names
                for _, name in _named(ast.unparse(node), [one], models=one in makers)
            }
            if len(inside) > 1:
                found.append(f"{path}:{node.lineno}: lists {', '.join(sorted(inside))}")
    return found


def _sells(path: str, vendors: Sequence[str]) -> bool:
    """Whether a file is a vendor's: who sells the models of others calls them by their makers."""
    return any(_within(path, own_places(vendor)) for vendor in vendors)


def _named(text: str, vendors: Sequence[str], *, models: bool = False) -> Iterator[tuple[int, str]]:
    # A model's name goes on behind its maker's.
    end = "(?![a-z*-])" if models else "(?![a-z])"
    patterns = {
        # A name is found in other spellings: `SMARTLYQ_KEY`, `x-smartlyq-event`, `Infinity Blue`.
        vendor: re.compile(rf"(?<![a-z]){'[ _-]?'.join(vendor)}{end}", re.IGNORECASE)
        for vendor in vendors
    }
    for number, line in enumerate(text.splitlines(), 1):
        yield from ((number, name) for name, pattern in patterns.items() if pattern.search(line))


def _entry_lines(text: str) -> set[int]:
    inside, found = False, set()
    for number, line in enumerate(text.splitlines(), 1):
        inside = line.strip() == ENTRY_POINTS or (inside and not line.startswith("["))
        if inside:
            found.add(number)
    return found


def _is_prose(path: str) -> bool:
    page = path in PROSE or path.startswith(PROSE_FOLDERS)
    return page and path not in DRAWN


def _within(path: str, places: Iterable[str]) -> bool:
    return any(path == one or (one.endswith("/") and path.startswith(one)) for one in places)


def _told(path: str, line: int, name: str) -> str:
    return f"{path}:{line}: names {name}: derive it, or move it to the vendor's own place"
