"""What Ark says of a task, asked or not: its body, its failures, its callbacks.

Source: volcengine.com/docs/82379/1521309 and the types of volcengine-python-sdk 5.0.54; the codes
of failures are those of volcengine.com/docs/82379/1299023.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from bodydouble.core.clock import SECOND_US
from bodydouble.core.details import Detail, detail_of
from bodydouble.core.errors import Cause
from bodydouble.core.jobs import Job
from bodydouble.core.lifecycle import State
from bodydouble.core.links import media_path
from bodydouble.core.reasons import Reason
from bodydouble.core.webhooks import AccountEvent, Delivery, VendorWebhooks, Webhook

STATES: dict[State, str] = {
    State.QUEUED: "queued",
    State.RUNNING: "running",
    State.SUCCEEDED: "succeeded",
    State.FAILED: "failed",
    State.CANCELED: "cancelled",
}
EXPIRED = "expired"
_OUTPUT = "OutputVideoSensitiveContentDetected"
DETAILS = (
    Detail(Reason.MODERATED, "output", _OUTPUT, "the video was refused"),
    Detail(Reason.MODERATED, "output-policy", f"{_OUTPUT}.PolicyViolation", "a rule forbids it"),
    Detail(
        Reason.MODERATED,
        "output-audio",
        "OutputAudioSensitiveContentDetected",
        "the sound was refused",
    ),
    Detail(
        Cause.MODERATED, "input-text", "InputTextSensitiveContentDetected", "the text was refused"
    ),
    Detail(
        Cause.MODERATED,
        "input-image",
        "InputImageSensitiveContentDetected",
        "a picture was refused",
    ),
    Detail(
        Cause.MODERATED,
        "input-privacy",
        "InputImageSensitiveContentDetected.PrivacyInformation",
        "a picture shows a real person",
    ),
    Detail(
        Cause.MODERATED,
        "input-policy",
        "InputImageSensitiveContentDetected.PolicyViolation",
        "a rule forbids a picture",
    ),
)
_REFUSED = "The request failed because the"
_FAILURES = {
    Reason.PROVIDER_ERROR: ("InternalServiceError", "The video could not be made."),
    Reason.TIMEOUT: ("InternalServiceError", "Making the video took too long."),
    Reason.BAD_INPUT: ("InvalidParameter", "What the task was given could not be used."),
}


def status_of(job: Job) -> str:
    """The vendor's word; a task whose time ran out is called so, whoever waits for it."""
    limit_us = job.deadline_at_us
    if job.state is State.CANCELED and limit_us is not None and job.ended_at_us is not None:
        return EXPIRED if job.ended_at_us >= limit_us else "cancelled"
    return STATES[job.state]


def task_body(job: Job, link: Callable[[str], str]) -> dict[str, Any]:
    """A task as it is; ``link`` makes the address of its ``mp4`` or ``jpg``."""
    extra = job.submission.extra
    body: dict[str, Any] = {
        "id": job.id,
        "model": job.submission.model,
        "status": status_of(job),
        "created_at": job.accepted_at_us // SECOND_US,
        "updated_at": job.updated_at_us // SECOND_US,
        **extra["always"],
    }
    if job.state is State.SUCCEEDED:
        body["content"] = {"video_url": link("mp4")}
        if extra["last"]:
            body["content"]["last_frame_url"] = link("jpg")
        body["usage"] = {"completion_tokens": extra["tokens"], "total_tokens": extra["tokens"]}
        body |= {"seed": job.seed, **extra["shown"]}
    elif job.state is State.FAILED:
        code, message = _failure(job)
        body["error"] = {"code": code, "message": message}
    return body


def _failure(job: Job) -> tuple[str, str]:
    reason = job.reason or Reason.PROVIDER_ERROR
    if reason is not Reason.MODERATED:
        return _FAILURES[reason]
    found = detail_of(DETAILS, reason, job.detail) or detail_of(DETAILS, reason)
    assert found is not None, "moderation has details"
    what = "audio" if "Audio" in found.word else "video"
    return found.word, f"{_REFUSED} output {what} may contain sensitive information."


# Callbacks ---------------------------------------------------------------------------------------


def _names(event: AccountEvent) -> tuple[str, ...]:
    """A task's status is told as it changes, but for a cancel, which its owner made."""
    if event.job is None:
        return ()
    status = status_of(event.job)
    return () if status == "cancelled" else (status,)


def _told(event: AccountEvent, name: str, id: str, webhook: Webhook) -> bytes:
    job = event.job
    assert job is not None, "only tasks have events"
    body = task_body(job, lambda kind: media_path(webhook.links, job.id, kind))
    return json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode()


def _headers(webhook: Webhook, delivery: Delivery, at_us: int) -> tuple[tuple[str, str], ...]:
    return (("content-type", "application/json"),)


WEBHOOKS = VendorWebhooks(
    events=("queued", "running", "succeeded", "failed", EXPIRED),
    names=_names,
    # A callback has no id; this one is for our own log.
    event_id=lambda draw: draw.uuid4(),
    body=_told,
    headers=_headers,
    waits_us=lambda quirks: (5 * SECOND_US,) * 3,
)
