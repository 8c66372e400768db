"""The pages that nobody writes: what the code and its documents already say."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from bodydouble_contracts.cli.app import profiles_of
from bodydouble_contracts.reports.pages import write
from bodydouble_contracts.targets.addresses import EMULATOR
from docs.site import commands, control, vendors


def pages() -> Iterator[tuple[str, str]]:
    """Yield (path on the site, text) of each page that is generated."""
    yield "reference/cli.md", commands.page()
    yield "reference/control-plane.md", control.page()
    for name, text in vendors.pages():
        yield f"reference/vendors/{name}", text
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder), EMULATOR, profiles_of(None))
        for path in sorted(Path(folder).glob("*.md")):
            yield f"reference/contracts/{path.name}", path.read_text(encoding="utf-8")
