"""Leonardo's callback: one address and bearer per key, for the end of every job of that key.

There is no signature, no management and, as far as anybody wrote down, no retry. Sources: fact
sheet section 12; the envelope is the vendor's guide of 2026-01-21, the video event is a production
wrapper's.
"""

from __future__ import annotations

import json
from typing import Any

from bodydouble.core.clock import iso_ms
from bodydouble.core.jobs import Job
from bodydouble.core.lifecycle import State
from bodydouble.core.links import media_path
from bodydouble.core.money.ledger import Account
from bodydouble.core.signatures.signing import bearer
from bodydouble.core.webhooks import AccountEvent, Delivery, VendorWebhooks, Webhook
from bodydouble.providers.leonardo.catalogue import dollars
from bodydouble.providers.leonardo.images import image_ids
from bodydouble.providers.leonardo.replies import IMAGES, STATES, UPSCALE
from bodydouble.providers.leonardo.requests import words_in

# A failed job has the same name; only its status differs.
_EVENTS = {IMAGES: "image_generation.complete", UPSCALE: "post_processing.complete"}
_OBJECTS = {UPSCALE: "generated_image_variation_generic"}
_VIDEO = "video_generation.complete"


def names(event: AccountEvent) -> tuple[str, ...]:
    """One event for the end of a job, nothing for anything else."""
    job = event.job
    if job is None or not job.final:
        return ()
    return (_EVENTS.get(job.submission.operation, _VIDEO),)


def body(event: AccountEvent, name: str, id: str, webhook: Webhook) -> bytes:
    """The envelope with the whole row in it, the callback's own secret included (A23)."""
    job = event.job
    assert job is not None, "only jobs have events"
    sent = {
        "type": name,
        "object": _OBJECTS.get(job.submission.operation, "generation"),
        "timestamp": event.at_us // 1000,
        "api_version": "v1",
        "data": {"object": _row(job, event.account, webhook)},
    }
    return json.dumps(sent, separators=(",", ":"), ensure_ascii=False).encode()


def _row(job: Job, account: Account, webhook: Webhook) -> dict[str, Any]:
    done = job.state is State.SUCCEEDED
    return {
        "id": job.submission.names.get("variation", job.id),
        "createdAt": iso_ms(job.accepted_at_us),
        "updatedAt": iso_ms(job.updated_at_us),
        "userId": account.user_id,
        "public": bool(job.submission.extra.get("public", False)),
        "nsfw": _nsfw(job),
        "flagged": False,
        "status": STATES[job.state],
        "tokenCost": job.submission.price,
        "apiDollarCost": dollars(job.submission.price),
        "prompt": job.submission.prompt or None,
        "apiKey": {"webhookCallbackApiKey": webhook.secret or None},
        "images": [_image(id, job, account, webhook) for id in image_ids(job)] if done else [],
    }


def _image(id: str, job: Job, account: Account, webhook: Webhook) -> dict[str, Any]:
    still = job.submission.operation == IMAGES
    return {
        "id": id,
        "createdAt": iso_ms(job.updated_at_us),
        "generationId": job.id,
        "userId": account.user_id,
        "url": f"{webhook.links}/seeded/{id}.jpg" if still else None,
        "motionMP4URL": None if still else media_path(webhook.links, job.id, "mp4"),
        "motionGIFURL": None,
        "nsfw": _nsfw(job),
        "public": bool(job.submission.extra.get("public", False)),
        "likeCount": 0,
        "trendingScore": 0,
        "teamId": None,
    }


def _nsfw(job: Job) -> bool:
    return bool(words_in(job.submission.prompt, "flagged"))


def headers(webhook: Webhook, delivery: Delivery, at_us: int) -> tuple[tuple[str, str], ...]:
    """The headers of the vendor's sender."""
    return (
        ("accept", "application/json, text/plain, */*"),
        ("content-type", "application/json"),
        ("user-agent", "axios/1.4.0"),
        ("connection", "close"),
    )


WEBHOOKS = VendorWebhooks(
    events=(),
    names=names,
    # The envelope has no id; this one is for our own log.
    event_id=lambda draw: draw.uuid4(),
    body=body,
    headers=headers,
    waits_us=lambda quirks: (),
    # The bearer only where the key was given one.
    # Source: docs.leonardo.ai/docs/guide-to-the-webhook-callback-feature.
    signature=bearer(),
)
