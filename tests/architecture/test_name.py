"""The project's earlier name stands where its history is told, and nowhere else.

A stranger's package bears it. The word is spelled in two halves, so that this file is innocent.
"""

import subprocess
from collections.abc import Iterator

import pytest

from tests.architecture import tree

EARLIER = "under" + "study"
HISTORY = {"CHANGELOG.md", "DECISIONS.md"}


def tracked() -> Iterator[tuple[str, bytes]]:
    """Each file that git keeps, pictures included; the text files where there is no git."""
    asked = subprocess.run(
        ["git", "ls-files", "-z"], cwd=tree.ROOT, capture_output=True, check=False
    )
    if not asked.stdout:
        yield from ((path, text.encode()) for path, text in tree.text_files())
    for path in filter(None, asked.stdout.decode().split("\0")):
        if (tree.ROOT / path).is_file():
            yield path, (tree.ROOT / path).read_bytes()


def bearers(path: str, content: bytes) -> list[str]:
    """What of one file bears the earlier name: its path, its content, or nothing."""
    word = EARLIER.encode()
    told = {"path": path.encode(), "content": b"" if path in HISTORY else content}
    return [f"{path}: its {what}" for what, where in told.items() if word in where.lower()]


def test_nothing_but_the_history_bears_the_earlier_name() -> None:
    files = dict(tracked())
    assert {*HISTORY, "pyproject.toml", "Makefile"} <= set(files)
    assert [one for path, content in files.items() for one in bearers(path, content)] == []
    for path in HISTORY:
        assert EARLIER.encode() in files[path], "it tells where the project comes from"


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("docs/a.md", f"the {EARLIER} of".encode()),
        ("docs/a.png", b"\x89PNG\x00" + EARLIER.title().encode() + b"\xff"),
        ("tests/a.py", f"{EARLIER.upper()}_PORT = 1".encode()),
        (f"emulator/{EARLIER}/a.py", b""),
        (f"CHANGELOG.md.{EARLIER}", b""),
    ],
)
def test_a_bearer_is_found(path: str, content: bytes) -> None:
    assert len(bearers(path, content)) == 1
