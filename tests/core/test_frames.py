"""Names of frame sizes become even pixels that fit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bodydouble.core.media.frames import LONG_SIDE_MAX, frame_size
from bodydouble.core.media.plan import PIXELS_MAX, SIDE_MIN


@pytest.mark.parametrize(
    ("ratio", "short_side", "size"),
    [
        ("16:9", 720, (1280, 720)),
        ("16:9", 1080, (1920, 1080)),
        ("9:16", 1080, (1080, 1920)),
        ("1:1", 480, (480, 480)),
        ("4:3", 540, (720, 540)),
        ("3:4", 540, (540, 720)),
        ("16:9", 2160, (3840, 2160)),
        ("21:9", 2160, (3840, 1646)),
        ("16:9", 480, (854, 480)),
        ("16:9", 360, (640, 360)),
    ],
)
def test_a_name_becomes_the_pixels_people_mean(
    ratio: str, short_side: int, size: tuple[int, int]
) -> None:
    assert frame_size(ratio, short_side) == size


@given(
    st.integers(1, 32), st.integers(1, 32), st.sampled_from([360, 480, 540, 720, 1080, 1440, 2160])
)
def test_every_size_is_even_and_lies_the_way_it_was_asked(
    across: int, down: int, short_side: int
) -> None:
    width, height = frame_size(f"{across}:{down}", short_side)
    assert width % 2 == height % 2 == 0
    assert max(width, height) <= LONG_SIDE_MAX
    assert min(width, height) >= 2
    assert (width >= height) == (across >= down) or width == height


@pytest.mark.parametrize("ratio", ["16:9", "9:16", "1:1", "4:3", "3:4", "21:9"])
@pytest.mark.parametrize("short_side", [360, 480, 540, 720, 768, 1080, 2160])
def test_every_size_vendors_sell_can_be_drawn(ratio: str, short_side: int) -> None:
    width, height = frame_size(ratio, short_side)
    assert min(width, height) >= SIDE_MIN
    assert width * height <= PIXELS_MAX
