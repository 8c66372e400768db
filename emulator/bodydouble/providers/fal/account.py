"""fal's platform API as far as money goes: the account's credits, the prices of apps; and the keys
that webhooks are signed with.

Sources: fal.ai/docs/platform-apis/v1/account/billing.md (read 2026-11), clients' code for prices.
How that API words its errors is an assumption.
"""

from __future__ import annotations

from bodydouble.core.account_view import AccountView
from bodydouble.core.wire import Call, Reply
from bodydouble.providers.fal.catalogue import MONEY, apps


async def billing(call: Call, view: AccountView) -> Reply:
    """Who the account is, and what it holds where that is asked for."""
    account = view.account
    told: dict[str, object] = {"username": f"user-{account.number}"}
    if "credits" in _listed(call, "expand"):
        balance = float(MONEY.text(account.balance))
        told["credits"] = {"current_balance": balance, "currency": MONEY.name}
    return Reply(200, told)


async def pricing(call: Call, view: AccountView) -> Reply:
    """What a unit costs of the apps asked for, or of all."""
    asked = _listed(call, "endpoint_id")
    prices = [
        {
            "endpoint_id": app.id,
            "unit_price": float(app.unit_price),
            "unit": app.price["unit"],
            "currency": MONEY.name,
        }
        for app in apps().values()
        if not asked or app.id in asked
    ]
    return Reply(200, {"prices": prices, "next_cursor": None, "has_more": False})


def _listed(call: Call, name: str) -> list[str]:
    """What a parameter names: it may be repeated, and a value may be several with commas."""
    return [one for value in call.query_all(name) for one in value.split(",") if one]
