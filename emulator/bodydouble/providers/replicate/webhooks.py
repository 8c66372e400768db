"""Replicate's webhooks: of one prediction each, signed with the account's one secret.

Source: replicate.com/docs/topics/webhooks/{receive-webhook,verify-webhook}: the body is the
prediction; the last one is tried again for about a minute, the others are sent once.
"""

from __future__ import annotations

import orjson

from bodydouble.core.account_view import AccountView
from bodydouble.core.clock import SECOND_US
from bodydouble.core.lifecycle import State
from bodydouble.core.links import media_path
from bodydouble.core.signatures.signing import standard_secret, standard_webhooks
from bodydouble.core.webhooks import AccountEvent, VendorWebhooks, Webhook
from bodydouble.core.wire import Call, Reply
from bodydouble.providers.replicate.replies import prediction

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
WAITS_US = tuple(seconds * SECOND_US for seconds in (2, 4, 8, 16, 30))


def secret_of(view: AccountView) -> str:
    """The account's signing secret, always the same."""
    return standard_secret(view.draw("webhooks", "default", "secret"))


async def secret(call: Call, view: AccountView) -> Reply:
    """The account's signing secret."""
    key = secret_of(view)
    return Reply(200, {"key": key}, secrets=(key,))


def names(event: AccountEvent) -> tuple[str, ...]:
    """What happened to a prediction; one that ends well has its output before its end."""
    if event.job is None:
        return ()
    early = event.quirks["replicate.start_event"] == "created"
    if event.job.state is State.QUEUED:
        return ("start",) if early else ()
    if event.job.state is State.RUNNING:
        return ("logs",) if early else ("start", "logs")
    ends_well = event.job.state is State.SUCCEEDED
    return ("logs", "output", "completed") if ends_well else ("completed",)


def body(event: AccountEvent, name: str, event_id: str, webhook: Webhook) -> bytes:
    """The prediction as it was then: until the last event it has not ended."""
    job = event.job
    assert job is not None, "there are events of predictions alone"
    link = media_path(webhook.links, job.id, "mp4") if job.state is State.SUCCEEDED else ""
    told = prediction(job, event.at_us, link)
    if job.final and name != "completed":
        told |= {"status": "processing", "completed_at": None, "metrics": {}}
        if name == "logs":
            told["output"] = None
    return orjson.dumps(told)


WEBHOOKS = VendorWebhooks(
    events=("start", "output", "logs", "completed"),
    names=names,
    event_id=lambda draw: f"msg_{draw.text(27, _LETTERS)}",
    body=body,
    headers=lambda webhook, delivery, at_us: (("content-type", "application/json"),),
    waits_us=lambda quirks: WAITS_US,
    once=frozenset(("start", "output", "logs")),
    signature=standard_webhooks(),
    callbacks=True,
)
