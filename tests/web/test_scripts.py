"""Prompts in scripts that the built-in font lacks, as the film shows them."""

from __future__ import annotations

import pytest
from PIL import Image

from bodydouble.web.media.drawing import scripts
from bodydouble.web.media.drawing.lettering import font, legible, length, wrapped, write

PROMPTS = {
    "Chinese": "寧靜的港口在黎明, 简体字也可以",
    "Japanese": "家族の物語、静かな港の夜明けに船が出る",
    "Arabic": "مرحبا بالعالم، قارب ورقي على البحيرة",
    "Devanagari": "नमस्ते दुनिया क्षत्रिय कार्तिक स्त्री हिन्दी",
}


def shaped(text: str) -> list[int]:
    return [number for number, *_ in scripts._glyphs(scripts.font_of(text[0]), text)[0]]


@pytest.mark.parametrize("script", PROMPTS)
def test_a_prompt_is_kept_as_it_is_and_every_letter_has_a_glyph(script: str) -> None:
    shown = legible(PROMPTS[script])
    assert shown.replace(",", "").replace("、", "") == PROMPTS[script].replace(",", "").replace(
        "、", ""
    )
    for name, text in scripts._runs(shown):
        assert not name or 0 not in [number for number, *_ in scripts._glyphs(name, text)[0]]


@pytest.mark.parametrize("script", PROMPTS)
def test_a_prompt_is_drawn_within_the_width_it_was_measured_by(script: str) -> None:
    for line in wrapped(legible(PROMPTS[script]), 24, 300, 3):
        image = Image.new("RGB", (400, 60))
        write(image, (0, 10), line, 24, (255, 255, 255))
        box = image.getbbox()
        assert box is not None, "nothing was drawn"
        assert 20 < box[2] <= round(length(line, 24)) + 2 <= 302


def test_arabic_is_joined_and_runs_from_right_to_left() -> None:
    joined, alone = shaped("ببب"), shaped("ب")
    assert len(set(joined)) == 3, "the first, the middle and the last letter have their own forms"
    assert alone[0] not in joined
    first, *_, last = [text for name, text in scripts._runs("ورق قارب") if name]
    assert (first, last) == ("قارب", "ورق")


def test_brackets_face_what_they_hold_in_either_direction() -> None:
    shown = "".join(text for name, text in scripts._runs("ورق (قارب)") if not name)
    assert [sign for sign in shown if sign in "()"] == ["(", ")"]


def test_devanagari_is_stacked_and_its_short_i_stands_before_its_letter() -> None:
    assert len(shaped("क्ष")) == 1
    assert shaped("कि") == [*shaped("ि")[-1:], *shaped("क")] or len(shaped("कि")) == 2
    assert shaped("कि")[-1] == shaped("क")[0]


def test_ideographs_break_without_blanks_and_no_line_begins_with_a_closing_sign() -> None:
    lines = wrapped(legible("港町の夜明け、船が出る。" * 4), 24, 200, 9)
    assert len(lines) > 2
    assert all(length(line, 24) <= 200 for line in lines)
    assert not [line for line in lines if line[0] in "、。"]


def test_a_prompt_in_latin_letters_loads_no_font_and_draws_what_pillow_draws() -> None:
    from PIL import ImageDraw

    ours, theirs = Image.new("RGB", (300, 40)), Image.new("RGB", (300, 40))
    write(ours, (3, 3), "An astronaut walks", 20, (255, 255, 255))
    ImageDraw.Draw(theirs).text((3, 3), "An astronaut walks", (255, 255, 255), font=font(20))
    assert ours.tobytes() == theirs.tobytes()


def test_the_same_prompt_is_drawn_the_same_way_every_time() -> None:
    drawn = set()
    for _ in range(2):
        image = Image.new("RGB", (600, 60))
        write(image, (0, 10), legible(" ".join(PROMPTS.values())), 24, (255, 255, 255))
        drawn.add(image.tobytes())
    assert len(drawn) == 1
