"""A sandbox's accounts: what they hold, every entry of their ledgers, and money put in or taken.

An account that nobody used yet exists all the same: asking for it opens it, as its first request
would have. Its id is ``vendor/name``.
"""

from __future__ import annotations

import re
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from bodydouble.core.clock import iso_ms
from bodydouble.core.money.amounts import AMOUNT_MAX, Currency
from bodydouble.core.money.ledger import Account, Entry
from bodydouble.core.provider import Provider
from bodydouble.sandbox import overrides
from bodydouble.sandbox.open_sandbox import OpenSandbox
from bodydouble.web.control.wire.access import (
    Services,
    after_commit,
    asked_of,
    json_response,
    known_query,
    not_found,
    opened,
    page_of,
)
from bodydouble.web.control.wire.bodies import NAME, Balance, TopUp
from bodydouble.web.control.wire.problems import Problem, Wrong, invalid

_NAME = re.compile(NAME)


async def listed(app: Services, request: Request) -> Response:
    """Every account that was used."""
    offset, limit = page_of(request)
    async with opened(app, request) as sandbox:
        accounts = await sandbox.tx.list(Account, offset=offset, limit=limit)
        total = await sandbox.tx.count(Account)
        return json_response(
            {"accounts": [account_body(sandbox, one) for one in accounts], "total": total}
        )


async def read_one(app: Services, request: Request) -> Response:
    """One account."""
    known_query(request)
    async with opened(app, request) as sandbox:
        return json_response(account_body(sandbox, await _found(sandbox, request)))


async def entries(app: Services, request: Request) -> Response:
    """One account's ledger, oldest first."""
    offset, limit = page_of(request)
    async with opened(app, request) as sandbox:
        account = await _found(sandbox, request)
        money = sandbox.providers[account.provider].currency
        rows = await sandbox.tx.list(Entry, account.id, offset=offset, limit=limit)
        total = await sandbox.tx.count(Entry, account.id)
    return json_response({"entries": [_entry_body(row, money) for row in rows], "total": total})


async def add(app: Services, request: Request) -> Response:
    """Puts money in."""
    asked = await asked_of(request, TopUp)
    async with opened(app, request) as sandbox:
        account = await _found(sandbox, request)
        amount = _amount(sandbox.providers[account.provider], asked.amount)
        if account.balance + amount > AMOUNT_MAX:
            raise Problem(409, f"{account.id} would hold more than a wallet can")
        body = account_body(
            sandbox, await overrides.add_money(sandbox, account, amount, asked.bucket)
        )
        await sandbox.settle()
    await after_commit(app, sandbox)
    return json_response(body, 201)


async def put_balance(app: Services, request: Request) -> Response:
    """Makes the balance what it is asked to be."""
    asked = await asked_of(request, Balance)
    async with opened(app, request) as sandbox:
        account = await _found(sandbox, request)
        amount = _amount(sandbox.providers[account.provider], asked.amount)
        body = account_body(sandbox, await overrides.set_balance(sandbox, account, amount))
        await sandbox.settle()
    await after_commit(app, sandbox)
    return json_response(body)


async def _found(sandbox: OpenSandbox, request: Request) -> Account:
    id = request.path_params["account"]
    vendor, _, name = id.partition("/")
    if vendor not in sandbox.providers or not _NAME.match(name):
        raise not_found("account", id)
    return await sandbox.account(sandbox.providers[vendor], name)


def _amount(provider: Provider, text: str) -> int:
    try:
        return provider.currency.parse(text)
    except ValueError as error:
        raise invalid(Wrong("amount", str(error))) from None


def account_body(sandbox: OpenSandbox, account: Account) -> dict[str, Any]:
    """An account with its buckets, in the vendor's own money."""
    money = sandbox.providers[account.provider].currency
    return {
        "id": account.id,
        "provider": account.provider,
        "currency": money.name,
        "balance": money.text(account.balance),
        "buckets": {name: money.text(amount) for name, amount in account.buckets},
        "running": account.running,
        "waiting": account.waiting,
        "opened_at": iso_ms(account.opened_at_us),
    }


def _entry_body(entry: Entry, money: Currency) -> dict[str, Any]:
    return {
        "id": entry.id,
        "serial": entry.order,
        "kind": entry.kind.value,
        "amount": money.text(entry.amount),
        "postings": {place: money.text(amount) for place, amount in entry.postings},
        "job": entry.job or None,
        "at": iso_ms(entry.at_us),
        "balance_after": money.text(entry.balance_after),
    }
