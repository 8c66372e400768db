"""No name in either package says a word of the theatre, and each kind that does is found."""

from __future__ import annotations

import pytest

from tests.architecture import tree
from tests.architecture.words import findings

PLANTED = {
    "a file": ("emulator/bodydouble/web/help_desk.py", ""),
    "a folder": ("emulator/bodydouble/stages/app.py", ""),
    "a function": ("emulator/a.py", "def run_errand(): ...\n"),
    "a class": ("emulator/a.py", "class WebhookCourier: ...\n"),
    "a parameter": ("emulator/a.py", "def f(*, purse): ...\n"),
    "a variable": ("emulator/a.py", "shelf = 1\n"),
    "a member": ("emulator/a.py", "class A:\n    def f(self): self.lookout = 1\n"),
    "a constant": ("contracts/a.py", "TROUBLES = ()\n"),
    "a data file": ("contracts/bodydouble_contracts/zoo.yaml", "x: 1\n"),
}


def test_no_name_is_of_the_theatre() -> None:
    files = list(tree.text_files(*tree.SOURCE_ROOTS))
    assert len(files) > 200, "the walk over the tree found next to nothing, so it proves nothing"
    assert [told for path, text in files for told in findings(path, text)] == []


@pytest.mark.parametrize("kind", PLANTED)
def test_a_planted_name_is_found(kind: str) -> None:
    assert len(findings(*PLANTED[kind])) == 1


def test_a_word_that_only_holds_one_is_not() -> None:
    text = "zoom = 1\nstaged = 2\ndisplayed = 3\nclass Replay: ...\n"
    assert findings("emulator/zoom.py", text) == []
