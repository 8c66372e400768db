"""The filmmaker against the emulator: every way an order can go, and what it costs."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest
from filmmaker import (
    Failed,
    Filmmaker,
    NoFilm,
    Objectionable,
    TooLate,
    TooPoor,
    Unreachable,
)

from bodydouble.testing import Sandbox


@pytest.fixture
def filmmaker(bodydouble: Sandbox) -> Iterator[Filmmaker]:
    vendor = bodydouble.smartlyq
    maker = Filmmaker(vendor.key, vendor.base_url, sleep=bodydouble.clock.sleep)
    yield maker
    maker.close()


def test_a_film_is_ordered_awaited_and_downloaded(
    bodydouble: Sandbox, filmmaker: Filmmaker
) -> None:
    film = filmmaker.film("a curtain rises")
    assert filmmaker.download(film)[4:8] == b"ftyp"
    assert bodydouble.spend.net("smartlyq") == Decimal(film.cost)
    bodydouble.lint()


def test_a_reply_lost_after_acceptance_is_asked_for_again_and_paid_once(
    bodydouble: Sandbox, filmmaker: Filmmaker
) -> None:
    bodydouble.faults.add("acceptance", "reset", operation="generateVideo", times=1)
    filmmaker.film("a curtain rises")
    bodydouble.requests.assert_called(operation="generateVideo", times=2)
    assert bodydouble.spend["smartlyq"].charges == 1
    bodydouble.lint()


@pytest.mark.bodydouble(balance={"smartlyq": "0.0500"})
def test_an_empty_wallet_is_told_with_what_is_missing(
    bodydouble: Sandbox, filmmaker: Filmmaker
) -> None:
    with pytest.raises(TooPoor) as caught:
        filmmaker.film("a curtain rises")
    assert caught.value.details
    bodydouble.requests.assert_called(operation="generateVideo", times=1)
    assert not bodydouble.spend


def test_a_429_is_waited_out_for_as_long_as_it_says(
    bodydouble: Sandbox, filmmaker: Filmmaker
) -> None:
    bodydouble.faults.add("arrival", "status", status=429, retry_after_s=30, times=2)
    before = bodydouble.clock.read()["now_us"]
    filmmaker.order("a curtain rises")
    assert bodydouble.clock.read()["now_us"] - before == 60_000_000
    bodydouble.lint()
    bodydouble.clock.until_idle()
    filmmaker.wait(bodydouble.jobs.all()[0]["id"])


@pytest.mark.bodydouble(scenario="moderated", max_spend="0.00")
def test_moderation_after_acceptance_is_no_failure_to_try_again(
    bodydouble: Sandbox, filmmaker: Filmmaker
) -> None:
    with pytest.raises(Objectionable):
        filmmaker.film("a curtain rises")
    bodydouble.requests.assert_called(operation="generateVideo", times=1)


@pytest.mark.bodydouble(scenario="failed", max_spend="0.00")
def test_a_failure_at_the_provider_is_told_and_refunded(
    bodydouble: Sandbox, filmmaker: Filmmaker
) -> None:
    with pytest.raises(Failed):
        filmmaker.film("a curtain rises")
    assert bodydouble.accounts.get("smartlyq")["balance"] == "15.0000"
    assert bodydouble.spend["smartlyq"].refunded > 0


@pytest.mark.bodydouble(
    scenario="stuck", orphans="error", quirks={"smartlyq.cancel_refund": "always"}
)
def test_a_film_that_never_ends_is_given_up_and_cancelled(
    bodydouble: Sandbox, filmmaker: Filmmaker
) -> None:
    with pytest.raises(TooLate):
        filmmaker.film("a curtain rises")
    bodydouble.requests.assert_called(operation="cancelJob", times=1)
    bodydouble.lint()


@pytest.mark.bodydouble(scenario="expired-media")
def test_an_address_that_has_expired_is_asked_for_anew_once(
    bodydouble: Sandbox, filmmaker: Filmmaker
) -> None:
    film = filmmaker.film("a curtain rises")
    with pytest.raises(NoFilm, match="403"):
        filmmaker.download(film)
    bodydouble.requests.assert_called(operation="getJob", path=f"*{film.job}", status=200)


@pytest.mark.bodydouble(scenario="outage")
def test_an_outage_is_told_after_five_attempts(bodydouble: Sandbox, filmmaker: Filmmaker) -> None:
    with pytest.raises(Unreachable, match="5 times"):
        filmmaker.film("a curtain rises")
    bodydouble.requests.assert_called(operation="generateVideo", times=5)
    assert not bodydouble.spend


def test_a_reply_that_is_cut_in_half_is_asked_for_again(
    bodydouble: Sandbox, filmmaker: Filmmaker
) -> None:
    bodydouble.faults.add("departure", "truncated", operation="getJob", times=1)
    bodydouble.faults.add("departure", "garbage", operation="generateVideo", times=1)
    filmmaker.film("a curtain rises")
    assert bodydouble.spend["smartlyq"].charges == 1
    bodydouble.lint()
