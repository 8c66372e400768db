"""Refusals of the gateways that only a history brings about: they leave nothing behind."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.hostile.targets import Ask, Session, target
from tests.vendors.newapi.gateways import BOTH, png


@pytest.mark.parametrize("name", [one.name for one in BOTH])
def test_a_picture_that_came_with_an_order_nobody_can_pay_is_not_kept(name: str) -> None:
    session = Session(target(name))
    order = {**session.target.order, "image": png(400, 400)}

    def asks() -> Iterator[tuple[int, Ask]]:
        for amount in ("0", "0.0001"):
            session.plane("PUT", f"/accounts/{name}/main/balance", {"amount": amount})
            yield 403, lambda: session.ask("POST", session.target.path, json=order)

    assert session.refusals(asks()) == 2
    session.close()


def test_unknown_members_are_ignored_at_one_of_them() -> None:
    session = Session(target(BOTH[1].name))
    assert session.order(unknown={"a": [1]}, webhook_url="http://127.0.0.1/")
    session.close()
