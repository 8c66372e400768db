"""Every cause is said somehow: by its own words, or by those of the cause it is most like."""

import pytest

from bodydouble.core.errors import SAID_AS, Cause, every_cause

NEEDED = set(Cause) - set(SAID_AS)


def test_the_causes_that_every_vendor_speaks_are_few() -> None:
    expected = {"NO_KEY", "NO_ROUTE", "INVALID", "NOT_FOUND", "FUNDS", "RATE", "INTERNAL"}
    assert {cause.name for cause in NEEDED} == expected


def test_what_has_no_words_is_said_as_what_it_is_most_like() -> None:
    words = every_cause({cause: cause.value for cause in NEEDED})
    assert set(words) == set(Cause)
    assert words[Cause.EXPIRED_KEY] == "no_key"
    assert words[Cause.CONTENT_TYPE] == "invalid"
    own = every_cause({**{cause: cause.value for cause in NEEDED}, Cause.BAD_BODY: "mine"})
    assert (own[Cause.CONTENT_TYPE], own[Cause.HEADER]) == ("mine", "invalid")


@pytest.mark.parametrize("missing", sorted(NEEDED))
def test_a_cause_that_is_like_no_other_needs_words(missing: Cause) -> None:
    with pytest.raises(ValueError, match=missing.name):
        every_cause({cause: cause.value for cause in NEEDED - {missing}})
