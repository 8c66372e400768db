"""Events and their deliveries, inside the transaction: what happened becomes schedule rows.

Every transition and every change of a wallet is shown to the provider, which names the events it
has for it; whoever subscribed gets a delivery, due at the instant it happened. When a row comes due
the delivery is put out for sending, and nothing here sends it. What the vendor calls any of this
is the provider's.
"""

from __future__ import annotations

from dataclasses import replace

from bodydouble.core.account_view import Callback
from bodydouble.core.jobs import Job
from bodydouble.core.keys import Key
from bodydouble.core.money.ledger import Account
from bodydouble.core.sandboxes import Counter
from bodydouble.core.schedule import DueKind
from bodydouble.core.webhooks import (
    DELIVERIES_BYTES_MAX,
    DELIVERIES_PER_SANDBOX_MAX,
    AccountEvent,
    Attempt,
    Delivery,
    DeliveryStatus,
    Outgoing,
    VendorWebhooks,
    Webhook,
    WebhookStatus,
    delivery_after,
    pause_us,
    subscribed,
    webhook_after,
)
from bodydouble.sandbox.access import SandboxAccess
from bodydouble.sandbox.bounds import DELIVERIES, counted, make_room

# What happened -----------------------------------------------------------------------------------


async def job_moved(sandbox: SandboxAccess, account: Account, job: Job, at_us: int) -> None:
    """A job went from one state to another."""
    webhooks = await sandbox.tx.list(Webhook, account.id)
    own = await sandbox.tx.get(Webhook, f"job:{job.id}")
    if own is not None:
        vendor = sandbox.providers[account.provider].webhooks
        webhooks = [own] if vendor is not None and vendor.own_alone else [*webhooks, own]
    if webhooks:
        quirks = sandbox.quirks(account.provider)
        await _notify(sandbox, AccountEvent(at_us, account, quirks, job=job), webhooks)


async def wallet_moved(sandbox: SandboxAccess, account: Account, before: int, at_us: int) -> None:
    """A balance changed from ``before`` to what ``account`` holds now."""
    webhooks = await sandbox.tx.list(Webhook, account.id)
    if webhooks:
        quirks = sandbox.quirks(account.provider)
        event = AccountEvent(at_us, account, quirks, balance_before=before)
        await _notify(sandbox, event, webhooks)


async def key_revoked(sandbox: SandboxAccess, account: Account, key: Key) -> None:
    """A key was revoked just now."""
    webhooks = await sandbox.tx.list(Webhook, account.id)
    if webhooks:
        quirks = sandbox.quirks(account.provider)
        await _notify(sandbox, AccountEvent(sandbox.now_us, account, quirks, key=key), webhooks)


async def _notify(sandbox: SandboxAccess, event: AccountEvent, webhooks: list[Webhook]) -> None:
    vendor = sandbox.providers[event.account.provider].webhooks
    if vendor is None:
        return
    for name in vendor.names(event):
        subscribers = [
            webhook for webhook in webhooks if subscribed(webhook, name) or _own(webhook, name)
        ]
        if not subscribers:
            continue
        event_id = vendor.event_id(sandbox.draw("event", await sandbox.serial("events")))
        for webhook in subscribers:
            delivery = await new_delivery(sandbox, vendor, event, (name, event_id), webhook)
            await schedule_delivery(sandbox, delivery, event.at_us)


def _own(webhook: Webhook, event: str) -> bool:
    """Whether an address of one job alone is told of ``event``: of all, or of those it names."""
    return webhook.id.startswith("job:") and (not webhook.events or event in webhook.events)


async def new_delivery(
    sandbox: SandboxAccess,
    vendor: VendorWebhooks,
    event: AccountEvent,
    named: tuple[str, str],
    webhook: Webhook,
) -> Delivery:
    """A delivery of ``event`` as ``named`` (event name, event id), kept but not yet due."""
    name, event_id = named
    serial = await sandbox.serial("deliveries")
    delivery = Delivery(
        id=str(serial),
        group=event.account.id,
        order=serial,
        webhook=webhook.id,
        event=name,
        event_id=event_id,
        body=vendor.body(event, name, event_id, webhook),
        created_at_us=event.at_us,
        job=event.job.id if event.job else "",
    )
    await _keep(sandbox, delivery, _size(delivery))
    return delivery


