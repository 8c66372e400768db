"""The written pages of the reference leave nothing out that the code knows."""

from __future__ import annotations

import re

from bodydouble.core.errors import Cause
from bodydouble.core.scenarios.directives import REFUSABLE
from bodydouble.core.scenarios.endings import Ending
from bodydouble.core.scenarios.faults import KINDS
from bodydouble.core.scenarios.scenario import SCENARIOS
from bodydouble.web.control.scenario_files import scenario_files
from docs.site.pages import DOCS


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
