"""What OpenAI's webhooks send when a video is over: a name, an id and nothing of the video itself.

Source: the guide on webhooks (headers, envelope, ids, up to 72 hours of attempts that come less and
less often) and openai 3.57.0 (the names of events).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from bodydouble.core.chance import Draw
from bodydouble.core.clock import MINUTE_US, SECOND_US
from bodydouble.core.lifecycle import State
from bodydouble.core.signatures.signing import standard_webhooks
from bodydouble.core.webhooks import (
    AccountEvent,
    Delivery,
    Registration,
    VendorWebhooks,
    Webhook,
)
from bodydouble.providers.openai_videos.facts import OPENAI

COMPLETED, FAILED = "video.completed", "video.failed"
# Everything that may be subscribed; only the two of videos happen here.
EVENTS = (
    "batch.completed",
    "batch.failed",
    "batch.expired",
    "batch.cancelled",
    "response.completed",
    "response.failed",
    "response.cancelled",
    "response.incomplete",
    "eval.run.succeeded",
    "eval.run.failed",
    "eval.run.canceled",
    "fine_tuning.job.succeeded",
    "fine_tuning.job.failed",
    "fine_tuning.job.cancelled",
    "realtime.call.incoming",
    COMPLETED,
    FAILED,
    "agent.environment.ready",
    "agent.environment.failed",
    "agent.environment.suspended",
    "agent.environment.expired",
    "agent.session.created",
    "agent.session.action_required",
    "agent.session.in_progress",
    "agent.session.idle",
    "agent.session.failed",
    "safety.alert.created",
)
_ENDS = {State.SUCCEEDED: COMPLETED, State.FAILED: FAILED}
# One minute, then twice as long each time; the last attempt is made after 68 hours.
_WAITS_US = tuple(MINUTE_US << doubled for doubled in range(12))


def names(event: AccountEvent) -> tuple[str, ...]:
    """The end of a video has a name; nothing else that happens here has one."""
    if event.job is None or event.quirks.get("openai-videos.wire", OPENAI) != OPENAI:
        return ()
    name = _ENDS.get(event.job.state)
    return (name,) if name else ()


def event_id(draw: Draw) -> str:
    """An event's id; the same on every retry and for every endpoint."""
    return f"evt_{draw.text(32)}"


def body(event: AccountEvent, name: str, id: str, webhook: Webhook) -> bytes:
    """The envelope; of what happened it holds the id alone."""
    about = event.job.id if event.job is not None else f"{name.partition('.')[0]}_abc123"
    sent = {
        "id": id,
        "object": "event",
        "created_at": event.at_us // SECOND_US,
        "type": name,
        "data": {"id": about},
    }
    return json.dumps(sent, separators=(",", ":")).encode()


def headers(webhook: Webhook, delivery: Delivery, at_us: int) -> tuple[tuple[str, str], ...]:
    """What goes with every attempt beside the signature."""
    return (
        ("content-type", "application/json"),
        ("user-agent", "OpenAI/1.0 (+https://platform.openai.com/docs/webhooks)"),
    )


def waits_us(quirks: Mapping[str, Any]) -> tuple[int, ...]:
    """Pauses between attempts."""
    return _WAITS_US


def _registered(url: str, events: Sequence[str]) -> dict[str, Any]:
    return {"name": "receiver", "url": url, "event_types": list(events)}


WEBHOOKS = VendorWebhooks(
    events=EVENTS,
    names=names,
    event_id=event_id,
    body=body,
    headers=headers,
    waits_us=waits_us,
    # A delivery's id is not its event's.
    signature=standard_webhooks(lambda delivery: f"wh_{delivery.event_id.removeprefix('evt_')}"),
    registration=Registration(
        path="/webhook_endpoints",
        body=_registered,
        secret=lambda answer: str(answer["signing_secret"]),
        events=(COMPLETED, FAILED),
    ),
)
