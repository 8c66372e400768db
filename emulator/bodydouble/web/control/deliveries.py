"""A sandbox's deliveries: what is due, what was tried and what became of it; and once more."""

from __future__ import annotations

from dataclasses import replace
from heapq import merge
from itertools import islice
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from bodydouble.core.clock import iso_ms
from bodydouble.core.keys import masked
from bodydouble.core.money.ledger import Account
from bodydouble.core.webhooks import Delivery, DeliveryStatus, Webhook
from bodydouble.sandbox.events import schedule_delivery
from bodydouble.sandbox.open_sandbox import OpenSandbox
from bodydouble.web.control.wire.access import (
    Services,
    after_commit,
    json_response,
    known_query,
    not_found,
    one_of_query,
    opened,
    page_of,
)
from bodydouble.web.control.wire.problems import Problem


async def listed(app: Services, request: Request) -> Response:
    """Every account's deliveries, newest first."""
    offset, limit = page_of(request, "status", "event", "job")
    one_of_query(request, "status", DeliveryStatus)
    wanted = [(name, request.query_params.get(name)) for name in ("status", "event", "job")]
    async with opened(app, request) as sandbox:
        groups = [
            await sandbox.tx.list(Delivery, account.id, newest_first=True)
            for account in await sandbox.tx.list(Account)
        ]
        kept = [
            one
            for one in merge(*groups, key=lambda delivery: -delivery.order)
            if all(value in (None, str(getattr(one, name))) for name, value in wanted)
        ]
        page = [await _body(sandbox, one) for one in islice(kept, offset, offset + limit)]
    return json_response({"deliveries": page, "total": len(kept)})


async def webhooks(app: Services, request: Request) -> Response:
    """Every account's subscriptions, and the addresses that jobs and keys brought, oldest first."""
    offset, limit = page_of(request)
    async with opened(app, request) as sandbox:
        kept = [
            one
            for account in await sandbox.tx.list(Account)
            for group in (account.id, f"callbacks:{account.id}")
            for one in await sandbox.tx.list(Webhook, group)
        ]
    page = [_webhook_body(one) for one in kept[offset : offset + limit]]
    return json_response({"webhooks": page, "total": len(kept)})


def _webhook_body(one: Webhook) -> dict[str, Any]:
    last_us = one.last_triggered_at_us
    return {
        "id": one.id,
        "account": one.group.removeprefix("callbacks:"),
        "url": one.url,
        "secret": masked(one.secret) if one.secret else None,
        "events": list(one.events),
        "status": one.status.value,
        "failures": one.failures,
        "created_at": iso_ms(one.created_at_us),
        "last_triggered_at": None if last_us is None else iso_ms(last_us),
    }


async def read_one(app: Services, request: Request) -> Response:
    """One delivery."""
    known_query(request)
    async with opened(app, request) as sandbox:
        return json_response(await _body(sandbox, await _found(sandbox, request)))


async def retry(app: Services, request: Request) -> Response:
    """Tries a delivery now, from a fresh count, whatever became of it before."""
    known_query(request)
    async with opened(app, request) as sandbox:
        delivery = await _found(sandbox, request)
        if await sandbox.tx.get(Webhook, delivery.webhook) is None:
            raise Problem(409, f"the webhook of delivery {delivery.id} is gone")
        fresh = replace(delivery, status=DeliveryStatus.PENDING, attempt=0, delivered_at_us=None)
        await schedule_delivery(sandbox, fresh, sandbox.now_us)
        await sandbox.settle()
    await after_commit(app, sandbox)
    async with opened(app, request) as sandbox:
        return json_response(await _body(sandbox, await _found(sandbox, request)), 202)


async def _found(sandbox: OpenSandbox, request: Request) -> Delivery:
    delivery = await sandbox.tx.get(Delivery, request.path_params["delivery"])
    if delivery is None:
        raise not_found("delivery", request.path_params["delivery"])
    return delivery


async def _body(sandbox: OpenSandbox, delivery: Delivery) -> dict[str, Any]:
    webhook = await sandbox.tx.get(Webhook, delivery.webhook)
    headers, signature = _signed(sandbox, webhook, delivery)
    text = delivery.body.decode("utf-8", "replace")
    # A vendor may put the receiver's own secret into what it sends; whoever looks need not have it.
    text = _hidden(text, webhook.secret if webhook else "")
    return {
        "id": delivery.id,
        "account": delivery.group,
        "webhook": delivery.webhook,
        "url": webhook.url if webhook else None,
        "event": delivery.event,
        "event_id": delivery.event_id,
        "job": delivery.job or None,
        "status": delivery.status.value,
        "attempt": delivery.attempt,
        "attempts": [
            {
                "at": iso_ms(one.at_us),
                "code": one.code,
                "answer": one.answer,
                "error": one.error,
                "accepted": one.accepted,
            }
            for one in delivery.attempts
        ],
        "created_at": iso_ms(delivery.created_at_us),
        "next_at": None if delivery.next_at_us is None else iso_ms(delivery.next_at_us),
        "delivered_at": (
            None if delivery.delivered_at_us is None else iso_ms(delivery.delivered_at_us)
        ),
        "headers": headers,
        "signature": signature,
        "body": text,
    }


def _signed(
    sandbox: OpenSandbox, webhook: Webhook | None, delivery: Delivery
) -> tuple[list[list[str]], str | None]:
    """The headers of the last attempt, and what the vendor's own check says of its signature.

    They are made again as they were made then. None: nothing was sent, or there is no check.
    """
    vendor = sandbox.providers[delivery.group.partition("/")[0]].webhooks
    if vendor is None or webhook is None or not delivery.attempts:
        return [], None
    last = delivery.attempts[-1]
    headers = vendor.signed_headers(webhook, delivery, last.at_us)
    told = [[name, _hidden(value, webhook.secret)] for name, value in headers]
    if last.forged:
        return told, "forged"
    verify = vendor.signature.verify
    if verify is None or not webhook.secret:
        return told, None
    named = {name.lower(): value for name, value in headers}
    good = verify(webhook.secret, named, delivery.body)
    return told, "valid" if good else "invalid"


def _hidden(text: str, secret: str) -> str:
    return text.replace(secret, masked(secret)) if secret else text
