"""Every guard that the page of threats names has the test that it names."""

from __future__ import annotations

import re

from tests.architecture import tree

PAGE = (tree.ROOT / "docs" / "security.md").read_text("utf-8")
NAMED = re.compile(r"\| `(tests/[\w/]+\.py)::(test_\w+)` \|$", re.MULTILINE)


def test_each_threat_names_a_test_that_is_there() -> None:
    rows = [line for line in PAGE.splitlines() if line.startswith("| ")][1:]
    named = NAMED.findall(PAGE)
    assert len(named) == len(rows) > 25
    missing = [
        f"{path}::{name}"
        for path, name in named
        if not re.search(rf"def {name}\(", (tree.ROOT / path).read_text("utf-8"))
    ]
    assert missing == []
