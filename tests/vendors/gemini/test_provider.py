"""Gemini has words for all that the core can say, and plays its golden exchanges."""

from bodydouble.providers.gemini import PROVIDER
from bodydouble.testing import check_provider


def test_the_provider_is_complete() -> None:
    check_provider(PROVIDER)
