"""SmartlyQ's account operations: who am I, what did I spend, what is left.

Sources: OAS of 2026-08-05, guides/billing-and-credits, guides/workspaces. Plan, names and the
recharge settings are constants of ours in documented shapes.
"""

from __future__ import annotations

from datetime import UTC, datetime

from bodydouble.core.account_view import AccountView
from bodydouble.core.clock import DAY_US, iso_s, moment
from bodydouble.core.money.ledger import EntryKind
from bodydouble.core.wire import Call, Reply
from bodydouble.providers.smartlyq.errors import MONEY
from bodydouble.providers.smartlyq.replies import respond

_PERIODS_DAYS = {"today": 1, "7d": 7, "30d": 30, "90d": 90}


async def get_me(call: Call, view: AccountView) -> Reply:
    """Who the key belongs to."""
    account = view.account
    name = f"Tester {account.number}"
    return respond(
        call,
        {
            "id": account.number,
            "name": name,
            "email": f"tester{account.number}@example.com",
            "plan": "pro",
            "created_at": iso_s(account.opened_at_us),
            "workspaces": [{"id": account.number, "name": f"{name}'s workspace"}],
        },
    )


async def get_usage(call: Call, view: AccountView) -> Reply:
    """Requests and credits spent in a period."""
    period = call.query.get("period", "30d")
    if period != "all" and period not in _PERIODS_DAYS:
        # No refusal is documented here, so an unknown period is read as the default one.
        period = "30d"
    days = _PERIODS_DAYS.get(period)
    since_us = 0 if days is None else view.now_us - days * DAY_US
    if period == "today":
        since_us = view.now_us // DAY_US * DAY_US
    spent = sum(
        -entry.amount
        for entry in await view.entries(since_us=since_us)
        if entry.kind is not EntryKind.TOP_UP
    )
    requests = await view.exchanges(since_us=since_us)
    return respond(
        call,
        {
            "total_requests": len(requests),
            "total_credits_used": float(MONEY.text(spent)),
        },
    )


async def get_balance(call: Call, view: AccountView) -> Reply:
    """The wallet and its two buckets."""
    account = view.account
    return respond(
        call,
        {
            "balance": MONEY.text(account.balance),
            "purchased_balance": MONEY.text(account.bucket("purchased")),
            "monthly_balance": MONEY.text(account.bucket("monthly")),
            "monthly_reset_at": _next_month(view.now_us),
            "currency": "USD",
        },
    )


async def get_billing(call: Call, view: AccountView) -> Reply:
    """Wallet, cycle, recharge and payment in one."""
    account = view.account
    return respond(
        call,
        {
            "currency": "USD",
            "balance": {
                "total": MONEY.text(account.balance),
                "purchased": MONEY.text(account.bucket("purchased")),
                "monthly": MONEY.text(account.bucket("monthly")),
            },
            "cycle": {"monthly_reset_at": _next_month(view.now_us)},
            "auto_recharge": {
                "enabled": False,
                "below": "5.0000",
                "amount": "25.0000",
                "active": False,
            },
            "payment": {"card_on_file": True, "status": "ok"},
        },
    )


def _next_month(now_us: int) -> str:
    now = moment(now_us)
    later = (now.year + 1, 1) if now.month == 12 else (now.year, now.month + 1)
    return f"{datetime(*later, 1, tzinfo=UTC):%Y-%m-%dT%H:%M:%SZ}"
