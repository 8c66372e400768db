"""The written pages of the reference leave nothing out that the code knows."""

from __future__ import annotations

import re

from bodydouble.core.errors import Cause
from bodydouble.core.scenarios.directives import REFUSABLE
from bodydouble.core.scenarios.endings import Ending
from bodydouble.core.scenarios.faults import KINDS
from bodydouble.core.scenarios.scenario import SCENARIOS
from bodydouble.web.control.scenario_files import scenario_files
from docs.site.commands import all_commands
from docs.site.commands import page as command_page
from docs.site.pages import DOCS
from tests.docs.blocks import pages

FOREIGN = {
    *("--bodydouble-orphans", "--bodydouble-receipt"),
    *("--contracts-target", "--contracts-tier", "--contracts-outside"),
    *("--disable-socket", "--allow-unix-socket", "--allow-hosts", "--minutes", "--diff-filter"),
    "--version",
}
"""Options that are pytest's, make's and git's, and may be spoken of all the same."""


def page(name: str) -> str:
    return (DOCS / name).read_text("utf-8")


def rows(text: str) -> list[tuple[str, ...]]:
    return [tuple(re.findall(r"`([^`]+)`", row)) for row in re.findall(r"^\| `.*$", text, re.M)]


def test_every_fault_has_its_row() -> None:
    told = [(row[0], row[1]) for row in rows(page("reference/faults.md"))]
    assert told == [(point.value, kind.value) for point, kinds in KINDS.items() for kind in kinds]


def test_every_ending_and_every_cause_that_can_be_injected_is_named() -> None:
    text = page("reference/faults.md")
    assert [one for one in Ending if f"`{one.value}`" not in text] == []
    assert [one for one in (*REFUSABLE, Cause.SCOPE) if f"`{one.value}`" not in text] == []


def test_every_scenario_has_its_row_with_what_it_says_of_itself() -> None:
    told = re.findall(r"^\| `([a-z-]+)` \| (.+) \|$", page("reference/scenarios.md"), re.M)
    known = {
        **{name: one.about for name, one in SCENARIOS.items()},
        **{name: one.scenario.about for name, one in scenario_files().items()},
    }
    rows_of = {name: about for name, about in told if name in known}
    assert rows_of.keys() == known.keys()
    wrong = {name for name in known if rows_of[name] != known[name]}
    assert wrong == set()


def test_every_pytest_verb_of_time_is_on_the_page_about_it() -> None:
    from bodydouble.testing.controls import Clock

    verbs = {name for name in vars(Clock) if not name.startswith("_")} - {"read"}
    assert {verb for verb in verbs if f"`{verb}(" not in page("how-to/time-travel.md")} == set()


def test_an_option_that_is_spoken_of_is_one() -> None:
    known = {word for one in all_commands().values() for each in one.params for word in each.opts}
    told = {
        (path.name, option)
        for path in pages()
        for code in re.findall(r"`([^`\n]+)`", path.read_text("utf-8"))
        for option in re.findall(r"(?<![\w-])--[a-z][a-z-]+", code)
    }
    assert {one for one in told if one[1] not in known | FOREIGN} == set()
    assert {option for _, option in told} >= FOREIGN | {"--only", "--outside", "--seed"}


def test_every_command_and_option_is_on_the_page() -> None:
    text = command_page()
    for name, command in all_commands().items():
        assert f"# {name}\n" in text
        words = {word for one in command.params if not one.hidden for word in one.opts}
        missing = [one for one in words if one.startswith("--") and f"`{one}" not in text]
        assert [one for one in missing if one != "--help" and f", {one}`" not in text] == []
