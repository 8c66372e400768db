"""What Kling sends to the address of a task: the task itself, in the words of the API that took it.

Source: get-started/callbacks. Every state is told; a secret signs, in Standard Webhooks' headers,
and without one there are none. Attempts after a failure are an assumption.
"""

from __future__ import annotations

import json

from bodydouble.core.chance import Draw
from bodydouble.core.clock import SECOND_US
from bodydouble.core.links import media_path
from bodydouble.core.signatures.signing import standard_webhooks
from bodydouble.core.webhooks import (
    AccountEvent,
    Delivery,
    Headers,
    Signature,
    VendorWebhooks,
    Webhook,
)
from bodydouble.providers.kling.replies import STATES, newer_task, older_task

_FAMILY = standard_webhooks()
_WAITS_US = (SECOND_US, 2 * SECOND_US, 4 * SECOND_US)


def names(event: AccountEvent) -> tuple[str, ...]:
    """One event for each state of a task, called as the newer API calls it."""
    return (STATES[event.job.state],) if event.job is not None else ()


def body(event: AccountEvent, name: str, id: str, webhook: Webhook) -> bytes:
    """The task, without an envelope."""
    job = event.job
    assert job is not None, "only tasks have events"
    shown = older_task if job.submission.operation.startswith("create") else newer_task
    told = shown(job, lambda one: media_path(webhook.links, one.id, "mp4"))
    return json.dumps(told, separators=(",", ":"), ensure_ascii=False).encode()


def event_id(draw: Draw) -> str:
    """A delivery's id: a number, as the page's examples have it."""
    return str(draw.between(10**18, 9 * 10**18))


def _signed(webhook: Webhook, delivery: Delivery, at_us: int) -> Headers:
    return _FAMILY.headers(webhook, delivery, at_us) if webhook.secret else ()


WEBHOOKS = VendorWebhooks(
    events=(),
    names=names,
    event_id=event_id,
    body=body,
    headers=lambda webhook, delivery, at_us: (("content-type", "application/json; charset=utf-8"),),
    waits_us=lambda quirks: _WAITS_US,
    signature=Signature(_signed, _FAMILY.verify),
    callbacks=True,
)
