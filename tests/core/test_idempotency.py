"""What makes two requests the same, and how long a first answer counts."""

import pytest

from understudy.core.clock import DAY_US
from understudy.core.idempotency import Remembered, fingerprint, still_counts


def test_a_request_is_the_same_only_to_the_last_byte() -> None:
    prints = {
        fingerprint(method, path, body)
        for method in ("POST", "PUT")
        for path in ("/v1/a", "/v1/b")
        for body in (b"", b"{}", b"{ }")
    }
    assert len(prints) == 12


def test_parts_do_not_run_into_each_other() -> None:
    assert fingerprint("POST", "/a", b"b") != fingerprint("POST", "/ab", b"")


def test_a_fingerprint_is_what_it_always_was() -> None:
    assert fingerprint("POST", "/v1/videos/generate", b"{}") == "0e289ec1185b7c9c1c8bba108f5c6b0e"


@pytest.mark.parametrize(
    ("age_us", "counts"), [(0, True), (DAY_US - 1, True), (DAY_US, False), (DAY_US + 1, False)]
)
def test_an_answer_counts_for_its_lifetime_and_not_an_instant_longer(
    age_us: int, counts: bool
) -> None:
    memory = Remembered("account:key", "f", 1000, 202, (), b"{}")
    assert still_counts(memory, 1000 + age_us, DAY_US) is counts
