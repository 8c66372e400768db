"""Sandboxes: made, listed, read, forgotten; and the keys that open them."""

from __future__ import annotations

import logging
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import Response

from understudy import steering
from understudy.announcements import key_revoked
from understudy.core.clock import LATEST_US, iso_ms, parse_instant
from understudy.core.provider import Provider
from understudy.core.sandboxes import APART, Sandbox
from understudy.web.control.bodies import NewKey, NewSandbox, read
from understudy.web.control.problems import Problem, Wrong, invalid
from understudy.web.control.rooms import (
    body_of,
    known_query,
    opened,
    page_of,
    provider_named,
    said,
    told,
)
from understudy.web.control.scenario import chosen, staged
from understudy.web.opening import bad_balances, bad_quirks
from understudy.web.registry import Full, real_us

if TYPE_CHECKING:
    from understudy.web.app import Understudy

log = logging.getLogger("understudy")


async def create(understudy: Understudy, request: Request) -> Response:
    """A fresh sandbox and one ready key per vendor. 503 where there are too many already."""
    known_query(request)
    asked = read(NewSandbox, await body_of(request))
    record = _record(understudy, asked)
    name, script = chosen(
        asked.scenario or record.scenario, asked.parameters, None, field="scenario"
    )
    record = staged(record, name, script)
    try:
        await understudy.registry.make_room()
    except Full as full:
        raise Problem(503, str(full)) from None
    async with understudy.store.transaction(record.id) as tx:
        tx.put(record)
        if script is not None:
            tx.put(script)
        understudy.registry.used(record.id)
    return said(await introduced(understudy, record), 201, located(record))


def located(record: Sandbox) -> dict[str, str]:
    """The header that says where a new sandbox is."""
    return {"location": f"/_understudy/sandboxes/{record.id}"}


async def introduced(understudy: Understudy, record: Sandbox) -> dict[str, Any]:
    """A new sandbox's body, with one fresh key per vendor."""
    registry = understudy.registry
    keys = {}
    for name in understudy.providers:
        try:
            provider = understudy.providers[name]
        except (ImportError, AttributeError):
            # A stranger's vendor that does not load must not keep the others from being tested.
            log.exception("%s cannot be loaded, so the sandbox gets no key for it", name)
            continue
        keys[name] = await registry.issue(provider, record.id)
    return {**sandbox_body(understudy, record), "keys": keys}


def _record(understudy: Understudy, asked: NewSandbox) -> Sandbox:
    """The record as asked for, over the server's settings. Problem 422 lists what is wrong."""
    wrongs = _bad_opening(understudy, asked)
    start_us: int | None = None
    if asked.start is not None:
        with suppress(ValueError, OverflowError):
            start_us = parse_instant(asked.start)
        if start_us is None or not 0 <= start_us <= LATEST_US:
            wrongs.append(Wrong("start", f"{asked.start!r} is no instant from 1970 to 9999"))
    if wrongs:
        raise invalid(*wrongs)
    record = understudy.registry.fresh(understudy.registry.new_id())
    clock = record.clock
    if start_us is not None:
        clock = replace(clock, virtual_us=start_us)
    if asked.rate is not None:
        clock = replace(clock, rate=asked.rate)
    balances = dict(record.balances)
    if isinstance(asked.balance, str):
        balances = {"": asked.balance}
    elif asked.balance is not None:
        balances |= asked.balance
    return replace(
        record,
        seed=record.seed if asked.seed is None else asked.seed,
        clock=clock,
        speed=record.speed if asked.speed is None else asked.speed,
        balances=balances,
        quirks={**record.quirks, **(asked.quirks or {})},
        label=asked.label,
        hints=asked.hints,
        cues=asked.cues,
    )


def _bad_opening(understudy: Understudy, asked: NewSandbox) -> list[Wrong]:
    """What the settings of a server are judged by, too."""
    quirks = bad_quirks(understudy.providers, asked.quirks or {})
    balances = {"": asked.balance} if isinstance(asked.balance, str) else asked.balance or {}
    return [
        *(Wrong(f"quirks.{name}", problem) for name, problem in quirks.items()),
        *(
            Wrong(f"balance.{name}" if name else "balance", problem)
            for name, problem in bad_balances(understudy.providers, balances)
        ),
    ]


