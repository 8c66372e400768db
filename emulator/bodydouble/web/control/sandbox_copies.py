"""Copies of whole sandboxes: from one to another, and to JSON and back.

A store that can share records does it in one step; any other reads and writes them all. Keys are
never copied, because a key opens one sandbox; and an event is told by the sandbox it happened in,
so a copy that becomes a sandbox of its own leaves what was undelivered to the original.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import fields, replace
from typing import Any

import orjson

from bodydouble.core.clock import LATEST_US, RATE_MAX, Clock
from bodydouble.core.evidence.masking import hidden, hide_bytes
from bodydouble.core.evidence.reports import HandedIn
from bodydouble.core.idempotency import Remembered
from bodydouble.core.jobs import Job
from bodydouble.core.money.ledger import Account, Entry
from bodydouble.core.provider import Provider
from bodydouble.core.records import changed
from bodydouble.core.sandboxes import Counter, Sandbox, Snapshot
from bodydouble.core.schedule import Due, DueKind
from bodydouble.core.store import Record, Store, Transaction, keep
from bodydouble.core.webhooks import (
    ATTEMPTS_KEPT,
    Attempt,
    Delivery,
    DeliveryStatus,
    Outgoing,
    Webhook,
)
from bodydouble.stores.codec import KINDS, decode, encode, name_of
from bodydouble.web.keys.secrets import WORD

FORMAT = "bodydouble-sandbox"
VERSION = 1
RECORDS_MAX = 200_000
_WRONG_LISTED_MAX = 20
LEFT = "not sent from here: it was left to the sandbox that this one is a copy of"


async def copy_records(store: Store, source: str, target: str) -> None:
    """Makes the records of ``target`` those of ``source``."""
    quick: Callable[[str, str], Awaitable[None]] | None = getattr(store, "copy", None)
    if quick is not None:
        await quick(source, target)
        return
    async with store.transaction(source) as tx:
        records = await tx.everything()
    await replace_records(store, target, records)


async def replace_records(store: Store, target: str, records: Sequence[Record]) -> None:
    """Makes the records of ``target`` these."""
    async with store.transaction(target) as tx:
        await tx.clear()
        keep(tx, records)


async def rename_copy(store: Store, id: str, now_us: int, real_us: int) -> Sandbox:
    """The record of a copy put right: its own id, and a clock that goes on from ``now_us``."""
    async with store.transaction(id) as tx:
        return _put_right(tx, await _record(tx, id), id, (now_us, real_us))


async def detach_copy(store: Store, id: str, now_us: int, real_us: int, **changes: Any) -> Sandbox:
    """The same for a copy that goes its own way: what the original has yet to deliver is its."""
    async with store.transaction(id) as tx:
        old = await _record(tx, id)
        for account in await tx.list(Account):
            for webhook in await tx.list(Webhook, f"callbacks:{account.id}"):
                links = f"{webhook.links.removesuffix(old.id)}{id}"
                tx.put(replace(webhook, links=links))
            await _leave_deliveries(tx, account.id, now_us)
        return _put_right(tx, old, id, (now_us, real_us), created_real_us=real_us, **changes)


async def _record(tx: Transaction, id: str) -> Sandbox:
    for record in await tx.list(Sandbox):
        return record
    raise LookupError(f"{id} holds no sandbox")


def _put_right(
    tx: Transaction, old: Sandbox, id: str, now: tuple[int, int], **changes: Any
) -> Sandbox:
    tx.delete(Sandbox, old.id)
    clock = Clock(*now, old.clock.rate)
    record = replace(old, id=id, clock=clock, used_real_us=now[1], **changes)
    tx.put(record)
    return record


async def _leave_deliveries(tx: Transaction, account: str, at_us: int) -> None:
    kept = await tx.list(Delivery, account)
    left = [one for one in kept if one.status is DeliveryStatus.PENDING]
    for delivery in left:
        # It stays in the list, and whoever wants it from here sends it again by hand.
        attempts = (*delivery.attempts, Attempt(at_us, error=LEFT))[-ATTEMPTS_KEPT:]
        dead = DeliveryStatus.DEAD_LETTER
        tx.put(replace(delivery, status=dead, next_at_us=None, attempts=attempts))
        tx.delete(Outgoing, f"{delivery.order:015d}")
    ids = {delivery.id for delivery in left}
    for row in await tx.list(Due) if left else []:
        if row.kind is DueKind.DELIVER and row.target in ids:
            tx.delete(Due, row.id)


def exported(records: Sequence[Record], at_us: int, secrets: Iterable[str] = ()) -> dict[str, Any]:
    """Records as one JSON-able document without ``secrets``; bytes are base64."""
    known = tuple(secrets)
    return {
        "format": FORMAT,
        "version": VERSION,
        "now_us": at_us,
        "records": [
            {"kind": name_of(type(record)), "record": _row(record, known)}
            for record in sorted(records, key=lambda one: (name_of(type(one)), one.order, one.id))
            if not isinstance(record, Snapshot)
        ],
    }


def _row(record: Record, secrets: tuple[str, ...]) -> Any:
    for field in fields(record) if secrets else ():  # type: ignore[arg-type]
        value = getattr(record, field.name)
        if isinstance(value, bytes):
            for secret in secrets:
                value = hide_bytes(value, secret)
            record = changed(record, **{field.name: value})
    return hidden(orjson.loads(encode(record))[0], secrets)


def secrets_of(records: Sequence[Record]) -> set[str]:
    """What webhooks are signed with, and what a reply told once."""
    found = {one.secret for one in records if isinstance(one, Webhook)}
    for one in records:
        if isinstance(one, Remembered):
            found.update(one.secrets)
    return found - {""}


def words_of(records: Sequence[Record]) -> set[str]:
    """Every word of a client's own texts that is long enough to be a key."""
    texts = [
        f"{one.submission.prompt} {orjson.dumps(one.submission.extra).decode()}"
        for one in records
        if isinstance(one, Job)
    ]
    return {word for text in texts for word in WORD.findall(text)}


def imported(rows: list[dict[str, Any]], providers: Mapping[str, Provider]) -> list[Record]:
    """The records in an export. ValueError lists what is wrong, one line each."""
    wrong: list[str] = []
    records: list[Record] = []
    for position, row in enumerate(rows):
        kind = KINDS.get(str(row.get("kind")))
        try:
            if kind in (None, Snapshot, HandedIn):
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
        if isinstance(one, Counter) and one.value < 0:
            wrong.append(f"records: counter {one.id!r} counts less than nothing")
        elif isinstance(one, Account) and one.provider not in providers:
            wrong.append(f"records: account {one.id!r} is with a vendor nobody knows")
        elif isinstance(one, (Job, Entry)) and one.group not in accounts:
            wrong.append(f"records: {name_of(type(one))} {one.id!r} belongs to no account")
        elif isinstance(one, Job) and one.provider not in providers:
            wrong.append(f"records: job {one.id!r} is with a vendor nobody knows")
        if len(wrong) >= _WRONG_LISTED_MAX:
            break
    return wrong
