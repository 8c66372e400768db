"""Draws are frozen: these values hold in every version, or a seed would not replay everything."""

import uuid

from hypothesis import given
from hypothesis import strategies as st

from bodydouble.core.chance import ALNUM, HEX, Draw


def test_a_draw_gives_what_it_always_gave() -> None:
    draw = Draw(7, "job", 1)
    assert draw.text(12) == "3dd9aebd44a0"
    assert draw.uniform() == 0.07995377959266137
    assert draw.between(1, 6) == 6
    assert draw.uuid4() == "11bf9e81-4ff4-4ed5-ad87-3beb42e3f0f3"
    assert draw.choice("abc") == "b"


def test_the_draws_of_the_core_give_what_they_always_gave() -> None:
    assert Draw(0).take(8).hex() == "d74c65056e30b239"
    assert Draw(2**32 - 1, "timeline", "smartlyq", 3).uniform() == 0.2919426135509574
    assert Draw(7, "x").uuid6(1_785_058_882_000_000) == "1f188d62-9270-6d00-96f4-b6657cc75144"
    assert Draw(7, "media", "smartlyq", 1).between(0, 2**31 - 1) == 1_810_272_601
    assert Draw(7, "k").text(32, ALNUM) == "ztod703KWo3SgL26jsrnoljPa21vQfVV"


def test_purposes_do_not_disturb_each_other() -> None:
    draws = {Draw(seed, *purpose).text(32) for seed in (1, 2) for purpose in (("a",), ("b",), ())}
    assert len(draws) == 6
    assert Draw(1, "a", "b").text(32) != Draw(1, "ab").text(32)


def test_a_long_draw_does_not_repeat_itself() -> None:
    draw = Draw(1, "long")
    parts = [draw.take(16) for _ in range(1000)]
    assert len(set(parts)) == 1000


@given(st.integers(), st.integers(-(10**6), 10**6), st.integers(0, 10**6))
def test_a_number_lies_between_its_ends(seed: int, low: int, size: int) -> None:
    assert low <= Draw(seed).between(low, low + size) <= low + size


def test_both_ends_of_a_range_are_drawn() -> None:
    draw = Draw(3, "dice")
    assert {draw.between(1, 6) for _ in range(200)} == {1, 2, 3, 4, 5, 6}


@given(st.integers())
def test_a_uniform_draw_lies_in_its_interval(seed: int) -> None:
    assert 0 <= Draw(seed).uniform() < 1


def test_text_keeps_to_its_alphabet_and_length() -> None:
    for count in (0, 1, 31, 64):
        text = Draw(5, "text").text(count, ALNUM)
        assert len(text) == count
        assert set(text) <= set(ALNUM)
    assert set(Draw(5, "hex").text(64)) <= set(HEX)


@given(st.integers())
def test_a_uuid4_is_one(seed: int) -> None:
    drawn = Draw(seed).uuid4()
    assert str(uuid.UUID(drawn)) == drawn
    assert uuid.UUID(drawn).version == 4
    assert uuid.UUID(drawn).variant == uuid.RFC_4122


# Sixty bits last until the year 5236.
@given(st.integers(0, 100_000_000_000_000_000))
def test_a_uuid6_carries_its_instant(at_us: int) -> None:
    drawn = Draw(at_us).uuid6(at_us)
    digits = drawn.replace("-", "")
    assert digits[12] == "6"
    assert uuid.UUID(drawn).variant == uuid.RFC_4122
    # RFC 9562, 5.6: 60 bits of 100 ns since 1582-10-15, the highest first.
    ticks = int(digits[:12] + digits[13:16], 16)
    assert ticks == at_us * 10 + 0x01B21DD213814000


def test_uuid6_sort_by_their_instants() -> None:
    drawn = [Draw(n, "id").uuid6(n * 1_000_003) for n in range(100)]
    assert drawn == sorted(drawn)


@given(st.integers(0, 64), st.integers(0, 5))
def test_a_stream_is_read_again_from_a_place(place: int, before: int) -> None:
    begun, fresh = Draw(7, "a"), Draw(7, "a").take(64)
    for _ in range(before):
        begun.take(40)
    assert begun.at(place).take(64 - place) == fresh[place:]
    assert begun.take(8) == Draw(7, "a").at(64).take(8), "what follows is another stream's"
