"""Sandboxes: made, listed, read, dropped; and the keys that open them."""

from __future__ import annotations

import logging
from contextlib import suppress
from dataclasses import replace
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from bodydouble.core.clock import LATEST_US, iso_ms, parse_instant
from bodydouble.core.money.ledger import Account
from bodydouble.core.sandboxes import APART, Counter, Sandbox
from bodydouble.core.scenarios.faults import ArmedFault
from bodydouble.core.store import Transaction
from bodydouble.web.control.scenario import chosen, under_scenario
from bodydouble.web.control.wire.access import (
    Services,
    asked_of,
    json_response,
    known_query,
    opened,
    page_of,
)
from bodydouble.web.control.wire.bodies import NewSandbox
from bodydouble.web.control.wire.problems import Problem, Wrong, invalid
from bodydouble.web.keys.keeping import Full
from bodydouble.web.keys.registry import real_us
from bodydouble.web.keys.starting_values import bad_balances, bad_quirks

log = logging.getLogger("bodydouble")
_WALLETS_LISTED_MAX = 20


async def create(app: Services, request: Request) -> Response:
    """A fresh sandbox and one ready key per vendor. 503 where there are too many already."""
    asked = await asked_of(request, NewSandbox)
    record = _record(app, asked)
    name, script = chosen(
        asked.scenario or record.scenario,
        asked.parameters,
        None,
        field="scenario",
        own=app.registry.own_scenario,
    )
    record = under_scenario(record, name, script)
    await make_room(app)
    async with app.store.transaction(record.id) as tx:
        tx.put(record)
        if script is not None:
            tx.put(script)
        app.registry.last_used[record.id] = real_us()
    return json_response(await introduced(app, record), 201, located(record))


async def make_room(app: Services) -> None:
    """Lets one more sandbox in. Problem 503 where there are too many already."""
    try:
        await app.registry.make_room()
    except Full as full:
        raise Problem(503, str(full)) from None


def located(record: Sandbox) -> dict[str, str]:
    """The header that says where a new sandbox is."""
    return {"location": f"/_bodydouble/sandboxes/{record.id}"}


async def introduced(app: Services, record: Sandbox) -> dict[str, Any]:
    """A new sandbox's body, with one fresh key per vendor."""
    registry = app.registry
    keys = {}
    for name in app.providers:
        try:
            provider = app.providers[name]
        except (ImportError, AttributeError):
            # A stranger's vendor that does not load must not keep the others from being tested.
            log.exception("%s cannot be loaded, so the sandbox gets no key for it", name)
            continue
        keys[name] = await registry.issue(provider, record.id)
    return {**sandbox_body(app, record), "keys": keys}


def _record(app: Services, asked: NewSandbox) -> Sandbox:
    """The record as asked for, over the server's settings. Problem 422 lists what is wrong."""
    wrongs = _bad_starting_values(app, asked)
    start_us: int | None = None
    if asked.start is not None:
        with suppress(ValueError, OverflowError):
            start_us = parse_instant(asked.start)
        if start_us is None or not 0 <= start_us <= LATEST_US:
            wrongs.append(Wrong("start", f"{asked.start!r} is no instant from 1970 to 9999"))
    if wrongs:
        raise invalid(*wrongs)
    record = app.registry.new_record(app.registry.new_id())
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
        began_us=clock.virtual_us,
        speed=record.speed if asked.speed is None else asked.speed,
        balances=balances,
        quirks={**record.quirks, **(asked.quirks or {})},
        label=asked.label,
        hints=record.hints if asked.hints is None else asked.hints,
        cues=asked.cues,
        media=asked.media or record.media,
    )


def _bad_starting_values(app: Services, asked: NewSandbox) -> list[Wrong]:
    """What the settings of a server are judged by, too."""
    quirks = bad_quirks(app.providers, asked.quirks or {})
    balances = {"": asked.balance} if isinstance(asked.balance, str) else asked.balance or {}
    return [
        *(Wrong(f"quirks.{name}", problem) for name, problem in quirks.items()),
        *(
            Wrong(f"balance.{name}" if name else "balance", problem)
            for name, problem in bad_balances(app.providers, balances)
        ),
    ]


async def listed(app: Services, request: Request) -> Response:
    """The sandboxes, by id."""
    offset, limit = page_of(request)
    ids = [id for id in await app.store.sandboxes() if APART not in id]
    rows = []
    for id in ids[offset : offset + limit]:
        async with app.store.transaction(id) as tx:
            record = await tx.get(Sandbox, id)
            if record is not None:
                rows.append({**sandbox_body(app, record), "held": await _held(app, tx)})
    return json_response({"sandboxes": rows, "total": len(ids)})


async def _held(app: Services, tx: Transaction) -> dict[str, Any]:
    """How much is in a sandbox, without settling it: what is due there stays due."""
    counters = {name: await tx.get(Counter, name) for name in ("jobs", "requests")}
    wallets = {}
    for account in await tx.list(Account, limit=_WALLETS_LISTED_MAX):
        money = app.providers[account.provider].currency
        wallets[account.id] = f"{money.text(account.balance)} {money.name}"
    return {
        **{name: one.value if one else 0 for name, one in counters.items()},
        "faults": sum(one.live for one in await tx.list(ArmedFault)),
        "wallets": wallets,
    }


async def read_one(app: Services, request: Request) -> Response:
    """One sandbox."""
    known_query(request)
    async with opened(app, request) as sandbox:
        held = await _held(app, sandbox.tx)
        return json_response({**sandbox_body(app, sandbox.record), "held": held})


async def delete(app: Services, request: Request) -> Response:
    """Drops a sandbox whole: records, keys and snapshots."""
    known_query(request)
    id = request.path_params["sandbox"]
    async with opened(app, request):
        pass
    await app.registry.drop(id)
    return Response(status_code=204)


def sandbox_body(app: Services, record: Sandbox) -> dict[str, Any]:
    """A sandbox without its keys, which are told once only."""
    now_us = record.clock.now(real_us())
    expires_us = app.registry.expires_us(record.id)
    used_us = max(record.used_real_us, app.registry.last_used.get(record.id, 0))
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
        "media": record.media,
        "created": iso_ms(record.created_real_us),
        "used": iso_ms(used_us) if used_us else None,
        "expires": iso_ms(expires_us) if expires_us is not None else None,
    }
