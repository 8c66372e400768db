"""The files of the checkout that the house rules are about.

It walks named folders instead of asking git, so that the rules also hold in an unpacked source
archive; it refuses to look into caches and environments.
"""

from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCE_ROOTS = ("emulator", "contracts")
TEXT_ROOTS = (*SOURCE_ROOTS, "tests", "docs", "examples", "openapi", "fixtures", ".ci")
CACHES = ("__pycache__", "node_modules")
TEXT_SUFFIXES = frozenset(
    {"", ".cfg", ".css", ".html", ".js", ".json", ".jsonl", ".md", ".mjs", ".py", ".sh"}
    | {".svg", ".toml", ".ts", ".txt", ".yaml", ".yml"}
)


def python_files(*tops: str) -> Iterator[tuple[str, str]]:
    """Yield (path relative to the checkout, text) of each Python file below the given folders."""
    for path, text in text_files(*tops):
        if path.endswith(".py"):
            yield path, text


def text_files(*tops: str) -> Iterator[tuple[str, str]]:
    """Yield (path relative to the checkout, text) of each text file; no folders means all."""
    if not tops:
        # In a second work tree of the repository `.git` is a file, which names a folder elsewhere.
        yield from _readable(path for path in sorted(ROOT.iterdir()) if path.name != ".git")
    for top in tops or TEXT_ROOTS:
        yield from _readable(sorted((ROOT / top).rglob("*")))


def _readable(paths: Iterator[Path] | list[Path]) -> Iterator[tuple[str, str]]:
    for path in paths:
        inner = path.relative_to(ROOT)
        hidden = any(part in CACHES or part.startswith(".") for part in inner.parts[1:])
        if path.is_file() and not hidden and path.suffix in TEXT_SUFFIXES:
            yield inner.as_posix(), path.read_text(encoding="utf-8")
