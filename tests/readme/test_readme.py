"""The README leads to what is there, and no page to the install of a name that is not ours."""

from __future__ import annotations

import re
from pathlib import Path

from docs.site.pages import LINK

README = Path(__file__).resolve().parents[2] / "README.md"


def test_nobody_is_told_to_install_a_name_that_is_not_ours_yet() -> None:
    """Until there is a release, a checkout is installed, or an address."""
    root = README.parent
    papers = [README, *(root / "docs").rglob("*.md"), *(root / ".github").rglob("*.yml")]
    sources = [path for top in ("emulator", "contracts") for path in (root / top).rglob("*.py")]
    lines = [line for path in (*papers, *sources) for line in path.read_text().splitlines()]
    asked = [line for line in lines if "pip install" in line and "bodydouble" in line]
    assert len(asked) >= 4
    assert [
        line for line in asked if not re.search(r"/path/to/bodydouble|@ git\+https|-e \./", line)
    ] == []
    assert not [line for line in lines if re.search(r"default: .?bodydouble\[", line)]


def test_every_link_of_the_readme_leads_somewhere() -> None:
    text = README.read_text("utf-8")
    targets = [target for target, _ in LINK.findall(text)]
    assert len(targets) > 20
    assert [one for one in targets if not (README.parent / one).exists()] == []
