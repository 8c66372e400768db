"""SmartlyQ's webhook management: make, list, change, drop, try out, look at the log, replay.

It reads requests and makes replies; the rules about addresses and numbers are the core's. Sources:
OAS of 2026-08-05 and guides/webhooks; timestamps here are written the SQL way, as its examples are.
"""

from __future__ import annotations

import json
from functools import wraps
from typing import TYPE_CHECKING, Any

from bodydouble.core.account_view import AccountView
from bodydouble.core.chance import HEX
from bodydouble.core.clock import moment
from bodydouble.core.errors import Cause, FieldProblem, Flaw, Refused
from bodydouble.core.provider import Handler, Operation
from bodydouble.core.webhooks import Delivery, Webhook, WebhookStatus
from bodydouble.core.wire import Call, DeferredReply, Reply
from bodydouble.providers.smartlyq.events import EVENTS, SUBSCRIBABLE, TEST_EVENT
from bodydouble.providers.smartlyq.replies import paging, respond

if TYPE_CHECKING:
    from bodydouble.providers.smartlyq.requests import Wanted

_SETTABLE = (WebhookStatus.ACTIVE, WebhookStatus.PAUSED)


async def list_webhooks(call: Call, view: AccountView) -> Reply:
    """Every webhook of the workspace, and the events there are."""
    listed = [_row(webhook) for webhook in await view.subscriptions.webhooks()]
    return respond(call, {"webhooks": listed, "events": list(EVENTS)})


async def create_webhook(call: Call, view: AccountView) -> Reply:
    """Makes a webhook; its secret is shown this once."""
    wanted = _read(call, view, required=("url", "events"))
    count = len(await view.subscriptions.webhooks())
    # The draw must differ for each webhook ever made, so the request's own id is in it.
    secret = f"whsec_{view.draw('webhook', count, call.request_id).text(48, HEX)}"
    webhook = await view.subscriptions.add(wanted.url or "", _events(wanted), secret)
    data = {
        "id": int(webhook.id),
        "url": webhook.url,
        "events": list(webhook.events),
        "status": webhook.status,
        "secret": secret,
    }
    reply = respond(call, data, 201)
    return Reply(reply.status, reply.body, secrets=(secret,))


async def update_webhook(call: Call, view: AccountView) -> Reply:
    """Changes any of url, events and status; active also revives a failing one."""
    webhook = await _webhook(call, view)
    wanted = _read(call, view)
    webhook = await view.subscriptions.change(
        webhook,
        url=wanted.url,
        events=None if wanted.events is None else _events(wanted),
        status=None if wanted.status is None else WebhookStatus(wanted.status),
    )
    return respond(call, _row(webhook))


async def delete_webhook(call: Call, view: AccountView) -> Reply:
    """Drops a webhook: 200 with null, where videos answer 204 (C13)."""
    await view.subscriptions.remove(await _webhook(call, view))
    return respond(call, None)


async def try_webhook(call: Call, view: AccountView) -> Reply:
    """Sends webhook.test at once, even to a paused endpoint, and answers with what became of it."""
    delivery = await view.subscriptions.test_delivery(await _webhook(call, view), TEST_EVENT)

    def reply_to(tried: Delivery) -> Reply:
        last = tried.attempts[-1]
        return respond(
            call,
            {
                "delivered": last.accepted,
                "event_id": tried.event_id,
                "delivery_id": int(tried.id),
                "response_code": last.code,
                "response_body": None if last.code is None else last.answer,
            },
        )

    return Reply(200, deferred=DeferredReply(delivery.id, reply_to))


