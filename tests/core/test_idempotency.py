"""What makes two requests the same, and how long a first answer counts."""

import pytest

from bodydouble.core.clock import DAY_US
from bodydouble.core.idempotency import Remembered, fingerprint, still_counts


def test_another_method_path_or_value_is_another_request() -> None:
    bodies = (b"", b"{", b"{ ", b'{"a": 1}', b'{"a": 1.0}', b'{"a": true}', b'{"a": "1"}', b"[1]")
    prints = {
        fingerprint(method, path, body)
        for method in ("POST", "PUT")
        for path in ("/v1/a", "/v1/b")
        for body in bodies
    }
    assert len(prints) == 4 * len(bodies)


def test_a_json_body_is_the_same_however_it_is_spelled() -> None:
    spelled = (b'{"a":1,"b":"\xc3\xa9"}', b'{"b": "\\u00e9",\n "a": 1}')
    assert len({fingerprint("POST", "/v1/a", body) for body in spelled}) == 1


def test_a_body_nested_beyond_reading_still_has_a_fingerprint() -> None:
    deep = b"[" * 100_000
    assert fingerprint("POST", "/a", deep) != fingerprint("POST", "/a", deep + b"[")


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
