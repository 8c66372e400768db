"""What Gemini's webhooks send when a video is over: an envelope with ids and addresses.

Source: ai.google.dev/gemini-api/docs/webhooks (2026-06-22): Standard Webhooks for a project's own
(static) ones; a token by published keys (RS256) for the address that a request names (dynamic).
Retries go on for 24 hours, less and less often. The claims of a token are an assumption.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from bodydouble.core.account_view import AccountView
from bodydouble.core.chance import ALNUM
from bodydouble.core.clock import SECOND_US, iso_s
from bodydouble.core.jobs import Job
from bodydouble.core.lifecycle import State
from bodydouble.core.signatures.rs256 import rsa_pair, signed_token
from bodydouble.core.signatures.signing import own_or_standing, standard_webhooks
from bodydouble.core.webhooks import (
    AccountEvent,
    Delivery,
    Headers,
    Registration,
    VendorWebhooks,
    Webhook,
)
from bodydouble.core.wire import Call, Reply
from bodydouble.providers.gemini.errors import failure
from bodydouble.providers.gemini.facts import NAME
from bodydouble.providers.gemini.replies import (
    file_id,
    file_uri,
    is_interaction,
    operation_name,
    worded,
)

COMPLETED, FAILED = "interaction.completed", "interaction.failed"
CANCELLED, GENERATED = "interaction.cancelled", "video.generated"
# Everything that may be subscribed; batches and questions of a model do not happen here.
EVENTS = (
    "batch.succeeded",
    "batch.cancelled",
    "batch.expired",
    "batch.failed",
    "interaction.requires_action",
    COMPLETED,
    FAILED,
    CANCELLED,
    GENERATED,
)
_ENDS = {State.SUCCEEDED: COMPLETED, State.FAILED: FAILED, State.CANCELED: CANCELLED}
FAILURES_MAX = 50
_TOKEN_S = 300
# Ten seconds, then twice as long each time: the last attempt is made after 23 hours.
_WAITS_US = tuple((10 << doubled) * SECOND_US for doubled in range(13))


def names(event: AccountEvent) -> tuple[str, ...]:
    """The end of an interaction has a name, and so has a prediction that came to a video."""
    job = event.job
    if job is None or not job.final:
        return ()
    if not is_interaction(job):
        return (GENERATED,) if job.state is State.SUCCEEDED else ()
    return (COMPLETED if worded(job) else _ENDS[job.state],)


def body(event: AccountEvent, name: str, id: str, webhook: Webhook) -> bytes:
    """The envelope, with pointers to what came out."""
    job = event.job
    sent: dict[str, Any] = {
        "type": name,
        "version": "v1",
        "timestamp": iso_s(event.at_us),
        "data": {"id": "sample"} if job is None else _data(job, name),
    }
    if job is not None and "metadata" in job.submission.extra:
        sent["user_metadata"] = job.submission.extra["metadata"]
    return json.dumps(sent, separators=(",", ":"), ensure_ascii=False).encode()


def _data(job: Job, name: str) -> dict[str, Any]:
    if name == GENERATED:
        file = {"output_file_uri": file_uri(job), "file_name": f"files/{file_id(job)}"}
        return {"id": operation_name(job), **file}
    if name == FAILED:
        _, word, message = failure(job)
        return {"id": job.id, "error_code": word, "error_message": message}
    return {"id": job.id}


def headers(webhook: Webhook, delivery: Delivery, at_us: int) -> Headers:
    """What goes with every attempt beside the signature; of a token the id and instant, too."""
    usual = (("content-type", "application/json"), ("user-agent", "Google-Gemini-Webhooks"))
    if not webhook.id.startswith("job:"):
        return usual
    stamp = str(at_us // SECOND_US)
    return (*usual, ("webhook-id", delivery.event_id), ("webhook-timestamp", stamp))


def _claims(webhook: Webhook, delivery: Delivery, at_us: int) -> Mapping[str, Any]:
    at_s = at_us // SECOND_US
    issuer = "https://generativelanguage.googleapis.com"
    return {"iss": issuer, "aud": webhook.url, "iat": at_s, "exp": at_s + _TOKEN_S}


def waits_us(quirks: Mapping[str, Any]) -> tuple[int, ...]:
    """Pauses between attempts."""
    return _WAITS_US


def _registered(url: str, events: Sequence[str]) -> dict[str, Any]:
    return {"name": "receiver", "uri": url, "subscribed_events": list(events)}


async def jwks(call: Call, view: AccountView) -> Reply:
    """The keys that tokens are signed with, for everybody."""
    return Reply(200, rsa_pair(NAME).jwks(), (("cache-control", "public, max-age=3600"),))


WEBHOOKS = VendorWebhooks(
    events=EVENTS,
    names=names,
    event_id=lambda draw: f"msg_{draw.text(27, ALNUM)}",
    body=body,
    headers=headers,
    waits_us=waits_us,
    failures_max=FAILURES_MAX,
    signature=own_or_standing(
        signed_token(NAME, "webhook-signature", _claims), standard_webhooks()
    ),
    registration=Registration(
        path="/webhooks",
        body=_registered,
        secret=lambda answer: str(answer["new_signing_secret"]),
        events=(COMPLETED, FAILED, CANCELLED, GENERATED),
    ),
    callbacks=True,
    own_alone=True,
)
