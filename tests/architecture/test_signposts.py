"""Every file that ARCHITECTURE.md and CONTRIBUTING.md name is where they say."""

import re
from collections.abc import Iterator

import pytest

from tests.architecture.tree import ROOT

PAGES = ("ARCHITECTURE.md", "CONTRIBUTING.md")
BASES = (ROOT, ROOT / "emulator" / "bodydouble", ROOT / "contracts" / "bodydouble_contracts")
NAMED = re.compile(r"`([\w./<>-]+(?:/|\.(?:py|md|yaml|json|toml)))`")


def missing(text: str) -> Iterator[str]:
    """Paths in backticks that lead nowhere; ``<vendor>`` stands for any."""
    for path in NAMED.findall(text):
        pattern = re.sub(r"<\w+>", "*", path.rstrip("/"))
        if not any(next(base.glob(pattern), None) for base in BASES):
            yield path


@pytest.mark.parametrize("page", PAGES)
def test_what_a_page_names_is_there(page: str) -> None:
    text = (ROOT / page).read_text("utf-8")
    assert len(NAMED.findall(text)) > 10
    assert list(missing(text)) == []


def test_a_name_that_leads_nowhere_is_found() -> None:
    text = "see `core/limits.py`, `core/limitations.py`, `providers/<vendor>/errors.py`, `lobby/`"
    assert list(missing(text)) == ["core/limitations.py", "lobby/"]
