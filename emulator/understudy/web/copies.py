"""Copies of whole sandboxes: from one to another, and to JSON and back.

A store that can share records does it in one step; any other reads and writes them all. Keys are
never copied, because a key opens one sandbox.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import orjson

from understudy.core.clock import LATEST_US, RATE_MAX, Clock
from understudy.core.jobs import Job
from understudy.core.ledger import Account, Entry
from understudy.core.provider import Provider
from understudy.core.sandboxes import Sandbox, Snapshot
from understudy.core.store import Record, Store, keep
from understudy.stores.codec import KINDS, decode, encode, name_of

FORMAT = "understudy-sandbox"
VERSION = 1
RECORDS_MAX = 200_000
_WRONG_LISTED_MAX = 20


async def copy(store: Store, source: str, target: str) -> None:
    """Makes the records of ``target`` those of ``source``."""
    quick: Callable[[str, str], Awaitable[None]] | None = getattr(store, "copy", None)
    if quick is not None:
        await quick(source, target)
        return
    async with store.transaction(source) as tx:
        records = await tx.everything()
    await fill(store, target, records)


async def fill(store: Store, target: str, records: Sequence[Record]) -> None:
    """Makes the records of ``target`` these."""
    async with store.transaction(target) as tx:
        await tx.clear()
        keep(tx, records)


async def renamed(store: Store, id: str, now_us: int, real_us: int, **changes: Any) -> Sandbox:
    """The record of a copy put right: its own id, and a clock that goes on from ``now_us``."""
    async with store.transaction(id) as tx:
        for old in await tx.list(Sandbox):
            tx.delete(Sandbox, old.id)
            clock = Clock(now_us, real_us, old.clock.rate)
            record = replace(old, id=id, clock=clock, **changes)
            tx.put(record)
            return record
    raise LookupError(f"{id} holds no sandbox")


def exported(records: Sequence[Record], at_us: int) -> dict[str, Any]:
    """Records as one JSON-able document; bytes are base64."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "now_us": at_us,
        "records": [
            {"kind": name_of(type(record)), "record": orjson.loads(encode(record))[0]}
            for record in sorted(records, key=lambda one: (name_of(type(one)), one.order, one.id))
            if not isinstance(record, Snapshot)
        ],
    }


def imported(rows: list[dict[str, Any]], providers: Mapping[str, Provider]) -> list[Record]:
    """The records in an export. ValueError lists what is wrong, one line each."""
    wrong: list[str] = []
    records: list[Record] = []
    for position, row in enumerate(rows):
        kind = KINDS.get(str(row.get("kind")))
        try:
            if kind is None or kind is Snapshot:
                raise ValueError(f"no kind is called {row.get('kind')!r}")
            records.append(decode(kind, orjson.dumps([row.get("record")])))
        except (ValueError, TypeError) as error:
            wrong.append(f"records.{position}: {str(error).splitlines()[0]}")
        if len(wrong) >= _WRONG_LISTED_MAX:
            break
    wrong += _inconsistent(records, providers) if not wrong else []
    if wrong:
        raise ValueError("\n".join(wrong))
    return records


def _inconsistent(records: list[Record], providers: Mapping[str, Provider]) -> list[str]:
    """What no sandbox can be like, whatever the fields say one by one."""
    wrong = []
    sandboxes = [one for one in records if isinstance(one, Sandbox)]
    if len(sandboxes) != 1:
        wrong.append(f"records: hold {len(sandboxes)} sandboxes, not one")
    for sandbox in sandboxes:
        clock = sandbox.clock
        if not (0 <= clock.virtual_us <= LATEST_US and 0 <= clock.rate <= RATE_MAX):
            wrong.append("records: the sandbox's clock shows no time there can be")
        if not 0 < sandbox.speed <= RATE_MAX:
            wrong.append("records: the sandbox's speed is none there can be")
    accounts = {one.id for one in records if isinstance(one, Account)}
    for one in records:
        if isinstance(one, Account) and one.provider not in providers:
            wrong.append(f"records: account {one.id!r} is with a vendor nobody knows")
        elif isinstance(one, (Job, Entry)) and one.group not in accounts:
            wrong.append(f"records: {name_of(type(one))} {one.id!r} belongs to no account")
        elif isinstance(one, Job) and one.provider not in providers:
            wrong.append(f"records: job {one.id!r} is with a vendor nobody knows")
        if len(wrong) >= _WRONG_LISTED_MAX:
            break
    return wrong