async def list_deliveries(call: Call, view: AccountView) -> Reply:
    """The delivery log; its pagination stands inside data and says total_pages (C8)."""
    query = call.query
    rows = [
        delivery
        for delivery in await view.subscriptions.deliveries()
        if delivery.webhook.isdecimal()
        and query.get("webhook_id") in (None, "", delivery.webhook)
        and query.get("event") in (None, "", delivery.event)
        and query.get("status") in (None, "", delivery.status)
    ]
    page, per_page = paging(call)
    shown = [_log_row(one) for one in rows[(page - 1) * per_page : page * per_page]]
    pages = {
        "total": len(rows),
        "page": page,
        "per_page": per_page,
        "total_pages": -(-len(rows) // per_page),
    }
    return respond(call, {"deliveries": shown, "pagination": pages})


async def replay_delivery(call: Call, view: AccountView) -> Reply:
    """Sends a finished delivery again: same event and body, signed afresh, counted from nothing."""
    delivery = await view.subscriptions.delivery(call.params["id"])
    if delivery is None:
        raise Refused(Cause.NOT_FOUND, id=call.params["id"])
    delivery = await view.subscriptions.replay(delivery)
    return respond(call, {"delivery_id": int(delivery.id), "status": delivery.status}, 202)


async def _webhook(call: Call, view: AccountView) -> Webhook:
    webhook = await view.subscriptions.webhook(call.params["id"])
    if webhook is None:
        raise Refused(Cause.NOT_FOUND, id=call.params["id"])
    return webhook


def _read(call: Call, view: AccountView, required: tuple[str, ...] = ()) -> Wanted:
    """The body, or Refused(INVALID) with all that is wrong in it; an update needs any one field."""
    from bodydouble.providers.smartlyq.requests import WANTED, read_webhook, refuse

    body = call.json_object()
    wanted, problems = read_webhook(body)
    if not required and all(body.get(name) is None for name in WANTED):
        problems = [FieldProblem(name, Flaw.MISSING) for name in WANTED]
    problems += [FieldProblem(name, Flaw.MISSING) for name in required if not body.get(name)]
    if wanted.url is not None and all(problem.path != "url" for problem in problems):
        bad = view.subscriptions.bad_address(wanted.url)
        problems += [bad] if bad is not None else []
    unknown = [event for event in wanted.events or () if event not in SUBSCRIBABLE]
    if unknown or (wanted.events == [] and not required):
        problems.append(FieldProblem("events", Flaw.CHOICE, unknown, SUBSCRIBABLE))
    if wanted.status is not None and wanted.status not in _SETTABLE:
        problems.append(FieldProblem("status", Flaw.CHOICE, wanted.status, _SETTABLE))
    if problems:
        refuse(call, problems)
    return wanted


def _events(wanted: Wanted) -> tuple[str, ...]:
    return tuple(dict.fromkeys(wanted.events or ()))


def _row(webhook: Webhook) -> dict[str, Any]:
    return {
        "id": int(webhook.id),
        "url": webhook.url,
        "events": list(webhook.events),
        "status": webhook.status,
        "last_triggered_at": _sql(webhook.last_triggered_at_us),
        "created_at": _sql(webhook.created_at_us),
    }


def _log_row(delivery: Delivery) -> dict[str, Any]:
    last = delivery.attempts[-1] if delivery.attempts else None
    return {
        "id": int(delivery.id),
        "webhook_id": int(delivery.webhook),
        "event": delivery.event,
        "event_id": delivery.event_id,
        "status": delivery.status,
        "attempt": delivery.attempt,
        "response_code": last.code if last else None,
        "response_body": last.answer if last and last.code is not None else None,
        "payload": json.loads(delivery.body),
        "created_at": _sql(delivery.created_at_us),
        "delivered_at": _sql(delivery.delivered_at_us),
        "next_retry_at": _sql(delivery.next_at_us if delivery.attempt else None),
    }


def _sql(at_us: int | None) -> str | None:
    return None if at_us is None else f"{moment(at_us):%Y-%m-%d %H:%M:%S}"


def _operation(name: str, method: str, path: str, handle: Handler) -> Operation:
    scope = "webhooks:read" if method == "GET" else "webhooks:write"
    # The header is for every POST and PUT: a key is one request's, whatever the endpoint.
    repeats = method in ("POST", "PUT")
    return Operation(name, method, path, _of_the_workspace(handle), scope, idempotent=repeats)


def _of_the_workspace(handle: Handler) -> Handler:
    """Webhooks are the workspace's: the guide takes no profile here. Refused: INVALID."""

    async def refusing(call: Call, view: AccountView) -> Reply:
        profile = call.header(b"x-profile-id")
        if profile is not None:
            problem = FieldProblem("X-Profile-Id", Flaw.UNSUPPORTED, profile[:100])
            raise Refused(Cause.INVALID, fields=(problem,))
        return await handle(call, view)

    return wraps(handle)(refusing)


OPERATIONS = (
    _operation("listWebhooks", "GET", "/v1/webhooks", list_webhooks),
    _operation("createWebhook", "POST", "/v1/webhooks", create_webhook),
    _operation("listWebhookLogs", "GET", "/v1/webhooks/logs", list_deliveries),
    _operation("updateWebhook", "PUT", "/v1/webhooks/{id}", update_webhook),
    _operation("deleteWebhook", "DELETE", "/v1/webhooks/{id}", delete_webhook),
    _operation("testWebhook", "POST", "/v1/webhooks/{id}/test", try_webhook),
    _operation(
        "replayWebhookDelivery",
        "POST",
        "/v1/webhooks/deliveries/{id}/replay",
        replay_delivery,
    ),
)
