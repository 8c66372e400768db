"""A project's webhooks: made, listed, changed, dropped, pinged, and given another secret.

Source: google-genai 3.6.1 (`client.webhooks`) and ai.google.dev/api/webhooks. Where they may point
and how many there may be is the core's.
"""

from __future__ import annotations

from typing import Any

from bodydouble.core.account_view import AccountView
from bodydouble.core.clock import DAY_US, iso_s
from bodydouble.core.errors import Cause, Flaw, Refused
from bodydouble.core.signatures.signing import standard_secret
from bodydouble.core.webhooks import Webhook, WebhookStatus
from bodydouble.core.wire import Call, DeferredReply, Reply
from bodydouble.providers.gemini.errors import bad

PAGE_USUAL, PAGE_MAX = 50, 1000
_STATES = {
    WebhookStatus.ACTIVE: "enabled",
    WebhookStatus.PAUSED: "disabled",
    WebhookStatus.FAILING: "disabled_due_to_failed_deliveries",
}
REVOKE_LATER = "revoke_previous_secrets_after_h24"


async def create(call: Call, view: AccountView) -> Reply:
    """Makes a webhook; its secret is shown this once."""
    from bodydouble.providers.gemini.endpoint_requests import NewWebhook, read_webhook

    asked = read_webhook(call, NewWebhook)
    known = [one.secret for one in await view.subscriptions.webhooks()]
    secret = standard_secret(view.draw("webhook secret", view.now_us, *known))
    try:
        webhook = await view.subscriptions.add(
            asked.uri, tuple(asked.subscribed_events), secret, name=asked.name or ""
        )
    except Refused as refused:
        raise _bad_uri(refused) from None
    body = {**_shown(webhook, view), "new_signing_secret": secret}
    return Reply(200, body, secrets=(secret,))


async def listed(call: Call, view: AccountView) -> Reply:
    """A page of webhooks, the oldest first."""
    text = call.query.get("page_size", str(PAGE_USUAL))
    size = int(text) if text.isdecimal() and len(text) < 6 else -1
    token = call.query.get("page_token", "0") or "0"
    if not 0 <= size <= PAGE_MAX:
        raise bad("page_size", Flaw.RANGE, f"Invalid value '{text[:100]}' at 'page_size'", text)
    if not token.isdecimal() or len(token) > 6:
        raise bad("page_token", Flaw.FORMAT, "Invalid value at 'page_token'", token)
    known = await view.subscriptions.webhooks()
    begin, size = int(token), size or PAGE_USUAL
    body: dict[str, Any] = {"webhooks": [_shown(one, view) for one in known[begin : begin + size]]}
    if len(known) > begin + size:
        body["next_page_token"] = str(begin + size)
    return Reply(200, body)


async def read(call: Call, view: AccountView) -> Reply:
    """A webhook."""
    return Reply(200, _shown(await _found(call, view), view))


async def change(call: Call, view: AccountView) -> Reply:
    """Changes any of name, address, events and state that the body has, whatever a mask says."""
    from bodydouble.providers.gemini.endpoint_requests import Changes, read_webhook

    asked = read_webhook(call, Changes)
    webhook = await _found(call, view)
    states = {"enabled": WebhookStatus.ACTIVE, "disabled": WebhookStatus.PAUSED}
    events = asked.subscribed_events
    try:
        webhook = await view.subscriptions.change(
            webhook,
            url=asked.uri,
            events=None if events is None else tuple(events),
            status=states.get(asked.state or ""),
            name=asked.name,
        )
    except Refused as refused:
        raise _bad_uri(refused) from None
    return Reply(200, _shown(webhook, view))


async def remove(call: Call, view: AccountView) -> Reply:
    """Drops a webhook."""
    await view.subscriptions.remove(await _found(call, view))
    return Reply(200, {})


async def ping(call: Call, view: AccountView) -> Reply:
    """Sends an event about nothing, and says no more than that it was asked."""
    webhook = await _found(call, view)
    delivery = await view.subscriptions.test_delivery(webhook, "ping")
    return Reply(200, deferred=DeferredReply(delivery.id, lambda tried: Reply(200, {})))


async def rotate(call: Call, view: AccountView) -> Reply:
    """Another secret; the old one may stay good for a day."""
    from bodydouble.providers.gemini.endpoint_requests import Rotation, read_webhook

    asked = read_webhook(call, Rotation)
    kept_us = DAY_US if asked.revocation_behavior == REVOKE_LATER else 0
    webhook = await _found(call, view)
    secret = standard_secret(view.draw("renewed secret", view.now_us, webhook.id, webhook.secret))
    await view.subscriptions.renew(webhook, secret, old_for_us=kept_us)
    return Reply(200, {"secret": secret}, secrets=(secret,))


async def _found(call: Call, view: AccountView) -> Webhook:
    id = call.params["id"]
    for webhook in await view.subscriptions.webhooks():
        if _id(webhook, view) == id:
            return webhook
    raise Refused(Cause.NOT_FOUND, f"Webhook '{id[:200]}' was not found.")


def _id(webhook: Webhook, view: AccountView) -> str:
    return view.draw("webhook", webhook.id).uuid4()


def _shown(webhook: Webhook, view: AccountView) -> dict[str, Any]:
    secrets: list[dict[str, str]] = [{"truncated_secret": f"whsec_...{webhook.secret[-4:]}"}]
    if webhook.old_secret and view.now_us < webhook.old_until_us:
        old = {"truncated_secret": f"whsec_...{webhook.old_secret[-4:]}"}
        secrets.append({**old, "expire_time": iso_s(webhook.old_until_us)})
    return {
        "id": _id(webhook, view),
        **({"name": webhook.name} if webhook.name else {}),
        "uri": webhook.url,
        "subscribed_events": list(webhook.events),
        "state": _STATES[webhook.status],
        "signing_secrets": secrets,
    }


def _bad_uri(refused: Refused) -> Refused:
    fields = refused.refusal.fields
    return bad("uri", Flaw.FORMAT, f"Invalid URI at 'uri': {fields[0].text if fields else ''}")
