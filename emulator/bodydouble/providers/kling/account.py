"""Kling's account: its pack of units and what is left of it.

Source: assets/account-usage; the pack's name and kind as an account's trial pack was seen. That the
rest is told twelve hours late, as the page has it, is the quirk `kling.remaining`.
"""

from __future__ import annotations

from typing import Any

from bodydouble.core.account_view import AccountView
from bodydouble.core.clock import HOUR_US, SECOND_US
from bodydouble.core.errors import Cause, FieldProblem, Flaw, Refused
from bodydouble.core.keys import Key
from bodydouble.core.limits import FixedWindow, Window
from bodydouble.core.money.ledger import EntryKind
from bodydouble.core.provider import Operation
from bodydouble.core.wire import Call, Reply
from bodydouble.providers.kling.operations import pack_ends_us
from bodydouble.providers.kling.replies import respond

LATE_US = 12 * HOUR_US
COSTS = "getResourcePacks"


def windows(call: Call, key: Key, operation: Operation) -> tuple[Window, ...]:
    """One request a second for the account's costs, where that is held; nothing else is limited."""
    if operation.name != COSTS or call.quirk("kling.costs_limit") == "advice":
        return ()
    return (FixedWindow("costs", 1, key.account, SECOND_US),)


async def costs(call: Call, view: AccountView) -> Reply:
    """The packs that were good at some time of a span."""
    since_us, until_us = (_instant_us(call, name) for name in ("start_time", "end_time"))
    if since_us > until_us:
        problem = FieldProblem("start_time", Flaw.RANGE, call.query["start_time"])
        raise Refused(Cause.INVALID, fields=(problem,))
    pack = await _pack(call, view)
    name = call.query.get("resource_pack_name", "")
    shown = (
        view.account.opened_at_us <= until_us
        and since_us < pack_ends_us(call, view)
        and name in ("", pack["resource_pack_name"])
    )
    told = {"code": 0, "msg": "SUCCEED", "resource_pack_subscribe_infos": [pack] if shown else []}
    return respond(call, told)


async def _pack(call: Call, view: AccountView) -> dict[str, Any]:
    entries = await view.entries()
    total = sum(one.amount for one in entries if one.kind is EntryKind.TOP_UP)
    rest = view.account.balance
    if call.quirk("kling.remaining") == "late":
        late_us = view.now_us - LATE_US
        rest = sum(e.amount for e in entries if e.kind is EntryKind.TOP_UP or e.at_us <= late_us)
    ends_us, days = pack_ends_us(call, view), int(call.quirk("kling.pack_days"))
    jobs = int(call.quirk("kling.concurrency"))
    status = "expired" if view.now_us >= ends_us else "runOut" if rest <= 0 else "online"
    opened_ms = view.account.opened_at_us // 1000
    return {
        "resource_pack_name": f"Video-{total // 100}Units-{jobs}Con-{max(1, days // 30)}Months",
        "resource_pack_id": view.draw("pack").text(32),
        "resource_pack_type": "decreasing_total",
        "total_quantity": total / 100,
        "remaining_quantity": rest / 100,
        "purchase_time": opened_ms,
        "effective_time": opened_ms,
        "invalid_time": ends_us // 1000,
        "status": status,
    }


def _instant_us(call: Call, name: str) -> int:
    given = call.query.get(name, "")
    if not given.isascii() or not given.isdecimal() or len(given) > 15:
        flaw = Flaw.FORMAT if given else Flaw.MISSING
        raise Refused(Cause.INVALID, fields=(FieldProblem(name, flaw, given or None),))
    return int(given) * 1000
