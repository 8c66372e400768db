"""The plan names its file: what is in it decides the digest, and nothing else does."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import pytest

from bodydouble.core.media.plan import DURATION_MAX_MS, SIDE_MAX, MediaPlan, Picture

PLAN = MediaPlan(
    width=1280,
    height=720,
    fps=24,
    duration_ms=5_000,
    audio=False,
    seed=7,
    prompt="a fox",
    model="kling-v2-1",
    label="job-1",
)
OTHER: dict[str, Any] = {
    "width": 1281,
    "height": 721,
    "fps": 25,
    "duration_ms": 5_001,
    "audio": True,
    "seed": 8,
    "prompt": "a fox ",
    "model": "kling",
    "label": "job-2",
    "first_frame": Picture("seeded", "1"),
    "last_frame": Picture("seeded", "1"),
}


def test_a_digest_never_changes_between_releases() -> None:
    """A kept folder would otherwise be rendered anew by every release."""
    assert PLAN.digest() == "540b3d50db8320415f66bf9993cd347e"


def test_every_field_of_a_plan_is_in_its_digest() -> None:
    """Two plans that differ anywhere are two files."""
    assert set(OTHER) == {field.name for field in fields(MediaPlan)}
    digests = {replace(PLAN, **{name: value}).digest() for name, value in OTHER.items()}
    assert len(digests | {PLAN.digest()}) == len(OTHER) + 1


def test_the_kind_of_a_picture_is_in_the_digest() -> None:
    """An uploaded picture and a seed of the same spelling are not the same picture."""
    blob, seeded = (replace(PLAN, first_frame=Picture(k, "1")) for k in ("blob", "seeded"))
    assert blob.digest() != seeded.digest()


def test_a_prompt_with_half_a_surrogate_has_a_digest() -> None:
    """JSON may carry one, so a plan may too."""
    assert len(replace(PLAN, prompt="\ud83d").digest()) == 32


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("width", 15),
        ("height", SIDE_MAX + 1),
        ("fps", 0),
        ("fps", 61),
        ("duration_ms", 0),
        ("duration_ms", DURATION_MAX_MS + 1),
    ],
)
def test_a_number_out_of_bounds_is_refused_by_name(field: str, value: Any) -> None:
    """Whoever built the plan reads which field it was."""
    with pytest.raises(ValueError, match=field):
        replace(PLAN, **{field: value})


def test_an_odd_side_is_coded_one_pixel_larger() -> None:
    """Colour at half size needs even sides."""
    assert replace(PLAN, width=1279, height=719).coded_size == (1280, 720)
    assert PLAN.coded_size == (1280, 720)


def test_a_duration_within_a_frame_counts_that_frame() -> None:
    """The last frame is then shorter."""
    assert replace(PLAN, fps=25, duration_ms=1_500).frame_count == 38
    assert PLAN.frame_count == 120
