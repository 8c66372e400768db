"""Telling the world, inside the transaction: what happened becomes deliveries and schedule rows.

Every transition and every change of a wallet is shown to the provider, which names the events it
has for it; whoever subscribed gets a delivery, due at the instant it happened. When a row comes due
the delivery is put out for sending, and nothing here sends it. What the vendor calls any of this
is the provider's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Protocol

from bodydouble.core.chance import Draw
from bodydouble.core.jobs import Job
from bodydouble.core.keys import Key
from bodydouble.core.money.ledger import Account
from bodydouble.core.provider import Provider
from bodydouble.core.schedule import DueKind
from bodydouble.core.store import Transaction
from bodydouble.core.webhooks import (
    DELIVERIES_PER_SANDBOX_MAX,
    Announcer,
    Attempt,
    Delivery,
    DeliveryStatus,
    Occasion,
    Outgoing,
    Webhook,
    WebhookStatus,
    outcome,
    pause,
    subscribed,
    told,
)


class Box(Protocol):
    """What is needed of an open sandbox."""

    @property
    def tx(self) -> Transaction: ...
    @property
    def now_us(self) -> int: ...
    @property
    def providers(self) -> Mapping[str, Provider]: ...
    @property
    def released(self) -> list[str]: ...

    def quirks(self, provider: str, /) -> Mapping[str, Any]: ...
    def draw(self, *purpose: object) -> Draw: ...
    async def serial(self, purpose: str, /) -> int: ...
    async def plan(self, at_us: int, kind: DueKind, target: str, /) -> None: ...


# What happened -----------------------------------------------------------------------------------


async def job_moved(box: Box, account: Account, job: Job, at_us: int) -> None:
    """A job went from one state to another."""
    told = await box.tx.list(Webhook, account.id)
    own = await box.tx.get(Webhook, f"job:{job.id}")
    if own is not None:
        told.append(own)
    if told:
        await _announce(box, Occasion(at_us, account, box.quirks(account.provider), job=job), told)


async def wallet_moved(box: Box, account: Account, before: int, at_us: int) -> None:
    """A balance changed from ``before`` to what ``account`` holds now."""
    told = await box.tx.list(Webhook, account.id)
    if told:
        quirks = box.quirks(account.provider)
        await _announce(box, Occasion(at_us, account, quirks, balance_before=before), told)


async def key_revoked(box: Box, account: Account, key: Key) -> None:
    """A key was revoked just now."""
    told = await box.tx.list(Webhook, account.id)
    if told:
        occasion = Occasion(box.now_us, account, box.quirks(account.provider), key=key)
        await _announce(box, occasion, told)


async def _announce(box: Box, occasion: Occasion, webhooks: list[Webhook]) -> None:
    announcer = box.providers[occasion.account.provider].announcer
    if announcer is None:
        return
    for event in announcer.say(occasion):
        told_to = [
            webhook
            for webhook in webhooks
            if webhook.id.startswith("job:") or subscribed(webhook, event)
        ]
        if not told_to:
            continue
        event_id = announcer.event_id(box.draw("event", await box.serial("events")))
        for webhook in told_to:
            delivery = await written(box, announcer, occasion, (event, event_id), webhook)
            await planned(box, delivery, occasion.at_us)


async def written(
    box: Box, announcer: Announcer, occasion: Occasion, named: tuple[str, str], webhook: Webhook
) -> Delivery:
    """A delivery of the event ``named`` (event, event id), kept but not yet due."""
    event, event_id = named
    serial = await box.serial("deliveries")
    if serial > DELIVERIES_PER_SANDBOX_MAX:
        box.tx.delete(Delivery, str(serial - DELIVERIES_PER_SANDBOX_MAX))
    delivery = Delivery(
        id=str(serial),
        group=occasion.account.id,
        order=serial,
        webhook=webhook.id,
        event=event,
        event_id=event_id,
        body=announcer.write(occasion, event, event_id, webhook),
        created_at_us=occasion.at_us,
        job=occasion.job.id if occasion.job else "",
    )
    box.tx.put(delivery)
    return delivery


async def planned(box: Box, delivery: Delivery, at_us: int) -> Delivery:
    """Makes a delivery due at an instant."""
    delivery = replace(delivery, next_at_us=at_us)
    box.tx.put(delivery)
    await box.plan(at_us, DueKind.DELIVER, delivery.id)
    return delivery


def callback(account: Account, key: Key, job: Job, links: str) -> Webhook:
    """The address a key was made with, as the webhook of one job alone."""
    return Webhook(
        id=f"job:{job.id}",
        group=f"callbacks:{account.id}",
        order=job.order,
        url=key.callback_url,
        secret=key.callback_secret,
        events=(),
        created_at_us=job.accepted_at_us,
        links=links,
    )


# On its way --------------------------------------------------------------------------------------


async def release(box: Box, delivery_id: str, due_us: int) -> None:
    """Puts a delivery out for sending, if the row that came due is still meant."""
    delivery = await box.tx.get(Delivery, delivery_id)
    if delivery is None or delivery.next_at_us != due_us:
        return
    webhook = await box.tx.get(Webhook, delivery.webhook)
    if webhook is None:
        box.tx.put(replace(delivery, status=DeliveryStatus.DEAD_LETTER, next_at_us=None))
    elif webhook.status is not WebhookStatus.ACTIVE:
        # It waits, unplanned, for its webhook to be made active again.
        box.tx.put(replace(delivery, next_at_us=None))
    else:
        padded = f"{delivery.order:015d}"
        box.tx.put(Outgoing(padded, due_us, delivery.id, webhook.url))
        box.released.append(delivery.id)


async def record(
    box: Box, delivery: Delivery, attempt: Attempt, retry_after_s: int | None, *, once: bool = False
) -> Delivery:
    """Writes what became of an attempt, and plans the next if there is one.

    An attempt made ``once`` is a rehearsal: it is not repeated and not held against its webhook.
    """
    account = await box.tx.get(Account, delivery.group)
    assert account is not None, f"delivery {delivery.id} belongs to no account"
    announcer = box.providers[account.provider].announcer
    assert announcer is not None, "what was announced has an announcer"
    waits = announcer.waits_us(box.quirks(account.provider))
    wait_us = None if once else pause(delivery, attempt, waits, retry_after_s)
    after = outcome(delivery, attempt, wait_us)
    webhook = await box.tx.get(Webhook, delivery.webhook)
    if webhook is not None and not once:
        box.tx.put(told(webhook, attempt, announcer.patience))
    box.tx.put(after)
    box.tx.delete(Outgoing, f"{delivery.order:015d}")
    if after.next_at_us is not None:
        await box.plan(after.next_at_us, DueKind.DELIVER, after.id)
    return after
