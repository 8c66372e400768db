"""The life of a job is a table, and the diagram in the docs is drawn from it."""

from pathlib import Path

import pytest

from bodydouble.core.lifecycle import FINAL, TRANSITIONS, Event, State, diagram, step

PAGE = Path(__file__).resolve().parents[2] / "docs" / "lifecycle.md"
# Written by hand: what is not here must be impossible.
ALLOWED = {
    ("queued", "start", "running"),
    ("queued", "fail", "failed"),
    ("queued", "cancel", "canceled"),
    ("running", "succeed", "succeeded"),
    ("running", "fail", "failed"),
    ("running", "cancel", "canceled"),
}


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("event", Event)
def test_a_step_leads_where_the_diagram_says_and_else_nowhere(state: State, event: Event) -> None:
    after = {(a, by): to for a, by, to in ALLOWED}
    assert step(state, event) == after.get((state.value, event.value))


def test_the_final_states_are_those_nothing_leads_out_of() -> None:
    assert {State.SUCCEEDED, State.FAILED, State.CANCELED} == FINAL


def test_every_state_is_reached_from_the_queue() -> None:
    reached = {State.QUEUED}
    for _ in State:
        reached |= {to for (a, _), to in TRANSITIONS.items() if a in reached}
    assert reached == set(State)


def test_the_diagram_shows_every_transition_every_end_and_one_beginning() -> None:
    arrows = [line.strip() for line in diagram().splitlines()[1:]]
    assert arrows.count("[*] --> queued") == 1
    assert {line for line in arrows if ":" in line} == {
        f"{a} --> {b}: {by}" for a, by, b in ALLOWED
    }
    assert {line for line in arrows if line.endswith("[*]")} == {f"{one} --> [*]" for one in FINAL}


def test_the_page_in_the_docs_shows_the_diagram_as_it_is() -> None:
    assert f"```mermaid\n{diagram()}\n```" in PAGE.read_text(encoding="utf-8")
