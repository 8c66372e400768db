"""Finds words of the theatre in names: of files, functions, classes, members and variables.

The play stays in the product's name. A name is taken apart at underscores and capitals, so that a
word inside a longer one (`stage` in `staged`, `zoo` in `zoom`) is not found.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import PurePosixPath

THEATRE = frozenset(
    {"actor", "announcement", "backstage", "courier", "creature", "curtain", "desk", "errand"}
    | {"lookout", "manners", "misdelivery", "oddities", "oddity", "purse"}
    | {"rehearsal", "shelf", "shelves", "stage", "staging", "theatre", "trouble"}
    | {"understudies", "villain", "waker", "zoo"}
)
_PART = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")


def findings(path: str, text: str) -> list[str]:
    """Return `file:line: …` for each name in which such a word stands."""
    found = [
        f"{path}: the file's name has {word!r}"
        for part in PurePosixPath(path).with_suffix("").parts
        for word in _theatre(part)
    ]
    if path.endswith(".py"):
        told = dict.fromkeys(
            f"{path}:{line}: {name} has {word!r}"
            for line, name in _names(ast.parse(text))
            for word in _theatre(name)
        )
        found += told
    return found


def _theatre(name: str) -> list[str]:
    words = (part.lower() for part in _PART.findall(name))
    return [word for word in words if {word, word.removesuffix("s")} & THEATRE]


def _names(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.lineno, node.name
        elif isinstance(node, ast.arg):
            yield node.lineno, node.arg
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.lineno, node.id
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.lineno, node.attr
