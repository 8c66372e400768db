"""A signed link works as it was given, for as long as it was given, and in its own sandbox."""

from urllib.parse import parse_qsl

import pytest

from bodydouble.core.clock import DAY_US, SECOND_US
from bodydouble.core.links import LinkRules, signed_query, still_works

RULES = LinkRules(60 * SECOND_US, "_jwt")
PATH = "box/job_1/video.mp4"


def token(rules: LinkRules = RULES, seed: int = 1, path: str = PATH, now_us: int = 0) -> str:
    ((name, value),) = parse_qsl(signed_query(rules, seed, path, now_us).removeprefix("?"))
    assert name == rules.parameter
    return value


def test_a_signed_link_works_until_its_own_time_is_over() -> None:
    early, late = token(now_us=0), token(now_us=SECOND_US)
    assert early != late
    assert still_works(RULES, 1, PATH, early, 60 * SECOND_US - 1)
    assert not still_works(RULES, 1, PATH, early, 60 * SECOND_US)
    assert still_works(RULES, 1, PATH, late, 60 * SECOND_US)
    assert token(now_us=SECOND_US) == late


def test_the_end_may_be_rounded_up_and_may_be_never() -> None:
    days = LinkRules(DAY_US, "s", whole_us=DAY_US)
    for now_us in (1, DAY_US // 2, DAY_US):
        assert still_works(days, 1, PATH, token(days, now_us=now_us), 2 * DAY_US - 1)
        assert not still_works(days, 1, PATH, token(days, now_us=now_us), 2 * DAY_US)
    for_good = LinkRules(None, "s")
    assert still_works(for_good, 1, PATH, token(for_good), 10**18)


@pytest.mark.parametrize(
    "wrong", ["", ".", "0", "0.", "x.y", token()[:-1], token()[1:], "f" + token(), "é.é", "9" * 999]
)
def test_whatever_was_not_given_does_not_work(wrong: str) -> None:
    assert not still_works(RULES, 1, PATH, wrong, 0)


def test_a_link_is_for_one_file_of_one_sandbox() -> None:
    assert still_works(RULES, 1, PATH, token(), 0)
    assert not still_works(RULES, 1, "box/job_2/video.mp4", token(), 0)
    assert not still_works(RULES, 2, PATH, token(), 0)