async def listed(understudy: Understudy, request: Request) -> Response:
    """The sandboxes, by id."""
    known_query(request, "offset", "limit")
    offset, limit = page_of(request)
    ids = [id for id in await understudy.store.sandboxes() if APART not in id]
    rows = []
    for id in ids[offset : offset + limit]:
        async with understudy.store.transaction(id) as tx:
            record = await tx.get(Sandbox, id)
        if record is not None:
            rows.append(sandbox_body(understudy, record))
    return said({"sandboxes": rows, "total": len(ids)})


async def read_one(understudy: Understudy, request: Request) -> Response:
    """One sandbox."""
    known_query(request)
    async with opened(understudy, request.path_params["sandbox"]) as box:
        return said(sandbox_body(understudy, box.record))


async def delete(understudy: Understudy, request: Request) -> Response:
    """Forgets a sandbox whole: records, keys and snapshots."""
    known_query(request)
    id = request.path_params["sandbox"]
    async with opened(understudy, id):
        pass
    await understudy.registry.forget(id)
    return Response(status_code=204)


def sandbox_body(understudy: Understudy, record: Sandbox) -> dict[str, Any]:
    """A sandbox without its keys, which are told once only."""
    now_us = record.clock.now(real_us())
    return {
        "id": record.id,
        "seed": record.seed,
        "label": record.label,
        "clock": {"now": iso_ms(now_us), "now_us": now_us, "rate": record.clock.rate},
        "speed": record.speed,
        "scenario": record.scenario,
        "balances": record.balances,
        "quirks": record.quirks,
        "hints": record.hints,
        "cues": record.cues,
        "created": iso_ms(record.created_real_us),
        "expires": iso_ms(understudy.registry.expires_us(record.id)),
    }


async def new_key(understudy: Understudy, request: Request) -> Response:
    """One more key, with the rights asked for; its secret is told here and never again."""
    known_query(request)
    asked = read(NewKey, await body_of(request))
    provider = provider_named(understudy, asked.provider)
    id = request.path_params["sandbox"]
    wanted, limit = _amounts(provider, asked)
    _check_callback(understudy, provider, asked)
    async with opened(understudy, id) as box:
        account_id = f"{provider.name}/{asked.account}"
        if wanted is not None:
            account = await box.account(provider, asked.account)
            await steering.set_balance(box, account, wanted)
            await box.settle()
        rights = {
            "scopes": None if asked.scopes is None else tuple(asked.scopes),
            "revoked": asked.revoked,
            "expires_at_us": box.now_us if asked.expired else None,
            "spending_limit": limit,
            "rate_limit": asked.rate_limit,
            "callback_url": asked.callback_url or "",
            "callback_secret": asked.callback_secret or "",
        }
    await told(understudy, box)
    secret = await understudy.registry.issue(provider, id, asked.account, rights)
    if asked.revoked and provider.announcer is not None:
        await _tell_revoked(understudy, provider, secret)
    return said({"key": secret, "account": account_id}, 201)


async def _tell_revoked(understudy: Understudy, provider: Provider, secret: str) -> None:
    """A key that is made revoked has been revoked just now: whoever asked to be told is told."""
    key = await understudy.registry.find(provider, secret)
    async with opened(understudy, key.sandbox) as box:
        account = await box.account(provider, key.account.partition("/")[2])
        await key_revoked(box, account, key)
        await box.settle()
    await told(understudy, box)


def _check_callback(understudy: Understudy, provider: Provider, asked: NewKey) -> None:
    """Problem 422 where the key's address would never be told, judged as a webhook's is."""
    if not asked.callback_url:
        if asked.callback_secret:
            raise invalid(Wrong("callback_secret", "goes with a callback_url, and there is none"))
        return
    if provider.announcer is None:
        problem = f"{provider.title} sends no webhooks, so nothing would ever be sent there"
        raise invalid(Wrong("callback_url", problem))
    try:
        understudy.registry.targets.read(asked.callback_url)
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
