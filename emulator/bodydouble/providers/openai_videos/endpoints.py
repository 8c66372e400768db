"""A project's webhook endpoints: made, listed, changed, dropped, tried, and given another secret.

Source: openai 3.57.0 (`client.webhooks`); where they may point and how many there may be is the
core's.
"""

from __future__ import annotations

from typing import Any

from bodydouble.core.account_view import AccountView
from bodydouble.core.clock import DAY_US, SECOND_US
from bodydouble.core.errors import Cause, Refused
from bodydouble.core.signatures.signing import standard_secret
from bodydouble.core.webhooks import Delivery, Webhook
from bodydouble.core.wire import Call, DeferredReply, Reply
from bodydouble.providers.openai_videos.errors import bad
from bodydouble.providers.openai_videos.events import EVENTS
from bodydouble.providers.openai_videos.operations import only_here
from bodydouble.providers.openai_videos.paging import page_asked, page_said


@only_here
async def create_endpoint(call: Call, view: AccountView) -> Reply:
    """Makes an endpoint; its secret is shown this once."""
    from bodydouble.providers.openai_videos.endpoint_requests import NewEndpoint, read_endpoint

    asked = read_endpoint(call, NewEndpoint)
    secret = _secret(call, view)
    try:
        webhook = await view.subscriptions.add(
            asked.url, tuple(asked.event_types), secret, name=asked.name
        )
    except Refused as refused:
        raise _bad_url(refused) from None
    return _with_secret(webhook, view)


@only_here
async def list_endpoints(call: Call, view: AccountView) -> Reply:
    """A page of endpoints, the newest first."""
    asked = page_asked(call)
    known = list(reversed(await view.subscriptions.webhooks()))
    rows = [_row(webhook, view) for webhook in known]
    begin = 0
    if asked.after:
        ids = [row["id"] for row in rows]
        if asked.after not in ids:
            raise _absent(asked.after)
        begin = ids.index(asked.after) + 1
    shown = rows[begin : begin + asked.limit]
    return page_said(shown, more=bool(shown) and len(rows) > begin + asked.limit)


@only_here
async def read_endpoint(call: Call, view: AccountView) -> Reply:
    """An endpoint."""
    return Reply(200, _row(await _endpoint(call, view), view))


@only_here
async def change_endpoint(call: Call, view: AccountView) -> Reply:
    """Changes any of name, address and events."""
    from bodydouble.providers.openai_videos.endpoint_requests import Changes, read_endpoint

    asked = read_endpoint(call, Changes)
    webhook = await _endpoint(call, view)
    try:
        webhook = await view.subscriptions.change(
            webhook,
            url=asked.url,
            events=None if asked.event_types is None else tuple(asked.event_types),
            name=asked.name,
        )
    except Refused as refused:
        raise _bad_url(refused) from None
    return Reply(200, _row(webhook, view))


@only_here
async def delete_endpoint(call: Call, view: AccountView) -> Reply:
    """Drops an endpoint."""
    webhook = await _endpoint(call, view)
    await view.subscriptions.remove(webhook)
    body = {"id": _id(webhook, view), "deleted": True, "object": "webhook_endpoint.deleted"}
    return Reply(200, body)


@only_here
async def rotate_secret(call: Call, view: AccountView) -> Reply:
    """Another secret; the old one may stay good for a day."""
    from bodydouble.providers.openai_videos.endpoint_requests import Rotation, read_endpoint

    asked = read_endpoint(call, Rotation)
    kept_us = DAY_US if asked.keep_old_secret_active_for_24_hours else 0
    webhook = await _endpoint(call, view)
    secret = _secret(call, view)
    webhook = await view.subscriptions.renew(webhook, secret, old_for_us=kept_us)
    return _with_secret(webhook, view)


@only_here
async def try_endpoint(call: Call, view: AccountView) -> Reply:
    """Sends a sample of an event at once, and tells the status that came back."""
    from bodydouble.providers.openai_videos.endpoint_requests import Trial, read_endpoint

    asked = read_endpoint(call, Trial)
    webhook = await _endpoint(call, view)
    delivery = await view.subscriptions.test_delivery(webhook, asked.event_type)
    id = _id(webhook, view)

    def reply_to(tried: Delivery) -> Reply:
        code = tried.attempts[-1].code
        if code is None:
            message = "The webhook endpoint could not be reached."
            error = {"message": message, "type": "invalid_request_error", "param": None}
            return Reply(400, {"error": {**error, "code": "webhook_endpoint_unreachable"}})
        body = {
            "object": "webhook_endpoint.test",
            "webhook_endpoint_id": id,
            "event_type": asked.event_type,
            "success": True,
            "status_code": code,
        }
        return Reply(200, body)

    return Reply(200, deferred=DeferredReply(delivery.id, reply_to))


@only_here
async def list_event_types(call: Call, view: AccountView) -> Reply:
    """The events that there are."""
    return Reply(200, {"object": "list", "data": list(EVENTS)})


async def _endpoint(call: Call, view: AccountView) -> Webhook:
    id = call.params["webhook_endpoint_id"]
    for webhook in await view.subscriptions.webhooks():
        if _id(webhook, view) == id:
            return webhook
    raise _absent(id)


def _absent(id: str) -> Refused:
    return Refused(Cause.NOT_FOUND, f"Webhook endpoint with id '{id[:200]}' not found.")


def _id(webhook: Webhook, view: AccountView) -> str:
    return f"whe_{view.draw('endpoint', webhook.id).text(32)}"


def _secret(call: Call, view: AccountView) -> str:
    # The draw must differ for each secret ever made, so the request's own id is in it.
    return standard_secret(view.draw("webhook", call.request_id))


def _bad_url(refused: Refused) -> Refused:
    problem = refused.refusal.fields[0]
    return bad("url", "invalid_value", f"Invalid 'url': {problem.text}.")


def _row(webhook: Webhook, view: AccountView) -> dict[str, Any]:
    changed_us = webhook.changed_at_us or webhook.created_at_us
    return {
        "id": _id(webhook, view),
        "object": "webhook_endpoint",
        "created_at": webhook.created_at_us // SECOND_US,
        "updated_at": changed_us // SECOND_US,
        "name": webhook.name,
        "url": webhook.url,
        "event_types": list(webhook.events),
        "signing_secret_hint": f"{webhook.secret[:6]}...{webhook.secret[-4:]}",
    }


def _with_secret(webhook: Webhook, view: AccountView) -> Reply:
    body = {**_row(webhook, view), "signing_secret": webhook.secret}
    return Reply(200, body, secrets=(webhook.secret,))
