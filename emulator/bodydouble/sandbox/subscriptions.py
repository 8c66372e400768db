"""One account's webhooks, as its handlers manage them: made, changed, removed, replayed, tested.

Where they may point and how many there may be is checked here; in what words they are spoken of is
the provider's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bodydouble.core.addresses import PUBLIC, Targets
from bodydouble.core.errors import Cause, FieldProblem, Flaw, Refused
from bodydouble.core.money.ledger import Account
from bodydouble.core.webhooks import (
    ACTIVE_WEBHOOKS_MAX,
    DELIVERIES_KEPT_US,
    WEBHOOKS_PER_ACCOUNT_MAX,
    AccountEvent,
    Delivery,
    DeliveryStatus,
    Webhook,
    WebhookStatus,
)
from bodydouble.sandbox.access import SandboxAccess
from bodydouble.sandbox.events import new_delivery, schedule_delivery


class SandboxSubscriptions:
    """Implements `core.subscriptions.Subscriptions` for one account."""

    __slots__ = ("_account", "_sandbox", "_targets")

    def __init__(self, sandbox: SandboxAccess, account: Account, targets: Targets) -> None:
        self._sandbox = sandbox
        self._account = account
        self._targets = targets

    async def webhooks(self) -> list[Webhook]:
        return await self._sandbox.tx.list(Webhook, self._account.id)

    async def webhook(self, id: str) -> Webhook | None:
        webhook = await self._sandbox.tx.get(Webhook, id)
        return webhook if webhook is not None and webhook.group == self._account.id else None

    async def add(
        self, url: str, events: tuple[str, ...], secret: str, *, name: str = ""
    ) -> Webhook:
        self._check(url)
        known = await self.webhooks()
        if len(known) >= WEBHOOKS_PER_ACCOUNT_MAX:
            raise _too_many("url", WEBHOOKS_PER_ACCOUNT_MAX)
        self._check_active(known, "url")
        serial = await self._sandbox.serial("webhooks")
        webhook = Webhook(
            id=str(serial),
            group=self._account.id,
            order=serial,
            url=url,
            secret=secret,
            events=events,
            created_at_us=self._sandbox.now_us,
            public_only=self._targets == PUBLIC,
            name=name,
        )
        self._sandbox.tx.put(webhook)
        return webhook

    async def change(
        self,
        webhook: Webhook,
        *,
        url: str | None = None,
        events: tuple[str, ...] | None = None,
        status: WebhookStatus | None = None,
        name: str | None = None,
    ) -> Webhook:
        if url is not None:
            self._check(url)
        revived = status is WebhookStatus.ACTIVE and webhook.status is not WebhookStatus.ACTIVE
        if revived:
            self._check_active(await self.webhooks(), "status")
        before = webhook
        webhook = replace(
            webhook,
            url=webhook.url if url is None else url,
            events=webhook.events if events is None else events,
            status=webhook.status if status is None else status,
            failures=0 if revived else webhook.failures,
            public_only=webhook.public_only if url is None else self._targets == PUBLIC,
            name=webhook.name if name is None else name,
        )
        if webhook != before:
            webhook = replace(webhook, changed_at_us=self._sandbox.now_us)
        self._sandbox.tx.put(webhook)
        for delivery in await self._waiting_for(webhook) if revived else []:
            await schedule_delivery(self._sandbox, delivery, self._sandbox.now_us)
        return webhook

    async def renew(self, webhook: Webhook, secret: str, *, old_for_us: int = 0) -> Webhook:
        now_us = self._sandbox.now_us
        webhook = replace(
            webhook,
            secret=secret,
            changed_at_us=now_us,
            old_secret=webhook.secret if old_for_us else "",
            old_until_us=now_us + old_for_us,
        )
        self._sandbox.tx.put(webhook)
        return webhook

    async def _waiting_for(self, webhook: Webhook) -> list[Delivery]:
        kept = await self._sandbox.tx.list(Delivery, self._account.id)
        return [
            delivery
            for delivery in kept
            if delivery.webhook == webhook.id
            and delivery.status is DeliveryStatus.PENDING
            and delivery.next_at_us is None
            and delivery.event in webhook.events
        ]

    async def remove(self, webhook: Webhook) -> None:
        self._sandbox.tx.delete(Webhook, webhook.id)

    async def deliveries(self) -> list[Delivery]:
        kept = await self._sandbox.tx.list(Delivery, self._account.id, newest_first=True)
        oldest_us = self._sandbox.now_us - DELIVERIES_KEPT_US
        return [delivery for delivery in kept if delivery.created_at_us >= oldest_us]

    async def delivery(self, id: str) -> Delivery | None:
        delivery = await self._sandbox.tx.get(Delivery, id)
        mine = delivery is not None and delivery.group == self._account.id
        return delivery if mine else None

    async def replay(self, delivery: Delivery) -> Delivery:
        if delivery.status is DeliveryStatus.PENDING:
            problem = FieldProblem("id", Flaw.CONFLICT, delivery.id, text="it is still on its way")
            raise Refused(Cause.INVALID, fields=(problem,))
        fresh = replace(delivery, status=DeliveryStatus.PENDING, attempt=0, delivered_at_us=None)
        return await schedule_delivery(self._sandbox, fresh, self._sandbox.now_us)

    async def test_delivery(self, webhook: Webhook, event: str) -> Delivery:
        sandbox, account = self._sandbox, self._account
        vendor = sandbox.providers[account.provider].webhooks
        assert vendor is not None, "a vendor without webhooks has no subscriptions"
        event_id = vendor.event_id(sandbox.draw("event", await sandbox.serial("events")))
        about = AccountEvent(sandbox.now_us, account, sandbox.quirks(account.provider))
        return await new_delivery(sandbox, vendor, about, (event, event_id), webhook)

    def bad_address(self, url: str) -> FieldProblem | None:
        try:
            self._targets.read(url)
        except ValueError as error:
            return FieldProblem("url", Flaw.FORMAT, url, text=str(error))
        return None

    def _check(self, url: str) -> None:
        problem = self.bad_address(url)
        if problem is not None:
            raise Refused(Cause.INVALID, fields=(problem,))

    def _check_active(self, known: Sequence[Webhook], field: str) -> None:
        active = [one for one in known if one.status is WebhookStatus.ACTIVE]
        if len(active) >= ACTIVE_WEBHOOKS_MAX:
            raise _too_many(field, ACTIVE_WEBHOOKS_MAX)


def _too_many(field: str, most: int) -> Refused:
    problem = FieldProblem(field, Flaw.RANGE, None, (most,), f"there are {most} already")
    return Refused(Cause.INVALID, fields=(problem,))
