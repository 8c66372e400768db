"""docs/testing.md leaves out no rule of manners and no argument of the marker."""

from __future__ import annotations

import re

from tests.architecture.tree import ROOT

GUIDE = ROOT / "docs" / "testing.md"


def test_the_guide_names_every_rule_and_every_argument_of_the_marker() -> None:
    from bodydouble.core.evidence.lint import RULES
    from bodydouble.testing.monitor import FIELDS, OWN

    text = GUIDE.read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([a-z-]+)` \|", text, re.MULTILINE)
    assert rows == list(RULES)
    for name in (*FIELDS, *OWN):
        assert re.search(rf"`{name}(`|=)", text), f"the guide does not speak of {name}"
