"""What SmartlyQ's webhooks send: event names, bodies, headers and the signature.

Which event belongs to what happened, and nothing of when or to whom. Source: guides/webhooks in its
generation after 2026-08-05 and the OAS of that date; A15, A16 and A28 are the fact sheet's.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from bodydouble.core.chance import Draw
from bodydouble.core.clock import MINUTE_US, iso_s
from bodydouble.core.jobs import Job
from bodydouble.core.keys import Key
from bodydouble.core.lifecycle import State
from bodydouble.core.money.ledger import Account
from bodydouble.core.reasons import Reason
from bodydouble.core.signatures.signing import timed_hex
from bodydouble.core.webhooks import (
    AccountEvent,
    Delivery,
    Registration,
    VendorWebhooks,
    Webhook,
)
from bodydouble.providers.smartlyq.errors import MONEY
from bodydouble.providers.smartlyq.replies import FAILURES, JOB_TYPE, STATES

TEST_EVENT = "webhook.test"
# The published catalogue; only some of these can happen to an account that makes videos.
EVENTS = (
    "post.published",
    "post.partial",
    "post.failed",
    "post.scheduled",
    "post.cancelled",
    "post.recycled",
    "post.external.created",
    "post.external.updated",
    "account.connected",
    "account.disconnected",
    "account.token_expired",
    "comment.received",
    "message.received",
    "message.sent",
    "conversation.started",
    "reaction.received",
    "message.delivered",
    "message.read",
    "message.failed",
    "review.new",
    "review.updated",
    "job.completed",
    "job.failed",
    "balance.low",
    "balance.depleted",
    "key.revoked",
    "wallet.recharge.succeeded",
    "wallet.recharge.failed",
    "account_billing.charged",
    "account_billing.failed",
    "contact.created",
    "contact.updated",
    "contact.tag_added",
    "contact.tag_removed",
    "deal.created",
    "deal.stage_changed",
    "deal.won",
    "deal.lost",
)
# The seed page names one more, which the catalogue of 2026-08-05 and the list of events lack.
SUBSCRIBABLE = (*EVENTS, "chatbot.conversation.ended")
_WAITS_MINUTES = {"4 retries": (2, 4, 8, 16), "5 retries": (2, 4, 8, 16, 32)}
_JOB_EVENTS = {State.SUCCEEDED: "job.completed", State.FAILED: "job.failed"}


def names(event: AccountEvent) -> tuple[str, ...]:
    """What the vendor calls it. A cancelled job has none; a balance has one when it falls."""
    if event.job is not None:
        name = _JOB_EVENTS.get(event.job.state)
        return (name,) if name else ()
    if event.key is not None:
        return ("key.revoked",)
    before, now = event.balance_before, event.account.balance
    if before is None:
        return ()
    low = before >= _threshold(event) > now
    depleted = before > 0 >= now
    return ("balance.low",) * low + ("balance.depleted",) * depleted


def _threshold(event: AccountEvent) -> int:
    return _parsed(event.quirks["smartlyq.balance_low"])


@lru_cache(maxsize=64)
def _parsed(amount: str) -> int:
    return MONEY.parse(amount)


def event_id(draw: Draw) -> str:
    """An event's id; the same on every retry and for every endpoint."""
    return f"evt_{draw.text(24)}"


def body(event: AccountEvent, name: str, id: str, webhook: Webhook) -> bytes:
    """The envelope: id, event, created_at, data. A job's result is not in it (C14)."""
    sent = {
        "id": id,
        "event": name,
        "created_at": iso_s(event.at_us),
        "data": _data(event, name),
    }
    return json.dumps(sent, separators=(",", ":"), ensure_ascii=False).encode()


def _data(event: AccountEvent, name: str) -> dict[str, Any]:
    if event.job is not None:
        return _job_data(event.job)
    if event.key is not None:
        return _key_data(event.key, event.account)
    if name == TEST_EVENT:
        return {}
    data: dict[str, Any] = {"balance": _number(event.account.balance)}
    if name == "balance.low":
        data["threshold"] = _number(_threshold(event))
    return data


def _job_data(job: Job) -> dict[str, Any]:
    data: dict[str, Any] = {"job_id": job.id, "type": JOB_TYPE, "status": STATES[job.state]}
    if job.state is State.FAILED:
        # A string here, an object in the job itself (C16).
        data["error"] = FAILURES[job.reason or Reason.PROVIDER_ERROR][1]
    return data


def _key_data(key: Key, account: Account) -> dict[str, Any]:
    # Names are documented, types are not; keys are numbered and named by nobody here.
    prefix = "sqk_test_" if key.test else "sqk_live_"
    return {"key_id": account.number, "key_prefix": prefix, "name": key.hint}


def _number(amount: int) -> float:
    return float(MONEY.text(amount))


def headers(webhook: Webhook, delivery: Delivery, at_us: int) -> tuple[tuple[str, str], ...]:
    """What goes with every attempt beside the signature."""
    return (
        ("content-type", "application/json"),
        ("user-agent", "SmartlyQ-Webhook/1.0"),
        ("x-smartlyq-event", delivery.event),
        ("x-smartlyq-event-id", delivery.event_id),
    )


def waits_us(quirks: Mapping[str, Any]) -> tuple[int, ...]:
    """Pauses between attempts (A16)."""
    minutes = _WAITS_MINUTES[quirks["smartlyq.webhook_attempts"]]
    return tuple([minute * MINUTE_US for minute in minutes])


REGISTRATION = Registration(
    path="/webhooks",
    body=lambda url, events: {"url": url, "events": list(events)},
    secret=lambda answer: str(answer["data"]["secret"]),
    events=("job.completed", "job.failed"),
)

WEBHOOKS = VendorWebhooks(
    events=SUBSCRIBABLE,
    names=names,
    event_id=event_id,
    body=body,
    headers=headers,
    waits_us=waits_us,
    failures_max=10,
    # Seconds of Unix time (A15). Source: docs.smartlyq.com/guides/webhooks.
    signature=timed_hex("x-smartlyq-signature"),
    registration=REGISTRATION,
)
