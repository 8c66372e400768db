"""A sandbox's accounts: what they hold, their ledgers, money put in or taken, and their keys.

An account that nobody used yet exists all the same: asking for it opens it, as its first request
would have. Its id is ``vendor/name``.
"""

from __future__ import annotations

import re
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from bodydouble.core.clock import iso_ms
from bodydouble.core.keys import Key
from bodydouble.core.money.amounts import AMOUNT_MAX, Currency
from bodydouble.core.money.ledger import Account, Entry
from bodydouble.core.provider import Provider
from bodydouble.sandbox import overrides
from bodydouble.sandbox.events import key_revoked
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
    provider_named,
)
from bodydouble.web.control.wire.bodies import NAME, Balance, NewKey, TopUp
from bodydouble.web.control.wire.problems import Problem, Wrong, invalid

KEYS_PER_SANDBOX_MAX = 1_000
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
    """One account's ledger, oldest first; or what of it is of one job."""
    offset, limit = page_of(request, "job")
    job = request.query_params.get("job")
    async with opened(app, request) as sandbox:
        account = await _found(sandbox, request)
        money = sandbox.providers[account.provider].currency
        if job is None:
            rows = await sandbox.tx.list(Entry, account.id, offset=offset, limit=limit)
            total = await sandbox.tx.count(Entry, account.id)
        else:
            found = [one for one in await sandbox.tx.list(Entry, account.id) if one.job == job]
            rows, total = found[offset : offset + limit], len(found)
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


async def keys(app: Services, request: Request) -> Response:
    """The keys that were made in the sandbox, by vendor, account and what is shown of them."""
    offset, limit = page_of(request)
    async with opened(app, request) as sandbox:
        # A pair goes with its key, which is listed.
        found = [key for key in await app.store.keys(sandbox.record.id) if not key.proof]
        found.sort(key=lambda key: (key.provider, key.account, key.hint, key.id))
        rows = [_key_body(sandbox, key) for key in found[offset : offset + limit]]
    return json_response({"keys": rows, "total": len(found)})


def _key_body(sandbox: OpenSandbox, key: Key) -> dict[str, Any]:
    """A key and its rights, without its secrets. A limit of None is the vendor's own."""
    ends_us, limit = key.expires_at_us, key.spending_limit
    money = sandbox.providers[key.provider].currency
    return {
        "key": key.hint,
        "provider": key.provider,
        "account": key.account,
        "scopes": None if key.scopes is None else list(key.scopes),
        "rate_limit": key.rate_limit,
        "spending_limit": None if limit is None else money.text(limit),
        "revoked": key.revoked,
        "expires_at": None if ends_us is None else iso_ms(ends_us),
        "expired": ends_us is not None and ends_us <= sandbox.now_us,
        "callback_url": key.callback_url or None,
    }


async def new_key(app: Services, request: Request) -> Response:
    """One more key, with the rights asked for; its secret is told here and never again."""
    asked = await asked_of(request, NewKey)
    provider = provider_named(app, asked.provider)
    id = request.path_params["sandbox"]
    wanted, limit = _amounts(provider, asked)
    _check_callback(app, provider, asked)
    there = [key for key in await app.store.keys(id) if not key.proof]
    if len(there) >= KEYS_PER_SANDBOX_MAX:
        raise Problem(409, f"there are {KEYS_PER_SANDBOX_MAX} keys already: make another sandbox")
    async with opened(app, request) as sandbox:
        account_id = f"{provider.name}/{asked.account}"
        if wanted is not None:
            account = await sandbox.account(provider, asked.account)
            await overrides.set_balance(sandbox, account, wanted)
            await sandbox.settle()
        rights = {
            "scopes": None if asked.scopes is None else tuple(asked.scopes),
            "revoked": asked.revoked,
            "expires_at_us": sandbox.now_us if asked.expired else None,
            "spending_limit": limit,
            "rate_limit": asked.rate_limit,
            "callback_url": asked.callback_url or "",
            "callback_secret": asked.callback_secret or "",
        }
        # Before whoever watches the sandbox is told that there is one more.
        secret = await app.registry.issue(provider, id, asked.account, rights)
        await sandbox.serial("keys")
    await after_commit(app, sandbox)
    if asked.revoked and provider.webhooks is not None:
        await _tell_revoked(app, request, provider, secret)
    return json_response({"key": secret, "account": account_id}, 201)


async def _tell_revoked(app: Services, request: Request, provider: Provider, secret: str) -> None:
    """A key that is made revoked has been revoked just now: whoever asked to be told is told."""
    key = await app.registry.find(provider, secret)
    async with opened(app, request) as sandbox:
        account = await sandbox.account(provider, key.account.partition("/")[2])
        await key_revoked(sandbox, account, key)
        await sandbox.settle()
    await after_commit(app, sandbox)


def _check_callback(app: Services, provider: Provider, asked: NewKey) -> None:
    """Problem 422 where the key's address would never be told, judged as a webhook's is."""
    if not asked.callback_url:
        named_later = provider.webhooks is not None and provider.webhooks.callbacks
        if asked.callback_secret and not named_later:
            raise invalid(Wrong("callback_secret", "goes with a callback_url, and there is none"))
        return
    if provider.webhooks is None:
        problem = f"{provider.title} sends no webhooks, so nothing would ever be sent there"
        raise invalid(Wrong("callback_url", problem))
    try:
        app.registry.targets.read(asked.callback_url)
    except ValueError as error:
        raise invalid(Wrong("callback_url", str(error))) from None


def _amounts(provider: Provider, asked: NewKey) -> tuple[int | None, int | None]:
    """Balance and spending limit in smallest units. Problem 422."""
    found: list[int | None] = []
    wrongs = []
    for field in ("balance", "spending_limit"):
        text = getattr(asked, field)
        found.append(None)
        if text is not None:
            try:
                found[-1] = provider.currency.parse(text)
            except ValueError as error:
                wrongs.append(Wrong(field, str(error)))
    if wrongs:
        raise invalid(*wrongs)
    return found[0], found[1]
