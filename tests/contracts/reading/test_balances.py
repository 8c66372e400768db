"""The expected balances say nothing of purchases that the profile does not know."""

from __future__ import annotations

import json

import pytest

from bodydouble_contracts.history.exchanges import Exchange, History, Reply, Request
from bodydouble_contracts.reading.view import View
from bodydouble_contracts.vendors.reader import load

ROOT = "/leonardo/api/rest/v1"


def read(balance: int) -> tuple[str, str, int, object]:
    account = {"apiPaidTokens": 0, "apiSubscriptionTokens": balance, "user": {"id": "u"}}
    return "GET", "/me", 200, {"user_details": [account]}


def intervals(*calls: tuple[str, str, int, object]) -> list[bool]:
    """Whether each pair of readings was right, of those anything is expected of."""
    steps = []
    for tick, (method, path, status, body) in enumerate(calls):
        reply = Reply(status, (("Content-Type", "application/json"),), json.dumps(body).encode())
        asked = Request(method, ROOT + path)
        steps.append(Exchange(asked, reply, 2 * tick, 2 * tick + 1, tick))
    view = View(History("leonardo", steps=tuple(steps)), load("leonardo"))
    return [one.right for one in view.balances.get("main", [])]


IMAGES = ("POST", "/generations", 200, {"sdGenerationJob": {"generationId": "g"}})


def test_a_purchase_the_profile_does_not_know_is_no_broken_promise() -> None:
    assert intervals(read(100), IMAGES, read(76), read(76)) == [True]


@pytest.mark.parametrize("between", [(), (("POST", "/generations", 400, {"error": "no"}),)])
def test_money_that_goes_by_itself_or_for_a_refusal_is_one(
    between: tuple[tuple[str, str, int, object], ...],
) -> None:
    assert intervals(read(100), *between, read(76)) == [False]