async def _keep(sandbox: SandboxAccess, delivery: Delivery, came: int) -> None:
    """Keeps a delivery that is so many bytes longer than it was; the oldest make room."""
    tx = sandbox.tx
    tx.put(delivery)
    newest = await counted(tx, "deliveries")
    known = await counted(tx, "deliveries gone")
    gone = max(known, newest - 1 - DELIVERIES_PER_SANDBOX_MAX)

    async def forget() -> int | None:
        nonlocal gone
        if gone + 1 >= newest:
            return None
        gone += 1
        oldest = await tx.get(Delivery, str(gone))
        tx.delete(Delivery, str(gone))
        return _size(oldest) if oldest else 0

    surplus = newest - gone - DELIVERIES_PER_SANDBOX_MAX
    await make_room(sandbox, DELIVERIES, came, DELIVERIES_BYTES_MAX, forget, surplus=surplus)
    if gone > known:
        tx.put(Counter("deliveries gone", gone))


def _size(delivery: Delivery) -> int:
    return len(delivery.body) + sum([len(one.answer) + len(one.error) for one in delivery.attempts])


async def schedule_delivery(sandbox: SandboxAccess, delivery: Delivery, at_us: int) -> Delivery:
    """Makes a delivery due at an instant."""
    delivery = replace(delivery, next_at_us=at_us)
    sandbox.tx.put(delivery)
    await sandbox.plan(at_us, DueKind.DELIVER, delivery.id)
    return delivery


def callback_webhook(account: Account, job: Job, callback: Callback, links: str) -> Webhook:
    """The address that a key was made with or a submission named, as the webhook of one job."""
    return Webhook(
        id=f"job:{job.id}",
        group=f"callbacks:{account.id}",
        order=job.order,
        url=callback.url,
        secret=callback.secret,
        events=callback.events,
        created_at_us=job.accepted_at_us,
        links=links,
    )


# On its way --------------------------------------------------------------------------------------


async def release(sandbox: SandboxAccess, delivery_id: str, due_us: int) -> None:
    """Puts a delivery out for sending, if the row that came due is still meant."""
    delivery = await sandbox.tx.get(Delivery, delivery_id)
    if delivery is None or delivery.next_at_us != due_us:
        return
    webhook = await sandbox.tx.get(Webhook, delivery.webhook)
    if webhook is None:
        sandbox.tx.put(replace(delivery, status=DeliveryStatus.DEAD_LETTER, next_at_us=None))
    elif webhook.status is not WebhookStatus.ACTIVE:
        # It waits, unplanned, for its webhook to be made active again.
        sandbox.tx.put(replace(delivery, next_at_us=None))
    else:
        padded = f"{delivery.order:015d}"
        sandbox.tx.put(Outgoing(padded, due_us, delivery.id, webhook.url))
        sandbox.released.append(delivery.id)


async def record(
    sandbox: SandboxAccess,
    delivery: Delivery,
    attempt: Attempt,
    retry_after_s: int | None,
    *,
    once: bool = False,
) -> Delivery:
    """Writes what became of an attempt, and plans the next if there is one.

    An attempt made ``once`` is a test: it is not repeated and not held against its webhook.
    """
    account = await sandbox.tx.get(Account, delivery.group)
    assert account is not None, f"delivery {delivery.id} belongs to no account"
    vendor = sandbox.providers[account.provider].webhooks
    assert vendor is not None, "what is delivered is a webhook of the vendor's"
    waits = vendor.waits_us(sandbox.quirks(account.provider))
    once = once or delivery.event in vendor.once
    wait_us = None if once else pause_us(delivery, attempt, waits, retry_after_s)
    after = delivery_after(delivery, attempt, wait_us)
    webhook = await sandbox.tx.get(Webhook, delivery.webhook)
    if webhook is not None and not once:
        sandbox.tx.put(webhook_after(webhook, attempt, vendor.failures_max))
    await _keep(sandbox, after, _size(after) - _size(delivery))
    sandbox.tx.delete(Outgoing, f"{delivery.order:015d}")
    if after.next_at_us is not None:
        await sandbox.plan(after.next_at_us, DueKind.DELIVER, after.id)
    return after
