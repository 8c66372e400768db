"""fal's webhooks: one POST to the address that a submission named, when its request is done.

Source: fal.ai/docs/documentation/model-apis/inference/webhooks, as read twice: ten attempts in two
hours, or 31 repeats until the result is forgotten. Nothing is said of a request that was canceled,
so nothing is sent. The pauses between attempts are an assumption.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from bodydouble.core.account_view import AccountView
from bodydouble.core.clock import SECOND_US
from bodydouble.core.lifecycle import State
from bodydouble.core.links import media_path
from bodydouble.core.signatures.ed25519 import key_pair, signed_lines
from bodydouble.core.webhooks import AccountEvent, Delivery, Headers, VendorWebhooks, Webhook
from bodydouble.core.wire import Call, Reply
from bodydouble.providers.fal.details import ended
from bodydouble.providers.fal.replies import result

DONE = "request.completed"
KEYS = key_pair("fal")
# From a quarter of a minute on, twice as long each time: two hours in all.
_TEN = tuple(14 * 2**turn * SECOND_US for turn in range(9))
_THIRTY_TWO = (116 * SECOND_US,) * 31


def names(event: AccountEvent) -> tuple[str, ...]:
    """One event for a request that is done, nothing for anything else."""
    job = event.job
    done = job is not None and job.state in (State.SUCCEEDED, State.FAILED)
    return (DONE,) if done else ()


def body(event: AccountEvent, name: str, id: str, webhook: Webhook) -> bytes:
    """The result, or the error with which the model or what carries it answered."""
    job = event.job
    assert job is not None, "only requests have events"
    sent: dict[str, Any] = {"request_id": job.id, "gateway_request_id": job.id}
    if job.state is State.SUCCEEDED:
        link = media_path(webhook.links, job.id, "mp4")
        sent |= {"status": "OK", "payload": result(job, link)}
    else:
        status, told = ended(job)
        error = f"Invalid status code: {status}"
        sent |= {"status": "ERROR", "error": error, "payload": told}
    return json.dumps(sent, separators=(",", ":"), ensure_ascii=False).encode()


def headers(webhook: Webhook, delivery: Delivery, at_us: int) -> Headers:
    """What goes with every attempt beside the signature."""
    return (("content-type", "application/json"), ("user-agent", "fal-webhook/1.0"))


def _signed(webhook: Webhook, delivery: Delivery, at_us: int) -> Headers:
    """What the signature is over, in this order, before the body's digest."""
    return (
        ("x-fal-webhook-request-id", delivery.job),
        # Whose request it is; a callback keeps it where other vendors' keep a secret.
        ("x-fal-webhook-user-id", webhook.secret),
        ("x-fal-webhook-timestamp", str(at_us // SECOND_US)),
    )


def waits_us(quirks: Mapping[str, Any]) -> tuple[int, ...]:
    """Pauses between attempts."""
    return _TEN if quirks["fal.webhook_attempts"] == 10 else _THIRTY_TWO


async def jwks(call: Call, view: AccountView) -> Reply:
    """The keys that webhooks are signed with, for everybody."""
    return Reply(200, KEYS.jwks(), (("cache-control", "public, max-age=86400"),))


WEBHOOKS = VendorWebhooks(
    events=(DONE,),
    names=names,
    event_id=lambda draw: draw.uuid4(),
    body=body,
    headers=headers,
    waits_us=waits_us,
    callbacks=True,
    signature=signed_lines(KEYS, "x-fal-webhook-signature", _signed),
)
