"""Whatever a client writes becomes text that a film can show."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bodydouble.web.media.drawing.lettering import fitted, legible, wrapped
from bodydouble.web.media.drawing.scripts import JOINERS, font_of
from tests.web.films import PLAN, drawn

if TYPE_CHECKING:
    from pathlib import Path


@given(prompt=st.text(max_size=300))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_text_becomes_text_the_font_can_draw(prompt: str) -> None:
    """Controls, directions, joiners and foreign scripts included."""
    shown = legible(prompt)
    assert shown.isprintable()
    ours = {sign for sign in shown if font_of(sign) or sign in JOINERS}
    assert set(shown) - ours - set(map(chr, range(128))) <= set("“”…·±°™«»´‘’‹›⁄©")
    for line in wrapped(shown, 20, 200, 3):
        assert fitted(line, 20, 200) == line


@pytest.mark.parametrize(
    "prompt",
    [
        pytest.param("\x00\x1b[31m\r\n", id="controls"),
        pytest.param("\u202egnihtyna \u2066x", id="directions"),
        pytest.param("\U0001f600\U0001f468\u200d\U0001f469" * 20, id="emoji"),
        pytest.param("\ud83d half", id="surrogate"),
        pytest.param("W" * 5_000, id="long"),
        pytest.param("猫" * 50, id="script"),
        pytest.param(" ", id="blank"),
    ],
)
def test_a_hostile_prompt_still_gives_a_video(prompt: str, tmp_path: Path) -> None:
    """From the plan to the file."""
    plan = replace(PLAN, prompt=prompt, model=prompt, label=prompt, fps=2, audio=False)
    assert drawn(plan, tmp_path / "x.mp4").stat().st_size > 0


def test_accents_fold_and_foreign_scripts_are_counted() -> None:
    """A reader sees as much as the font can say."""
    assert legible("Ein Bär läuft — naïve café") == "Ein Bar lauft - naive cafe"
    assert legible("\u0e01" * 24) == "[24 characters in a script this picture cannot show]"
